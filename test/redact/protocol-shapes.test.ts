import { describe, expect, it } from 'vitest';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { Direction } from '../../src/core/redaction.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { allActions, eventOf, RecordingLog, runStream, SECRET } from './support.ts';

const redactor = createRedactor(allActions('mask'), SECRET);
const TOKEN = 'ghp_' + 'A1b2'.repeat(9);
const MASK = 'REDACTED_secret_github_pat';

function redact(body: unknown, direction: Direction, log = new RecordingLog()): string {
  return redactor.redactDocument(JsonDocument.parse(JSON.stringify(body)), direction, log).text;
}

/** Every occurrence is replaced, and nothing else. */
function masked(body: unknown): string {
  return JSON.stringify(body).replaceAll(TOKEN, MASK);
}

const TO_OPENAI: readonly (readonly [string, object])[] = [
  ...['system', 'developer', 'user', 'assistant', 'tool', 'function', 'critic'].map(
    (role) => [`content of ${role}`, { messages: [{ role, content: `use ${TOKEN}.` }] }] as const,
  ),
  ['the name of a participant', { messages: [{ role: 'user', name: `for ${TOKEN}`, content: '' }] }],
  ['a text part', { messages: [{ role: 'user', content: [{ type: 'text', text: TOKEN }] }] }],
  ['a refusal part', { messages: [{ role: 'assistant', content: [{ type: 'refusal', refusal: TOKEN }] }] }],
  [
    'the address of an image',
    { messages: [{ content: [{ type: 'image_url', image_url: { url: `https://x/?t=${TOKEN}` } }] }] },
  ],
  ['the name of a file', { messages: [{ content: [{ type: 'file', file: { filename: `${TOKEN}.txt` } }] }] }],
  [
    'tool arguments',
    {
      messages: [
        { tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: `{"a":"${TOKEN}"}` } }] },
      ],
    },
  ],
  [
    'custom tool input',
    { messages: [{ tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'f', input: TOKEN } }] }] },
  ],
  ['a function call', { messages: [{ function_call: { name: 'f', arguments: `{"a":"${TOKEN}"}` } }] }],
  [
    'reasoning of an earlier turn',
    { messages: [{ role: 'assistant', reasoning_content: TOKEN, reasoning_details: [{ text: TOKEN }] }] },
  ],
  ['the transcript of an earlier answer', { messages: [{ role: 'assistant', audio: { id: 'a', transcript: TOKEN } }] }],
  [
    'descriptions',
    {
      tools: [
        {
          type: 'function',
          function: { name: 'f', description: TOKEN, parameters: { properties: { a: { description: TOKEN } } } },
        },
      ],
    },
  ],
  [
    'a response format',
    {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'n', description: TOKEN, schema: { enum: [TOKEN] } },
      },
    },
  ],
  ['a prediction', { prediction: { type: 'content', content: [{ type: 'text', text: TOKEN }] } }],
  ['stop words', { stop: [`x ${TOKEN}`] }],
  ['a place for searches', { web_search_options: { user_location: { approximate: { city: TOKEN } } } }],
  ['metadata', { metadata: { note: TOKEN } }],
  ['prompts', { prompt: [TOKEN, TOKEN], suffix: TOKEN }],
];

