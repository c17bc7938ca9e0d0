import { describe, expect, it } from 'vitest';
import { DEFAULT_REDACTION } from '../../src/config/redaction.ts';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { RedactionPolicy } from '../../src/core/redaction.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { eventOf, RecordingLog, runStream, SECRET } from './support.ts';

const EMAIL = 'jane.doe@example.com';
const TOKEN = `ghp_${'Ab3'.repeat(12)}`;
const policy: RedactionPolicy = {
  ...DEFAULT_REDACTION,
  categories: { ...DEFAULT_REDACTION.categories, emails: { request: 'placeholder', response: 'allow' } },
};

function exchange(): {
  redactor: ReturnType<ReturnType<typeof createRedactor>['forExchange']>;
  em: string;
  sk: string;
} {
  const redactor = createRedactor(policy, SECRET).forExchange('acme');
  const body = JSON.stringify({ messages: [{ role: 'user', content: `${EMAIL} and ${TOKEN}` }] });
  const { text } = redactor.redactDocument(JsonDocument.parse(body), 'request', new RecordingLog());
  const [em, sk] = text.match(/PII_[A-Z]{2}_[0-9A-Z]{16}/g)!;
  return { redactor, em: em!, sk: sk! };
}

const { redactor, em: EM, sk: SK } = exchange();

function reply(body: unknown): unknown {
  const document = JsonDocument.parseReply(JSON.stringify(body));
  return JSON.parse(redactor.redactDocument(document, 'response', new RecordingLog()).text);
}

/** The body with the values in the place of the placeholders. */
function restored(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body).replaceAll(SK, TOKEN).replaceAll(EM, EMAIL));
}

describe('a secret comes back in what the app is to run', () => {
  it.each([
    [
      'a call of chat',
      { tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: `{"k":"${SK}"}` } }] },
    ],
    ['an old call of chat', { function_call: { name: 'f', arguments: `{"k":"${SK}"}` } }],
    ['a custom call of chat', { tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'f', input: `k ${SK}` } }] }],
    ['a call of Responses', { type: 'function_call', name: 'f', arguments: `{"k":"${SK}"}` }],
    ['a custom call', { type: 'custom_tool_call', name: 'f', input: `k ${SK}` }],
    ['a patch', { type: 'apply_patch_call', operation: { type: 'update_file', path: 'a', diff: `+ k ${SK}` } }],
    ['a shell', { type: 'shell_call', action: { commands: ['ls', `echo ${SK}`] } }],
    ['a local shell', { type: 'local_shell_call', action: { type: 'exec', command: ['echo', SK], env: { K: SK } } }],
    ['a computer', { type: 'computer_call', action: { type: 'type', text: SK } }],
    ['a call of Anthropic', { type: 'tool_use', id: 't', name: 'f', input: { a: SK, list: [{ b: `k ${SK}` }] } }],
  ])('%s', (_what, item) => {
    expect(reply({ output: [item] })).toEqual(restored({ output: [item] }));
  });
});

describe('a secret stays in what is only shown', () => {
  it.each([
    ['a text', { type: 'output_text', text: SK }],
    ['free members of an item', { type: 'message', metadata: { k: SK }, properties: { k: SK }, parameters: { k: SK } }],
    ['the output of a call', { type: 'function_call_output', output: { k: SK } }],
    ['arguments of no call', { type: 'message', arguments: `{"k":"${SK}"}`, input: { k: SK } }],
    ['what the provider ran', { type: 'code_interpreter_call', code: `k = "${SK}"` }],
    ['a search of the provider', { type: 'server_tool_use', name: 'web_search', input: { query: SK } }],
    ['another member of a call', { type: 'custom_tool_call', name: 'f', input: '', status_text: SK }],
  ])('%s', (_what, item) => {
    expect(reply({ output: [item] })).toEqual({ output: [item] });
  });
});

describe('no value comes back in a link', () => {
  it.each([
    ['a citation', { annotations: [{ type: 'url_citation', url: EM, title: 'x' }] }],
    ['a citation without slashes', { annotations: [{ type: 'url_citation', url: `http:${EM}` }] }],
    ['an image', { image_url: { detail: 'low', url: EM } }],
    ['an image by its member', { image_url: EM }],
    ['a list', { urls: [EM] }],
    ['a file', { file_url: EM, fileUri: EM, href: EM, src: EM }],
  ])('%s', (_what, item) => {
    expect(reply({ output: [item] })).toEqual({ output: [item] });
  });

  it('nor in one that is streamed', () => {
    const delta = (url: string) =>
      eventOf({ choices: [{ index: 0, delta: { images: [{ index: 0, image_url: { url } }] } }] });
    const events = EM.split('').map(delta);
    expect(runStream(redactor, 'chat', events).map(({ data }) => data)).toEqual(events.map(({ data }) => data));
  });

  it('but beside it', () => {
    const body = { annotations: [{ url: 'https://ok.com/', title: `of ${EM}` }] };
    expect(reply(body)).toEqual(restored(body));
  });
});

describe('a streamed call', () => {
  it.each([
    ['response.custom_tool_call_input', 'input', `run ${SK} now`],
    ['response.function_call_arguments', 'arguments', JSON.stringify({ k: SK })],
    ['response.apply_patch_call_operation_diff', 'diff', `+ k ${SK}\n`],
    ['response.shell_call_command', 'command', `echo ${SK}`],
  ])('%s gets its value back in each delta and at the end', (type, field, text) => {
    const deltas = text.split('').map((delta) => eventOf({ type: `${type}.delta`, output_index: 0, delta }));
    const done = eventOf({ type: `${type}.done`, output_index: 0, [field]: text });
    const events = runStream(redactor, 'responses', [...deltas, done]).map(
      ({ data }) => JSON.parse(data) as Record<string, string>,
    );
    const streamed = events.filter((event) => event.type!.endsWith('.delta')).map(({ delta }) => delta);
    expect(streamed.join('')).toBe(text.replace(SK, TOKEN));
    expect(events.at(-1)![field]).toBe(text.replace(SK, TOKEN));
  });

  it('of a text keeps the placeholder', () => {
    const deltas = SK.split('').map((delta) => eventOf({ type: 'response.output_text.delta', output_index: 0, delta }));
    const done = eventOf({ type: 'response.output_text.done', output_index: 0, text: SK });
    const events = runStream(redactor, 'responses', [...deltas, done]).map(({ data }) => data);
    expect(events.join('')).not.toContain(TOKEN);
    expect(events.at(-1)).toBe(done.data);
  });
});
