import { describe, expect, it } from 'vitest';
import { chatFormat } from '../../../src/translate/chat/format.ts';
import type { Conversation, Part } from '../../../src/translate/conversation.ts';
import { EMPTY, written } from '../support/openai.ts';

const PIXEL = 'iVBORw0KGgo=';
const read = (body: object): Conversation => chatFormat.readRequest({ model: 'm', messages: [], ...body });
const say = (...messages: object[]): Conversation => read({ messages });
const again = (body: object): Record<string, unknown> => written(chatFormat, read(body), 'm').body;
const user = (...parts: Part[]): Conversation => ({
  ...EMPTY,
  messages: [{ path: 'messages[0]', role: 'user', name: null, parts }],
});

const CALLS = [
  { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
  { id: 'c2', type: 'custom', custom: { name: 'sql', input: 'select 1' } },
];
const WHOLE = {
  model: 'm',
  messages: [
    { role: 'developer', content: 'Be brief.' },
    { role: 'system', content: 'Be kind.' },
    {
      role: 'user',
      name: 'ann',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}`, detail: 'low' } },
        { type: 'image_url', image_url: { url: 'https://pics.example/a.png' } },
        { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
        { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' } },
        { type: 'file', file: { file_id: 'file-1' } },
      ],
    },
    { role: 'assistant', content: 'Let me see.', tool_calls: CALLS },
    { role: 'tool', tool_call_id: 'c1', content: 'rain' },
    { role: 'tool', tool_call_id: 'c2', content: '1' },
    { role: 'system', content: 'Hurry.' },
    { role: 'assistant', content: null, refusal: 'No.' },
    { role: 'user', content: 'Why?' },
  ],
  tools: [
    { type: 'function', function: { name: 'weather', description: 'W', parameters: { type: 'object' }, strict: true } },
    {
      type: 'custom',
      custom: { name: 'sql', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "a"' } } },
    },
  ],
  tool_choice: { type: 'custom', custom: { name: 'sql' } },
  parallel_tool_calls: false,
  response_format: { type: 'json_schema', json_schema: { name: 'out', schema: { type: 'object' }, strict: true } },
  reasoning_effort: 'low',
  max_completion_tokens: 100,
  temperature: 0.5,
  top_p: 0.9,
  stop: ['END'],
  seed: 7,
  presence_penalty: 0.1,
  frequency_penalty: 0.2,
  logprobs: true,
  top_logprobs: 2,
  n: 2,
  user: 'u1',
  logit_bias: { '50256': -100 },
  store: true,
  metadata: { team: 'a' },
  service_tier: 'flex',
  safety_identifier: 's1',
  prompt_cache_key: 'k1',
  stream: true,
};

describe('a request of a chat client', () => {
  it('says the same when it is written again', () => {
    expect(again(WHOLE)).toEqual({ ...WHOLE, stream_options: { include_usage: true } });
  });

  it('has its instructions ahead, and later ones where they stand', () => {
    const { system, messages } = say(...WHOLE.messages);
    expect(system.map(({ role, text }) => [role, text])).toEqual([
      ['developer', 'Be brief.'],
      ['system', 'Be kind.'],
    ]);
    expect(messages.map(({ path, role }) => [path, role])).toContainEqual(['messages[6]', 'system']);
  });

  it('tells results of custom tools from those of functions', () => {
    const results = say(...WHOLE.messages).messages.flatMap(({ parts }) =>
      parts.filter(({ kind }) => kind === 'tool_result'),
    );
    expect(results).toMatchObject([
      { callId: 'c1', isCustom: false },
      { callId: 'c2', isCustom: true },
    ]);
  });

  it.each([
    ['data:image/png;charset=utf-8;base64,AAAA', { mediaType: 'image/png', data: 'AAAA' }],
    ['DATA:image/PNG;base64,AAAA', { mediaType: 'image/png', data: 'AAAA' }],
    ['data:text/plain,a%20b', { mediaType: 'text/plain', data: 'YSBi' }],
  ])('reads the data of %s', (url, source) => {
    const { messages } = say({ role: 'user', content: [{ type: 'image_url', image_url: { url } }] });
    expect(messages[0]!.parts[0]).toMatchObject({ kind: 'image', source: { kind: 'base64', ...source } });
  });

  it('tells the type of a bare file by its name', () => {
    const file = (filename: string) => ({ type: 'file', file: { file_data: 'AAAA', filename } });
    const { messages } = say({ role: 'user', content: [file('notes.TXT'), file('constructor')] });
    expect(messages[0]!.parts).toMatchObject([
      { source: { mediaType: 'text/plain' } },
      { source: { mediaType: 'application/pdf' } },
    ]);
  });

  it('takes empty arguments for an empty object, and what asks for nothing for absent', () => {
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '' } };
    const { messages } = say({ role: 'assistant', tool_calls: [call] });
    expect(messages[0]!.parts).toMatchObject([{ arguments: '{}' }]);
    const nothing = { n: 1, logprobs: false, presence_penalty: 0, store: false, service_tier: 'auto', metadata: null };
    const { sampling, rest } = read({ ...nothing, response_format: { type: 'text' }, modalities: ['text'] });
    expect(sampling).toEqual(EMPTY.sampling);
    expect([...rest]).toEqual([]);
  });

  it('reads the cache marks of gateways and of OpenAI', () => {
    const { messages } = say({
      role: 'user',
      content: [
        { type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '5m' } },
        { type: 'text', text: 'b', prompt_cache_breakpoint: { mode: 'explicit' } },
      ],
    });
    expect(messages[0]!.parts).toMatchObject([{ cache: { ttl: '5m' } }, { cache: { ttl: null } }]);
  });

  it('keeps what it has no place for by its path', () => {
    const { rest } = read({ messages: [{ role: 'user', content: 'a', extra: { b: 1 } }], functions: [{ name: 'f' }] });
    expect([...rest]).toEqual([
      ['functions', [{ name: 'f' }]],
      ['messages[0].extra', { b: 1 }],
    ]);
  });

  it('reads thoughts that a reply has given, in order', () => {
    const { messages } = say({
      role: 'assistant',
      content: 'Yes',
      reasoning_content: 'Hm',
      thinking_blocks: [
        { type: 'thinking', thinking: 'Hm', signature: 'sluice:messages:s1' },
        { type: 'redacted_thinking', data: 'sluice:messages:d1' },
      ],
    });
    expect(messages[0]!.parts).toMatchObject([
      { kind: 'thinking', text: 'Hm', signature: { wire: 'messages', value: 's1' } },
      { kind: 'hidden_thinking', data: { wire: 'messages', value: 'd1' } },
      { kind: 'text', text: 'Yes' },
    ]);
  });

  it('takes the message of the SDK back as it gave it', () => {
    const message = { role: 'assistant', content: '{}', refusal: null, annotations: [], audio: null, parsed: {} };
    expect([...say(message).rest]).toEqual([]);
  });

  it('reads the old function messages', () => {
    const { messages } = say(
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
      { role: 'function', name: 'f', content: 'done' },
    );
    expect(messages.map(({ parts }) => parts[0])).toMatchObject([
      { kind: 'tool_call', id: 'function_1' },
      { kind: 'tool_result', callId: 'function_1' },
    ]);
  });

  it.each([
    [{ messages: 'hello' }, 'messages'],
    [{ messages: [{ role: 'robot', content: '' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: 7 }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text'],
    [{ messages: [{ role: 'tool', content: 'a' }] }, 'messages[0].tool_call_id'],
    [{ messages: [{ role: 'assistant', tool_calls: [{ id: 'a' }] }] }, 'messages[0].tool_calls[0].function'],
    [{ tools: [{ type: 'function', function: { name: 7 } }] }, 'tools[0].function.name'],
    [{ tool_choice: 'perhaps' }, 'tool_choice'],
    [{ stop: [1] }, 'stop'],
    [{ temperature: 'hot' }, 'temperature'],
    [{ max_tokens: -1 }, 'max_tokens'],
    [{ max_tokens: 1, max_completion_tokens: 1 }, 'max_tokens'],
    [{ top_logprobs: 3 }, 'top_logprobs'],
    [{ response_format: { type: 'json_schema', json_schema: {} } }, 'response_format.json_schema.name'],
    [{ stream: 'yes' }, 'stream'],
    [{ model: null }, 'model'],
  ])('names what is malformed: %j', (body, param) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code: 'invalid_request', details: { param } }));
  });
});

describe('a request to a chat provider', () => {
  it('puts results right behind their calls, and their images behind the last of them', () => {
    const image: Part = {
      kind: 'image',
      source: { kind: 'base64', mediaType: 'image/png', data: PIXEL },
      detail: null,
      cache: null,
    };
    const text = (of: string): Extract<Part, { kind: 'text' }> => ({
      kind: 'text',
      text: of,
      citations: [],
      cache: null,
    });
    const result = (callId: string, ...content: Extract<Part, { kind: 'tool_result' }>['content']): Part => ({
      kind: 'tool_result',
      callId,
      content,
      isError: true,
      isCustom: false,
      cache: null,
    });
    const { body, approximated } = written(
      chatFormat,
      user(text('And?'), result('a', text('1'), image), result('b', text('2'))),
    );
    expect(body['messages']).toEqual([
      { role: 'tool', tool_call_id: 'a', content: '1' },
      { role: 'tool', tool_call_id: 'b', content: '2' },
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } },
          { type: 'text', text: 'And?' },
        ],
      },
    ]);
    expect(approximated).toEqual(['messages[0] (is_error)', 'messages[0] (media of a tool result)']);
  });

  it('brings thoughts back to the server that had them, and to no other', () => {
    const thought = (wire: 'chat' | 'messages', value: string): Part => ({
      kind: 'thinking',
      text: 'Hm',
      signature: { wire, value },
      id: null,
    });
    const of = (...parts: Part[]) =>
      written(chatFormat, { ...user(), messages: [{ path: 'messages[1]', role: 'assistant', name: null, parts }] });
    expect(of(thought('chat', 'reasoning')).body['messages']).toEqual([
      { role: 'assistant', reasoning: 'Hm', content: '' },
    ]);
    const foreign = of(thought('messages', 's1'));
    expect(foreign.body['messages']).toEqual([{ role: 'assistant', content: '' }]);
    expect(foreign.approximated).toEqual(['messages[1] (thinking)']);
  });

  it('tells a document of text as text, with its name and context', () => {
    const source = { kind: 'text', mediaType: 'text/plain', text: 'body' } as const;
    const { body, approximated } = written(
      chatFormat,
      user({ kind: 'file', source, name: 'n', context: 'c', citations: false, cache: null }),
    );
    expect(JSON.stringify(body['messages'])).toMatch(/"n".*"c".*"body"/);
    expect(approximated).toEqual(['messages[0] (document)']);
  });

  it('stands in for a budget with an effort', () => {
    const reasoning = { mode: 'on', effort: null, budgetTokens: 8000, summary: null } as const;
    const { body, approximated } = written(chatFormat, { ...EMPTY, reasoning });
    expect([body['reasoning_effort'], approximated]).toEqual(['medium', ['reasoning_effort']]);
  });

  it('does not say that nothing is to be stored', () => {
    expect(written(chatFormat, { ...EMPTY, rest: new Map([['store', false]]) }).body).not.toHaveProperty('store');
  });

  it('keeps metadata to itself where nothing is stored', () => {
    const { body, approximated } = written(chatFormat, { ...EMPTY, rest: new Map([['metadata', { a: 'b' }]]) });
    expect([body['metadata'], approximated]).toEqual([undefined, ['metadata']]);
  });

  it.each([
    [{ ...EMPTY, sampling: { ...EMPTY.sampling, topK: 5 } }, 'top_k'],
    [{ ...EMPTY, rest: new Map([['previous_response_id', 'r']]) }, 'previous_response_id'],
    [user({ kind: 'image', source: { kind: 'id', id: 'f' }, detail: null, cache: null }), 'messages[0]'],
    [user({ kind: 'foreign', wire: 'messages', type: 'search_result', value: {} }), 'messages[0]'],
    [
      { ...EMPTY, tools: [{ kind: 'foreign', wire: 'messages', type: 'bash', path: 'tools[0]', value: {} }] },
      'tools[0]',
    ],
  ] as [Conversation, string][])('refuses what it has nothing for', (conversation, param) => {
    expect(() => written(chatFormat, conversation)).toThrow(expect.objectContaining({ details: { param } }));
  });
});

describe('a message that openai-agents sends back', () => {
  const thinking_blocks = [{ type: 'thinking', thinking: 'Hm.', signature: 'sluice:messages:c2ln' }];
  const tool_calls = [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{}' } }];
  const repeated = { role: 'assistant', refusal: null, annotations: [], thinking_blocks, tool_calls };

  it('has members of the reply in its text part: they are those of the message, once', () => {
    const { messages, rest } = say({
      role: 'assistant',
      content: [{ type: 'text', text: 'Let me see.', ...repeated }],
      tool_calls,
    });
    expect(messages[0]!.parts.map(({ kind }) => kind)).toEqual(['thinking', 'text', 'tool_call']);
    expect([...rest]).toEqual([]);
  });

  it('keeps what its own members say', () => {
    const { messages } = say({
      role: 'assistant',
      refusal: 'No.',
      content: [{ type: 'text', text: 'x', refusal: 'Other.' }],
    });
    expect(messages[0]!.parts).toContainEqual({ kind: 'refusal', text: 'No.' });
  });
});