const TO_RESPONSES: readonly (readonly [string, object])[] = [
  ['input', { input: TOKEN, instructions: TOKEN }],
  [
    'variables of a prompt',
    { prompt: { id: 'p', version: '1', variables: { a: TOKEN, b: { type: 'input_text', text: TOKEN } } } },
  ],
  ['input parts', { input: [{ role: 'user', content: [{ type: 'input_text', text: TOKEN }] }] }],
  [
    'output parts',
    {
      input: [
        {
          type: 'message',
          role: 'assistant',
          content: [{ type: 'output_text', text: TOKEN, annotations: [{ title: TOKEN }] }],
        },
      ],
    },
  ],
  ['a function call', { input: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: `{"a":"${TOKEN}"}` }] }],
  ['output of a function', { input: [{ type: 'function_call_output', call_id: 'c', output: TOKEN }] }],
  [
    'output of a function in parts',
    { input: [{ type: 'function_call_output', call_id: 'c', output: [{ type: 'input_text', text: TOKEN }] }] },
  ],
  [
    'a custom tool',
    {
      input: [
        { type: 'custom_tool_call', name: 'f', input: TOKEN },
        { type: 'custom_tool_call_output', output: TOKEN },
      ],
    },
  ],
  [
    'reasoning',
    {
      input: [
        {
          type: 'reasoning',
          summary: [{ type: 'summary_text', text: TOKEN }],
          content: [{ type: 'reasoning_text', text: TOKEN }],
        },
      ],
    },
  ],
  [
    'a local shell',
    {
      input: [
        { type: 'local_shell_call', action: { type: 'exec', command: ['echo', TOKEN], env: { A: TOKEN } } },
        { type: 'local_shell_call_output', output: TOKEN },
      ],
    },
  ],
  [
    'a shell',
    {
      input: [
        { type: 'shell_call', action: { commands: [TOKEN] } },
        { type: 'shell_call_output', output: [{ stdout: TOKEN, stderr: TOKEN }] },
      ],
    },
  ],
  [
    'a patch',
    { input: [{ type: 'apply_patch_call', operation: { type: 'update_file', path: 'a', diff: `+${TOKEN}` } }] },
  ],
  [
    'computer actions',
    {
      input: [
        { type: 'computer_call', action: { type: 'type', text: TOKEN }, pending_safety_checks: [{ message: TOKEN }] },
      ],
    },
  ],
  [
    'searches',
    {
      input: [
        { type: 'web_search_call', action: { type: 'search', query: TOKEN, url: TOKEN } },
        { type: 'file_search_call', queries: [TOKEN], results: [{ text: TOKEN }] },
      ],
    },
  ],
  [
    'code and its logs',
    { input: [{ type: 'code_interpreter_call', code: TOKEN, outputs: [{ type: 'logs', logs: TOKEN }] }] },
  ],
  [
    'a call of a tool server',
    { input: [{ type: 'mcp_call', name: 'f', arguments: `{"a":"${TOKEN}"}`, output: TOKEN, error: TOKEN }] },
  ],
  [
    'tools',
    {
      tools: [
        { type: 'function', name: 'f', description: TOKEN },
        { type: 'mcp', server_label: 'l', server_description: TOKEN },
      ],
    },
  ],
  ['a format', { text: { format: { type: 'json_schema', name: 'n', description: TOKEN } } }],
];

const TO_ANTHROPIC: readonly (readonly [string, object])[] = [
  ['system', { system: TOKEN }],
  ['system blocks', { system: [{ type: 'text', text: TOKEN, cache_control: { type: 'ephemeral' } }] }],
  ['content', { messages: [{ role: 'user', content: TOKEN }] }],
  [
    'tool input',
    {
      messages: [
        { content: [{ type: 'tool_use', id: 't', name: 'f', input: { a: [TOKEN], name: TOKEN, id: TOKEN } }] },
      ],
    },
  ],
  ['tool results', { messages: [{ content: [{ type: 'tool_result', tool_use_id: 't', content: TOKEN }] }] }],
  [
    'tool results in blocks',
    { messages: [{ content: [{ type: 'tool_result', content: [{ type: 'text', text: TOKEN }] }] }] },
  ],
  [
    'documents',
    {
      messages: [
        {
          content: [
            {
              type: 'document',
              title: TOKEN,
              context: TOKEN,
              source: { type: 'text', media_type: 'text/plain', data: TOKEN },
            },
          ],
        },
      ],
    },
  ],
  [
    'search results',
    {
      messages: [
        { content: [{ type: 'search_result', source: TOKEN, title: TOKEN, content: [{ type: 'text', text: TOKEN }] }] },
      ],
    },
  ],
  [
    'citations',
    {
      messages: [{ content: [{ type: 'text', text: '', citations: [{ type: 'char_location', cited_text: TOKEN }] }] }],
    },
  ],
  ['thinking that nobody signed', { messages: [{ content: [{ type: 'thinking', thinking: TOKEN }] }] }],
  [
    'server tools',
    {
      messages: [
        {
          content: [
            { type: 'server_tool_use', input: { query: TOKEN } },
            { type: 'bash_code_execution_tool_result', content: { stdout: TOKEN, stderr: TOKEN } },
          ],
        },
      ],
    },
  ],
  [
    'tools',
    { tools: [{ name: 'f', description: TOKEN, input_schema: { properties: { a: { description: TOKEN } } } }] },
  ],
  ['batches', { requests: [{ custom_id: 'a', params: { messages: [{ content: TOKEN }] } }] }],
];

