import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonDocument } from '../../src/core/json-document.ts';
import { DETECTORS } from '../../src/redact/detectors/registry.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { allActions, RecordingLog, redactBody, SECRET } from './support.ts';

const redactor = createRedactor(allActions('mask'), SECRET);
const TOKEN = 'ghp_' + 'A1b2'.repeat(9);
const MASK = 'REDACTED_secret_github_pat';

function redactJson(text: string): string {
  return redactor.redactDocument(JsonDocument.parse(text), 'request', new RecordingLog()).text;
}

describe('a request', () => {
  it('is the document that was given where nothing is found', () => {
    const document = JsonDocument.parse('{"messages":[{"role":"user","content":"h\\u0069 \\/ there"}]}');
    expect(redactor.redactDocument(document, 'request', new RecordingLog())).toBe(document);
  });

  it.each([
    ['system', { messages: [{ role: 'system', content: TOKEN }] }],
    [
      'an assistant turn of the history',
      { messages: [{ role: 'assistant', content: [{ type: 'text', text: TOKEN }] }] },
    ],
    ['a tool result', { messages: [{ role: 'tool', tool_call_id: 'call_1', content: TOKEN }] }],
    [
      'an Anthropic tool result',
      { messages: [{ role: 'user', content: [{ type: 'tool_result', content: [{ type: 'text', text: TOKEN }] }] }] },
    ],
    [
      'tool input',
      { messages: [{ content: [{ type: 'tool_use', id: 'toolu_1', input: { id: TOKEN, name: TOKEN } }] }] },
    ],
    ['a function description', { tools: [{ type: 'function', function: { name: 'f', description: TOKEN } }] }],
    ['a schema', { tools: [{ function: { parameters: { properties: { a: { enum: [TOKEN] } } } } }] }],
    ['Responses input', { input: [{ type: 'message', content: TOKEN }], instructions: TOKEN }],
    ['a prompt', { prompt: [TOKEN, 'x'], suffix: TOKEN }],
    ['metadata', { metadata: { user_id: TOKEN } }],
    ['a user name', { user: TOKEN }],
    ['an unknown field', { some_new_field: { deep: [[TOKEN]] } }],
  ])('is inspected in %s', (_where, body) => {
    const text = JSON.stringify(body);
    expect(redactJson(text)).toBe(text.replaceAll(TOKEN, MASK));
  });

  it('knows by the name of a tool’s field whether a number is one of a person', () => {
    const number = '9434765919'; // a British health service number, and one number in eleven
    expect(redactJson(`{"messages":[{"role":"user","content":"${number}"}]}`)).not.toContain(number);
    const call = { type: 'tool_use', id: 'toolu_1', name: 'f', input: { order: number } };
    const body = JSON.stringify({ messages: [{ content: [call] }] });
    expect(redactJson(body)).toBe(body);
    expect(redactJson(body.replace('"order"', '"nhs"'))).not.toContain(number);
  });

  it('keeps every other byte: spaces, big numbers, escapes, order', () => {
    const text = `{ "n" : 12345678901234567890, "messages":[ {"content":"\\u0061 ${TOKEN}"},{"content":"\\u0062"}] , "x":1e400 }`;
    expect(redactJson(text)).toBe(
      `{ "n" : 12345678901234567890, "messages":[ {"content":"a ${MASK}"},{"content":"\\u0062"}] , "x":1e400 }`,
    );
  });

  it('is judged on what escapes stand for', () => {
    expect(redactJson(`{"content":"${TOKEN.replace('_', '\\u005f')}"}`)).toBe(`{"content":"${MASK}"}`);
    expect(redactJson('{"content":"postgres:\\/\\/a:hunter2@db"}')).toBe(
      '{"content":"postgres://a:REDACTED_secret_url_password@db"}',
    );
  });

  it('is judged on what escapes inside tool arguments stand for, which stay valid JSON', () => {
    const args = `{"a":"\\u0067${TOKEN.slice(1)}","n":[1,${'4111'.repeat(4)}]}`.replace(
      '4111'.repeat(4),
      '4111111111111111',
    );
    const body = { messages: [{ tool_calls: [{ function: { name: 'f', arguments: args } }] }] };
    const redacted = redactBody(redactor, body) as typeof body;
    expect(JSON.parse(redacted.messages[0]!.tool_calls[0]!.function.arguments)).toEqual({
      a: MASK,
      n: [1, 'REDACTED_pii_card'],
    });
  });

  it('takes nothing for a value in names, ids and seals that may be a part of them', () => {
    const number = '4111' + '1111'.repeat(3);
    const seal = `gAAAA${'Ab1+/'.repeat(80)}${number}==`;
    const body = {
      model: number,
      previous_response_id: number,
      tools: [{ type: 'function', name: `f${number}` }],
      messages: [
        { role: 'tool', tool_call_id: number },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: TOKEN, signature: 'c2ln' },
            { type: 'redacted_thinking', data: TOKEN },
            { type: 'reasoning', encrypted_content: seal, thought_signature: seal },
          ],
        },
      ],
    };
    expect(redactBody(redactor, body)).toEqual(body);
  });

  it.each(['status', 'id', 'type', 'object', 'signature', 'model', 'session_id', 'encrypted_content'])(
    'is inspected in %s for what cannot be part of it',
    (field) => {
      expect(redactBody(redactor, { x: { [field]: TOKEN } })).toEqual({ x: { [field]: MASK } });
      const key = [`-----BEGIN ${['PRIVATE', 'KEY'].join(' ')}-----`, 'MIIEvQ9x'.repeat(8)].join('\n');
      expect(redactBody(redactor, { x: { [field]: key } })).toEqual({ x: { [field]: 'REDACTED_secret_private_key' } });
    },
  );

  it('is inspected as text in ids that no protocol gives, and for account numbers in all', () => {
    const card = '4111111111111111';
    const iban = 'DE89370400440532013000';
    expect(redactBody(redactor, { account_id: card, call_id: card })).toEqual({
      account_id: 'REDACTED_pii_card',
      call_id: card,
    });
    expect(redactBody(redactor, { id: iban, status: iban })).toEqual({
      id: 'REDACTED_pii_iban',
      status: 'REDACTED_pii_iban',
    });
  });

  it('is inspected as text in a field for ids that holds more than one word', () => {
    expect(redactBody(redactor, { status: 'mail ada@example.com' })).toEqual({ status: 'mail REDACTED_pii_email' });
  });

  it('inspects thinking that nobody signed', () => {
    expect(redactBody(redactor, { content: [{ type: 'thinking', thinking: TOKEN }] })).toEqual({
      content: [{ type: 'thinking', thinking: MASK }],
    });
  });

  it('skips base64 of media, and only that', () => {
    const payload = `${'iVBORw0KGgo'.repeat(8)}AKIA${'ABCDEFGH23456777'}`;
    const media = [
      { type: 'image_url', image_url: { url: `data:image/png;base64,${payload}` } },
      { type: 'image', source: { type: 'base64', data: payload } },
      { type: 'input_audio', input_audio: { data: payload, format: 'wav' } },
    ];
    expect(redactBody(redactor, { content: media })).toEqual({ content: media });
    expect(redactBody(redactor, { source: { type: 'base64', data: TOKEN } })).toEqual({
      source: { type: 'base64', data: MASK },
    });
    expect(redactBody(redactor, { image_url: { url: `https://x/${TOKEN}` } })).toEqual({
      image_url: { url: `https://x/${MASK}` },
    });
  });

  it('takes a member name for the name of its value', () => {
    const value = 'wJalr/K7M+'.repeat(4);
    expect(redactBody(redactor, { input: { SecretAccessKey: value, other: value } })).toEqual({
      input: { SecretAccessKey: 'REDACTED_secret_aws_secret_key', other: value },
    });
  });

  it.each([
    ['the root', (name: string): object => ({ [name]: 1 })],
    ['an unknown object', (name: string): object => ({ extra_body: { headers: { [name]: 'a' } } })],
    ['a bias', (name: string): object => ({ logit_bias: { [name]: 1 } })],
  ])('is inspected in the member names of %s', (_where, bodyWith) => {
    expect(redactBody(redactor, bodyWith(TOKEN))).toEqual(bodyWith(`${MASK}_0`));
  });

  it('takes a short member name for what it is in a JSON Web Key', () => {
    const parameter = 'A1b2C3d4-_'.repeat(5);
    const key = { kty: 'EC', crv: 'P-256', id: parameter, d: parameter };
    const masked = { ...key, d: 'REDACTED_secret_jwk_private' };
    expect(JSON.parse(redactJson(JSON.stringify({ key })))).toEqual({ key: masked });
    const call = (args: unknown): string =>
      JSON.stringify({ messages: [{ tool_calls: [{ function: { name: 'f', arguments: JSON.stringify(args) } }] }] });
    expect(redactJson(call(key))).toBe(call(masked));
  });

  it('takes a member name in any language for the name of its value', () => {
    const body = { пароль: 'winter', 密码: 'winter', 'mật khẩu': 'winter', погода: 'winter' };
    const mask = 'REDACTED_secret_foreign_assignment';
    const masked = { ...body, пароль: mask, 密码: mask, 'mật khẩu': mask };
    expect(JSON.parse(redactJson(JSON.stringify(body)))).toEqual(masked);
  });

  it('numbers the second of two member names of one value, as their hashes are the same', () => {
    const hashing = createRedactor(allActions('hash'), SECRET);
    const { metadata } = redactBody(hashing, { metadata: { 'A@b.com': 1, 'a@b.com': 2 } }) as { metadata: object };
    const [first, second] = Object.keys(metadata);
    expect(first).toMatch(/^pii_email_h_[0-9a-f]{16}$/);
    expect(second).toBe(`${first}_1`);
  });

  it.each(['\\/', '\\u002f'])('is judged on what %s in JSON text inside a string stands for', (slash) => {
    const url = 'postgres://app:hunter2@db/x';
    const result = `\n{"url":"${url.replaceAll('/', slash)}","n":1}`;
    const body = { input: [{ type: 'function_call_output', call_id: 'c', output: result }] };
    const log = new RecordingLog();
    const redacted = redactBody(redactor, body, log) as typeof body;
    expect(JSON.parse(redacted.input[0]!.output)).toEqual({
      url: 'postgres://app:REDACTED_secret_url_password@db/x',
      n: 1,
    });
    expect(log.rules).toEqual(['secret.url_password']);
  });

  it('tells once of what JSON text inside a string shows both as it stands and decoded', () => {
    const log = new RecordingLog();
    const content = JSON.stringify({ a: `x\n${TOKEN}`, b: 'ada@example.com', c: `${TOKEN}\n` });
    expect(redactBody(redactor, { content }, log)).toEqual({
      content: content.replaceAll(TOKEN, MASK).replace('ada@example.com', 'REDACTED_pii_email'),
    });
    expect(log.rules).toEqual(['secret.github_pat', 'pii.email', 'secret.github_pat']);
  });

  it('masks member names of free objects without making two alike', () => {
    const other = TOKEN.replace('A1', 'B2');
    expect(
      Object.keys((redactBody(redactor, { metadata: { [TOKEN]: 1, [other]: 2 } }) as { metadata: object }).metadata),
    ).toEqual([`${MASK}_0`, `${MASK}_1`]);
  });

  it('tells rule and place, never the value', () => {
    const log = new RecordingLog();
    redactBody(redactor, { messages: [{ content: 'x' }, { content: [{ text: `a ${TOKEN}` }] }] }, log);
    expect(log.told).toEqual([
      {
        finding: {
          rule: 'secret.github_pat',
          category: 'secrets',
          action: 'mask',
          start: 2,
          end: 42,
          hash: expect.stringMatching(/^[0-9a-f]{16}$/),
        },
        where: 'messages[1].content[0].text',
      },
    ]);
  });
});