const FROM: readonly (readonly [string, object])[] = [
  [
    'content, reasoning and refusal',
    { choices: [{ message: { content: TOKEN, reasoning: TOKEN, reasoning_content: TOKEN, refusal: TOKEN } }] },
  ],
  [
    'tool arguments',
    { choices: [{ message: { tool_calls: [{ function: { name: 'f', arguments: `{"a":"${TOKEN}"}` } }] } }] },
  ],
  [
    'annotations',
    { choices: [{ message: { annotations: [{ url_citation: { title: TOKEN, url: `https://x/?t=${TOKEN}` } }] } }] },
  ],
  ['a transcript', { choices: [{ message: { audio: { id: 'a', transcript: TOKEN } } }] }],
  ['completions', { choices: [{ text: TOKEN }] }],
  [
    'items of a response',
    {
      output: [
        {
          type: 'message',
          content: [
            { type: 'output_text', text: TOKEN },
            { type: 'refusal', refusal: TOKEN },
          ],
        },
      ],
      instructions: TOKEN,
    },
  ],
  [
    'tools and input that a response repeats',
    { tools: [{ description: TOKEN }], input: [{ content: TOKEN }], metadata: { a: TOKEN } },
  ],
  [
    'blocks',
    {
      type: 'message',
      content: [
        { type: 'text', text: TOKEN },
        { type: 'tool_use', input: { a: TOKEN } },
        { type: 'thinking', thinking: TOKEN },
      ],
    },
  ],
  [
    'web search results',
    { content: [{ type: 'web_search_tool_result', content: [{ title: TOKEN, url: `https://x/?t=${TOKEN}` }] }] },
  ],
  ['an error', { error: { message: TOKEN, param: null } }],
  [
    'items of a conversation',
    { object: 'list', data: [{ type: 'message', content: [{ type: 'input_text', text: TOKEN }] }] },
  ],
  ['messages of a thread', { data: [{ content: [{ type: 'text', text: { value: TOKEN, annotations: [] } }] }] }],
];

describe('a request is inspected', () => {
  it.each([...TO_OPENAI, ...TO_RESPONSES, ...TO_ANTHROPIC])('in %s', (_name, body) =>
    expect(redact(body, 'request')).toBe(masked(body)),
  );

  it('in member names', () => {
    expect(redact({ messages: [{ content: [{ type: 'tool_use', input: { [TOKEN]: 1 } }] }] }, 'request')).not.toContain(
      TOKEN,
    );
  });
});

describe('a reply is inspected', () => {
  it.each(FROM)('in %s', (_name, body) => expect(redact(body, 'response')).toBe(masked(body)));

  it('in log probabilities, which go where their text has changed', () => {
    const pieces = [TOKEN.slice(0, 9), TOKEN.slice(9)];
    const tokens = pieces.map((token) => ({ token, logprob: -1, bytes: [...Buffer.from(token)], top_logprobs: [] }));
    const text = redact({ choices: [{ message: { content: TOKEN }, logprobs: { content: tokens } }] }, 'response');
    for (const piece of [TOKEN, ...pieces]) expect(text).not.toContain(piece);
    expect(text).toContain(MASK);
  });
});

const CREDENTIALS: readonly (readonly [string, object])[] = [
  ['authorization of a tool server', { tools: [{ type: 'mcp', server_label: 'l', authorization: TOKEN }] }],
  ['headers of a tool server', { tools: [{ type: 'mcp', headers: { Authorization: `Bearer ${TOKEN}` } }] }],
  ['the token of a tool server', { mcp_servers: [{ type: 'url', url: 'https://x', authorization_token: TOKEN }] }],
  ['the token of a repository', { resources: [{ type: 'github_repository', authorization_token: TOKEN }] }],
  ['a token that takes the place of another', { authorization_token: TOKEN }],
  ['a token to keep', { display_name: 'x', auth: { type: 'static_bearer', token: TOKEN } }],
  [
    'tokens to keep and to renew',
    { auth: { type: 'mcp_oauth', access_token: TOKEN, refresh: { token_endpoint_auth: { client_secret: TOKEN } } } },
  ],
];

/** Of the vendors' accounts and of images: whoever asked needs it as it is. */
const ISSUED: readonly (readonly [string, object])[] = [
  ['a key of the account', { object: 'organization.admin_api_key', id: 'key_1', value: TOKEN }],
  [
    'a key of a service account',
    { id: 'svc_1', api_key: { object: 'organization.project.service_account.api_key', value: TOKEN } },
  ],
  ['a secret for a browser', { object: 'chatkit.session', client_secret: TOKEN }],
  ['a secret for signatures', { object: 'webhook_endpoint', signing_secret: TOKEN }],
  ['a secret for a worker', { type: 'work', secret: TOKEN }],
  ['the address of an image', { created: 1, data: [{ url: `https://x.example/a.png?sig=${TOKEN}` }] }],
];

describe('a credential that the provider makes for the app', () => {
  it.each(ISSUED)('is told and stays: %s', (_name, body) => {
    const log = new RecordingLog();
    expect(redact(body, 'response', log)).toBe(JSON.stringify(body));
    expect(log.told.map(({ finding }) => finding.action)).toContain('report');
  });

  it.each([
    { object: 'chat.completion', choices: [{ message: { object: 'chatkit.session', client_secret: TOKEN } }] },
    { object: 'list', data: [{ object: 'organization.admin_api_key', value: TOKEN }] },
    { object: 'chatkit.session', value: TOKEN },
    { object: 'list', created: 1, data: [{ url: `https://x.example/?t=${TOKEN}` }] },
    { created: 1, data: [{ revised_prompt: TOKEN }] },
    { created: 1, output: { data: [{ url: `https://x.example/?t=${TOKEN}` }] } },
  ])('is none anywhere else: %j', (body) => expect(redact(body, 'response')).not.toContain(TOKEN));
});

it('tokens by which a conversation goes on come back as they are', () => {
  const body = {
    turnToken: 'v1_ChdRR2lTYWZ6b0ZPdVJqckVQdzRuc3NBSRIXUUdpU2Fmem9GT3',
    fallback_credit_token: 'aB3dE5fG7hJ9kL1m',
  };
  expect(redact(body, 'response')).toBe(JSON.stringify(body));
  expect(redact({ turnToken: TOKEN, fallback_credit_token: TOKEN }, 'response')).not.toContain(TOKEN);
});

describe('a credential that the provider needs for a tool', () => {
  it.each(CREDENTIALS)('is told and stays: %s', (_name, body) => {
    const log = new RecordingLog();
    expect(redact(body, 'request', log)).toBe(JSON.stringify(body));
    expect(log.told.map(({ finding }) => finding.action)).toContain('report');
    expect(log.rules).toContain('secret.github_pat');
  });

  it.each([
    { tools: [{ type: 'function', authorization: TOKEN }] },
    { messages: [{ type: 'mcp', authorization: TOKEN }] },
    { type: 'mcp', headers: { a: TOKEN } },
    { messages: [{ auth: { token: TOKEN }, content: [{ authorization_token: TOKEN }] }] },
    { tools: [{ type: 'mcp', server_label: 'l', allowed_tools: [`x ${TOKEN}`] }] },
  ])('is none anywhere else: %j', (body) => expect(redact(body, 'request')).not.toContain(TOKEN));
});

describe('a text file in a body', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const text = `Ünïcode 🌍\n${`${TOKEN}\n`.repeat(3)}`;
  const clean = text.replaceAll(TOKEN, MASK);

  it.each([
    [
      'as a data URL',
      (file: string) => ({
        input: [{ content: [{ type: 'input_file', file_data: `data:text/plain;base64,${file}` }] }],
      }),
    ],
    ['as bare base64', (file: string) => ({ messages: [{ content: [{ type: 'file', file: { file_data: file } }] }] })],
  ])('is inspected decoded, %s', (_name, body) => {
    expect(redact(body(base64(text)), 'request')).toBe(JSON.stringify(body(base64(clean))));
    const prose = JSON.stringify(body(base64('Nothing but prose in this file, and enough of it.'.repeat(3))));
    expect(redact(JSON.parse(prose), 'request')).toBe(prose);
  });
});