describe('the place of a finding', () => {
  it('never holds a member name that is a finding itself', () => {
    const log = new RecordingLog();
    redactBody(redactor, { metadata: { [TOKEN]: { note: TOKEN } } }, log);
    expect(log.told.map(({ where }) => where)).toEqual(['metadata.*', 'metadata.*']);
  });
});

describe('a reply', () => {
  it('loses the log probabilities of a text that changed', () => {
    const tokens = { content: [{ token: 'ghp_', bytes: [1] }] };
    const body = {
      choices: [
        { message: { content: TOKEN }, logprobs: tokens },
        { message: { content: 'hi' }, logprobs: tokens },
      ],
    };
    expect(redactBody(redactor, body)).toEqual({
      choices: [
        { message: { content: MASK }, logprobs: null },
        { message: { content: 'hi' }, logprobs: tokens },
      ],
    });
  });
});

describe('any document', () => {
  const strings = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...DETECTORS.flatMap(({ examples }) => examples.map(({ text }) => text))),
  );
  const values = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      strings,
      fc.integer(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
    ),
  })).value;

  it('stays valid JSON, and redacting it again changes nothing', () => {
    const cases = fc.property(values, (value) => {
      const once = redactJson(JSON.stringify({ value }));
      expect(redactJson(once)).toBe(once);
      expect(() => JSON.parse(once)).not.toThrow();
    });
    fc.assert(cases, { seed: 21, numRuns: 300 });
  });

  it('keeps every string in which nothing is found', () => {
    const cases = fc.property(fc.array(strings, { maxLength: 6 }), (list) => {
      const expected = list.map((text) => redactor.redactText(text, 'request').text);
      expect(redactBody(redactor, { list })).toEqual({
        list: expected.map((text, i) => (text === list[i] ? list[i] : text)),
      });
    });
    fc.assert(cases, { seed: 22, numRuns: 200 });
  });
});