describe('a file whose base64 is broken', () => {
  const whole = Buffer.from(`first line\n${'and another line\n'.repeat(9)}`).toString('base64');
  const lines = whole.replaceAll(/.{76}/g, '$&\n');
  const BROKEN = ['%', '=', '-', '\n'].map((sign) => `${whole.slice(0, 40)}${sign}${whole.slice(40)}`).concat(lines);
  const dataUrl = (type: string, data: string): string => `data:${type};base64,${data}`;
  const source = (data: string) => ({ type: 'base64', media_type: 'text/plain', data });
  const BODIES: readonly (readonly [string, (data: string) => object])[] = [
    ['a data URL', (data) => ({ input: [{ file_data: dataUrl('application/pdf', data) }] })],
    ['bare', (data) => ({ messages: [{ content: [{ type: 'file', file: { file_data: data } }] }] })],
    ['a picture', (data) => ({ messages: [{ content: [{ image_url: { url: dataUrl('image/png', data) } }] }] })],
    ['a document', (data) => ({ messages: [{ content: [{ type: 'document', source: source(data) }] }] })],
  ];
  const unread = (body: object, direction: 'request' | 'response' = 'request'): readonly string[] => {
    const log = new RecordingLog();
    redact(body, direction, log);
    return log.unread;
  };

  it.each(BODIES)('is told: %s', (_name, body) => {
    for (const data of BROKEN) expect(unread(body(data))).toEqual(['request encoding']);
    for (const data of [whole, whole.replaceAll('=', ''), '']) expect(unread(body(data))).toEqual([]);
  });

  it.each(BODIES)(
    'is read as text where that may pass, and refused where redaction fails closed: %s',
    (_name, body) => {
      const data = `${whole} ${TOKEN}`;
      expect(redact(body(data), 'request')).toBe(JSON.stringify(body(`${whole} ${MASK}`)));
      const closed = createRedactor(allActions('mask', { failure: 'closed' }), SECRET);
      const document = JsonDocument.parse(JSON.stringify(body(data)));
      expect(() => closed.redactDocument(document, 'request', new RecordingLog())).toThrow(/file in it/);
    },
  );

  it('is none where names are the caller’s own, in a reply, or in a field that need not hold one', () => {
    const url = dataUrl('text/plain', BROKEN[0]!);
    expect(unread({ metadata: { url } })).toEqual([]);
    expect(unread({ url }, 'response')).toEqual([]);
    expect(unread({ data: 'data:text/ and more', url: 'https://example.org/' })).toEqual([]);
  });
});

describe('streams of other endpoints', () => {
  const pieces = [`use ${TOKEN.slice(0, 7)}`, TOKEN.slice(7, 20), `${TOKEN.slice(20)} now`];
  const joined = (events: readonly { readonly data: string }[]): string =>
    events.map(({ data }) => /"(?:value|text|delta)":"([^"]*)"/.exec(data)?.[1] ?? '').join('');

  it.each([
    [
      'a thread',
      (text: string) => ({
        id: 'm',
        object: 'thread.message.delta',
        delta: { content: [{ index: 0, type: 'text', text: { value: text } }] },
      }),
    ],
    ['blocks', (text: string) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })],
    ['items', (text: string) => ({ type: 'response.output_text.delta', output_index: 0, delta: text })],
  ])('are recognised by their events: %s', (_name, event) => {
    const log = new RecordingLog();
    const out = runStream(
      redactor,
      'any',
      pieces.map((piece) => eventOf(event(piece))),
      log,
    );
    expect(joined(out)).toBe(`use ${MASK} now`);
    expect(log.unread).toEqual([]);
  });

  it.each([
    ['messages', { type: 'new_event', text: 'g' }],
    ['responses', { type: 'response.output_text.chunk', text: 'g' }],
  ] as const)('of %s that nobody knows the kind of are told', (format, event) => {
    const log = new RecordingLog();
    runStream(redactor, format, [eventOf(event)], log);
    expect(log.unread).toEqual(['response unknown_event']);
  });

  it('of unknown events are told once', () => {
    const log = new RecordingLog();
    const out = runStream(redactor, 'any', [eventOf({ a: TOKEN }), eventOf({ a: 'b' })], log);
    expect(out.map(({ data }) => data)).toEqual([`{"a":"${MASK}"}`, '{"a":"b"}']);
    expect(log.unread).toEqual(['response unknown_event']);
  });
});

describe('a document of text that comes as base64', () => {
  it.each(['text/plain', 'text/csv', 'application/json'])('is inspected as %s', (media_type) => {
    const data = Buffer.from(`first line\n${TOKEN}\nlast line that makes it long enough`).toString('base64');
    const source = { type: 'base64', media_type, data };
    const body = { messages: [{ role: 'user', content: [{ type: 'document', source }] }] };
    const sent = JSON.parse(redact(body, 'request')) as typeof body;
    const text = Buffer.from(sent.messages[0]!.content[0]!.source.data, 'base64').toString();
    expect(text).toBe(`first line\n${MASK}\nlast line that makes it long enough`);
  });
});
