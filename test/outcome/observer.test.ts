import { describe, expect, it } from 'vitest';
import { Exchange } from '../../src/core/exchange.ts';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { Operation } from '../../src/core/operation.ts';
import type { ReplyFacts } from '../../src/core/outcome.ts';
import { SseEvent } from '../../src/core/sse.ts';
import { observerOf } from '../../src/outcome/observer.ts';
import { StreamRelay } from '../../src/stream/relay.ts';
import { dialectOf, UsageMeter } from '../../src/stream/usage-meter.ts';
import { seededRandom, splitAtRandom } from '../support/split-bytes.ts';
import { post, simulator, WEATHER_SCHEMA } from '../simulator/support.ts';

const SCHEMA = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], additionalProperties: false };
const messages = [{ role: 'user', content: 'Hi' }];

const observe = (operation: Operation, body: object, choices = 1) =>
  observerOf(operation, JsonDocument.parse(JSON.stringify(body)), choices)!;

/** What a whole reply comes to. */
function whole(operation: Operation, body: object, reply: unknown, finishReason = 'stop'): ReplyFacts | null {
  const observer = observe(operation, body);
  observer.whole(reply);
  return observer.facts(finishReason);
}

/** The same of a stream: its data, or `[event, data]`. */
function streamed(
  operation: Operation,
  body: object,
  events: readonly (object | string | readonly [string, object])[],
  { finishReason = 'stop', choices = 1 } = {},
): ReplyFacts | null {
  const observer = observe(operation, body, choices);
  for (const event of events) {
    const [name, data] = Array.isArray(event) ? (event as [string, object]) : ['', event];
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    observer.event(new SseEvent(Buffer.from(`${name === '' ? '' : `event: ${name}\n`}data: ${text}\n\n`)));
  }
  return observer.facts(finishReason);
}

const chatReply = (message: object, finish = 'stop') => ({ choices: [{ index: 0, message, finish_reason: finish }] });
const chunk = (delta: object, index = 0) => ({ choices: [{ index, delta, finish_reason: null }] });
const call = (name: string, args: string, index = 0) => ({
  index,
  id: 'c',
  type: 'function',
  function: { name, arguments: args },
});
const chatTools = {
  tools: [
    { type: 'function', function: { name: 'f', parameters: SCHEMA } },
    { type: 'function', function: { name: 'g' } },
  ],
};

describe('endpoints', () => {
  it('without text have nothing to be looked at', () => {
    for (const operation of ['embeddings', 'moderations', 'count_tokens', 'models', 'passthrough'] as const)
      expect(observerOf(operation, JsonDocument.parse('{}'), 1)).toBeNull();
  });

  it('that answer with another form than theirs have no facts', () => {
    for (const operation of ['chat', 'text_completion'] as const)
      for (const reply of [null, 7, 'x', [], {}, { choices: null }]) expect(whole(operation, {}, reply)).toBeNull();
    expect(streamed('chat', {}, ['[DONE]', ': x'])).toBeNull();
  });
});

describe('a thought before the reply', () => {
  const NO = "I'm sorry, but I can't help with that.";
  const told = (text: string, size: number) => {
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g'))!;
    const facts = streamed(
      'chat',
      {},
      pieces.map((content) => chunk({ content })),
    )!;
    expect(facts.outputChars).toBe(text.length);
    return facts.refusal;
  };

  it.each([1, 3, 7, 8, 13, 400, 5000])('is no refusal, whatever is weighed there, in pieces of %i', (size) => {
    const thought = `${NO} But wait. ${'Hm. '.repeat(200)}`;
    expect(told(`<think>${thought}</think>\n\nThe answer is 42.`, size)).toBe(false);
    expect(told(`\n<think>${thought}</think>${NO}`, size)).toBe(true);
    expect(told(`<think></think>${NO}`, size)).toBe(true);
    expect(told(`<think>${NO}`, size)).toBe(false);
  });

  it('is one only, and at the very beginning', () => {
    expect(told(`<think>Hm.</think><think>${NO}</think>Yes.`, 5)).toBe(false);
    expect(told(`${NO} <think>Hm.</think>`, 5)).toBe(true);
    expect(whole('chat', {}, chatReply({ content: `<think>${NO}</think>Yes.` }))!.refusal).toBe(false);
  });
});

describe('a refusal', () => {
  const NO = "I'm sorry, but I can't help with that.";
  it.each<[string, ReplyFacts | null]>([
    ['by its words', whole('chat', {}, chatReply({ content: NO }))],
    ['in the field for it', whole('chat', {}, chatReply({ content: null, refusal: 'No.' }))],
    ['by a filter', whole('chat', {}, chatReply({ content: 'Half a' }, 'content_filter'))],
    [
      'in one of several choices',
      whole(
        'chat',
        {},
        {
          choices: [
            { index: 0, message: { content: 'Yes.' } },
            { index: 1, message: { content: NO } },
          ],
        },
      ),
    ],
    ['in parts', whole('chat', {}, chatReply({ content: [{ type: 'text', text: NO }] }))],
    ['of a completion', whole('text_completion', {}, { choices: [{ index: 0, text: `\n\n${NO}` }] })],
    [
      'of a response',
      whole('responses', {}, { output: [{ type: 'message', content: [{ type: 'refusal', refusal: 'No.' }] }] }),
    ],
    [
      'of a response, in words',
      whole('responses', {}, { output: [{ type: 'message', content: [{ type: 'output_text', text: NO }] }] }),
    ],
    [
      'of a response, by a filter',
      whole('responses', {}, { output: [], incomplete_details: { reason: 'content_filter' } }),
    ],
    ['of a message', whole('messages', {}, { content: [{ type: 'text', text: 'Well' }] }, 'refusal')],
    [
      'in a stream, piece by piece',
      streamed(
        'chat',
        {},
        [...NO].map((content) => chunk({ content })),
      ),
    ],
    [
      'in the field of a stream',
      streamed('chat', {}, [chunk({ content: '', refusal: null }), chunk({ refusal: 'No' })]),
    ],
    [
      'of one choice of a stream',
      streamed('chat', {}, [chunk({ content: 'Yes.' }), chunk({ content: NO }, 1)], { choices: 2 }),
    ],
    ['of a streamed completion', streamed('text_completion', {}, [{ choices: [{ index: 0, text: NO }] }])],
    [
      'of a streamed response',
      streamed('responses', {}, [
        ['response.output_item.done', { output_index: 0, item: { content: [{ type: 'refusal', refusal: 'No' }] } }],
      ]),
    ],
    [
      'of a streamed response without names of events',
      streamed('responses', {}, [
        { type: 'response.incomplete', response: { incomplete_details: { reason: 'content_filter' } } },
      ]),
    ],
    ['of a streamed message', streamed('messages', {}, [['message_start', {}]], { finishReason: 'refusal' })],
  ])('is seen %s', (_where, facts) => {
    expect(facts!.refusal).toBe(true);
  });

  it('is not seen where the reply answers', () => {
    const yes = "Certainly. You may write: I'm sorry, but I can't help with that.";
    expect(whole('chat', {}, chatReply({ content: yes, refusal: null }))!.refusal).toBe(false);
    expect(
      streamed(
        'chat',
        {},
        [...yes].map((content) => chunk({ content })),
      )!.refusal,
    ).toBe(false);
    expect(whole('messages', {}, { content: [{ type: 'text', text: yes }] }, 'end_turn')!.refusal).toBe(false);
  });
});

describe('JSON that was asked for', () => {
  const chatFormat = { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: SCHEMA } } };
  const forms: readonly [string, Operation, object, (text: string) => unknown][] = [
    ['chat', 'chat', chatFormat, (content) => chatReply({ content })],
    [
      'responses',
      'responses',
      { text: { format: { type: 'json_schema', schema: SCHEMA } } },
      (text) => ({ output: [{ content: [{ type: 'output_text', text }] }] }),
    ],
    [
      'messages',
      'messages',
      { output_config: { format: { type: 'json_schema', schema: SCHEMA } } },
      (text) => ({ content: [{ type: 'text', text }] }),
    ],
    [
      'messages of the beta',
      'messages',
      { output_format: { type: 'json_schema', schema: SCHEMA } },
      (text) => ({ content: [{ type: 'text', text }] }),
    ],
  ];

  it.each(forms)('is held to its schema: %s', (_form, operation, body, reply) => {
    const invalid = (text: string) => whole(operation, body, reply(text))!.invalidJson;
    expect(['{"n":1}', ' {"n": 2}\n'].map(invalid)).toEqual([false, false]);
    expect(
      ['{"n":"1"}', '{}', '{"n":1,"x":2}', '{"n":1', '```json\n{"n":1}\n```', '', 'null'].map(invalid),
    ).not.toContain(false);
  });

  it('may be any JSON where there is no schema', () => {
    for (const format of [
      { type: 'json_schema', json_schema: { name: 'a' } },
      { type: 'json_schema', json_schema: { schema: {} } },
    ]) {
      const invalid = (content: string) =>
        whole('chat', { response_format: format }, chatReply({ content }))!.invalidJson;
      expect(['{"x":1}', '[1]', '{"x":'].map(invalid)).toEqual([false, false, true]);
    }
  });

  it('is an object where that is asked for', () => {
    const invalid = (content: string) =>
      whole('chat', { response_format: { type: 'json_object' } }, chatReply({ content }))!.invalidJson;
    expect(['{"x":1}', '{}', '[1]', '"hello"', '7', 'null', '{"x":'].map(invalid)).toEqual([
      false,
      false,
      true,
      true,
      true,
      true,
      true,
    ]);
  });

  it('is not judged where free text was asked for', () => {
    for (const body of [{}, { response_format: null }, { response_format: { type: 'text' } }])
      expect(whole('chat', body, chatReply({ content: 'x' }))!.invalidJson).toBeNull();
  });

  it('is no broken JSON where the model refused in the protocol or called a tool', () => {
    const body = { ...chatFormat, ...chatTools };
    expect(whole('chat', body, chatReply({ content: null, refusal: 'No.' }))!.invalidJson).toBe(false);
    expect(whole('chat', body, chatReply({ content: null, tool_calls: [call('g', '{}')] }))!.invalidJson).toBe(false);
    expect(whole('chat', body, chatReply({ content: "I'm sorry, I can't help." }))).toMatchObject({
      refusal: true,
      invalidJson: true,
    });
  });

  it('is put together from a stream, each choice by itself', () => {
    const pieces = ['{"n"', ':1', '}'].flatMap((content) => [chunk({ content }, 0), chunk({ content }, 1)]);
    expect(streamed('chat', chatFormat, pieces, { choices: 2 })!.invalidJson).toBe(false);
    expect(streamed('chat', chatFormat, [...pieces, chunk({ content: '!' }, 1)], { choices: 2 })!.invalidJson).toBe(
      true,
    );
    const long = {
      type: 'json_schema',
      json_schema: { schema: { properties: { t: { type: 'string', minLength: 5_000 } } } },
    };
    const text = JSON.stringify({ t: 'ä\n"'.repeat(2_000) });
    const cut = text.match(/[^]{1,7}/g)!.map((content) => chunk({ content }));
    expect(streamed('chat', { response_format: long }, cut)!.invalidJson).toBe(false);
  });

  it('is not judged beyond 256 KiB, nor against a schema beyond 64 KiB', () => {
    const content = JSON.stringify({ n: 'x'.repeat(300_000) });
    expect(whole('chat', chatFormat, chatReply({ content }))).toMatchObject({
      invalidJson: null,
      outputChars: content.length,
    });
    const schema = { ...SCHEMA, description: 'x'.repeat(70_000) };
    const body = { response_format: { type: 'json_schema', json_schema: { schema } } };
    expect(whole('chat', body, chatReply({ content: '{' }))!.invalidJson).toBeNull();
  });
});

describe('a tool call', () => {
  const invalid = (name: string, args: string, body: object = chatTools) =>
    whole('chat', body, chatReply({ content: null, tool_calls: [call(name, args)] }))!.invalidToolCall;

  it('is held to the schema of its tool', () => {
    expect([invalid('f', '{"n":1}'), invalid('g', '{"x":1}'), invalid('g', '')]).toEqual([false, false, false]);
    expect([invalid('f', '{"n":"1"}'), invalid('f', '{"n":'), invalid('f', '[]'), invalid('g', '7')]).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it('of a tool that nobody offered is invalid, unless more tools may be found', () => {
    expect(invalid('h', '{}')).toBe(true);
    expect(invalid('h', '{}', { tools: [...chatTools.tools, { type: 'mcp', server_label: 'x' }] })).toBeNull();
  });

  it('is not judged where no tools were offered; none at all is none that is invalid', () => {
    expect(invalid('f', '{', {})).toBeNull();
    expect(invalid('f', '{', { tools: [] })).toBeNull();
    expect(whole('chat', chatTools, chatReply({ content: 'x' }))!.invalidToolCall).toBe(false);
  });

  it('is judged by its syntax where its schema is too large', () => {
    const parameters = { ...SCHEMA, description: 'x'.repeat(70_000) };
    const body = { tools: [{ type: 'function', function: { name: 'f', parameters } }] };
    expect([invalid('f', '{}', body), invalid('f', '{', body)]).toEqual([null, true]);
  });

  it('is read in every form', () => {
    const legacy = { functions: [{ name: 'f', parameters: SCHEMA }] };
    const responses = {
      tools: [{ type: 'namespace', name: 'x', tools: [{ type: 'function', name: 'f', parameters: SCHEMA }] }],
    };
    const anthropic = {
      tools: [
        { name: 'f', input_schema: SCHEMA },
        { type: 'bash_20250124', name: 'bash' },
      ],
    };
    for (const [n, expected] of [
      [1, false],
      ['1', true],
    ] as const) {
      const text = JSON.stringify({ n });
      expect(whole('chat', legacy, chatReply({ function_call: { name: 'f', arguments: text } }))!.invalidToolCall).toBe(
        expected,
      );
      expect(whole('chat', chatTools, chatReply({ tool_calls: [call('f', { n } as never)] }))!.invalidToolCall).toBe(
        expected,
      );
      expect(
        whole('responses', responses, { output: [{ type: 'function_call', name: 'f', arguments: text }] })!
          .invalidToolCall,
      ).toBe(expected);
      expect(
        whole('messages', anthropic, {
          content: [
            { type: 'tool_use', name: 'f', input: { n } },
            { type: 'tool_use', name: 'bash', input: { command: 'ls' } },
            { type: 'mcp_tool_use', name: 'other', input: {} },
          ],
        })!.invalidToolCall,
      ).toBe(expected);
    }
  });

  it('is put together from a stream, calls and choices mixed', () => {
    const pieces = (last: string) => [
      chunk({ tool_calls: [call('f', '')] }),
      chunk({ tool_calls: [{ index: 1, function: { name: 'g', arguments: '{' } }] }),
      chunk({
        tool_calls: [
          { index: 0, function: { arguments: '{"n"' } },
          { index: 1, function: { arguments: '}' } },
        ],
      }),
      chunk({ tool_calls: [{ index: 0, function: { name: 'f', arguments: last } }] }),
    ];
    expect(streamed('chat', chatTools, pieces(':1}'))!.invalidToolCall).toBe(false);
    expect(streamed('chat', chatTools, pieces(':1'))!.invalidToolCall).toBe(true);
    const block = (last: string) =>
      [
        ['message_start', {}],
        ['content_block_start', { index: 1, content_block: { type: 'tool_use', name: 'f', input: {} } }],
        ['content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json: '' } }],
        ['content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json: '{"n"' } }],
        ['content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json: last } }],
      ] as [string, object][];
    const tools = { tools: [{ name: 'f', input_schema: SCHEMA }] };
    expect(streamed('messages', tools, block(':1}'))!.invalidToolCall).toBe(false);
    expect(streamed('messages', tools, block(':"1"}'))!.invalidToolCall).toBe(true);
  });
});

describe('the length of a reply', () => {
  it('is that of its text and arguments, of all choices', () => {
    const reply = {
      choices: [
        { index: 0, message: { content: 'abc' } },
        { index: 1, message: { content: 'de', tool_calls: [call('g', '{}')] } },
      ],
    };
    expect(whole('chat', {}, reply)!.outputChars).toBe(7);
    const long = 'äb\n'.repeat(1_000);
    expect(
      streamed(
        'chat',
        {},
        long.match(/[^]{1,9}/g)!.map((content) => chunk({ content })),
      )!.outputChars,
    ).toBe(3_000);
  });

  it('counts no thinking', () => {
    expect(
      streamed('chat', {}, [
        chunk({ reasoning_content: 'Hmm', content: null, reasoning_details: [{ text: 'Hmm' }] }),
        chunk({ content: 'ok' }),
      ])!.outputChars,
    ).toBe(2);
    const thinking = ['content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking: 'Hmm' } }] as const;
    expect(streamed('messages', {}, [['message_start', {}], thinking])!.outputChars).toBe(0);
  });
});

it('what nests more deeply than can be written is not observed, and fails nothing', () => {
  const input = JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`) as unknown;
  expect(whole('messages', {}, { content: [{ type: 'tool_use', name: 'f', input }] })).toBeNull();
});

/** Replies of the simulator over a socket: buffered, streamed whole, streamed in small pieces. */
async function simulated(operation: Operation, body: object, profile: object): Promise<(ReplyFacts | null)[]> {
  const sim = await simulator({ defaults: profile });
  const path = { chat: '/v1/chat/completions', responses: '/v1/responses', messages: '/v1/messages' }[
    operation as 'chat'
  ];
  const reply = (await (await post(sim, path, { ...body, model: 'm' })).json()) as { stop_reason?: string };
  const bytes = Buffer.from(await (await post(sim, path, { ...body, model: 'm', stream: true })).arrayBuffer());
  return [
    whole(operation, body, reply, reply.stop_reason),
    relayed(operation, body, [bytes]),
    relayed(operation, body, splitAtRandom(bytes, seededRandom(7), 9)),
  ];
}

function relayed(operation: Operation, body: object, chunks: Iterable<Buffer>): ReplyFacts | null {
  const exchange = new Exchange('id', operation, 'openai', 0, 0);
  exchange.observer = observe(operation, body);
  const relay = new StreamRelay(
    [new UsageMeter(exchange, dialectOf(operation), { now: () => 0, wall: () => 0 })],
    1 << 20,
  );
  for (const bytes of chunks) relay.push(bytes);
  relay.finish('end');
  return exchange.observer.facts(exchange.finishReason);
}

const REQUESTS: readonly [Operation, object, object, object][] = [
  [
    'chat',
    { messages },
    { response_format: { type: 'json_schema', json_schema: { name: 'w', schema: WEATHER_SCHEMA } } },
    { tools: [{ type: 'function', function: { name: 'f', parameters: WEATHER_SCHEMA } }] },
  ],
  [
    'responses',
    { input: 'Hi' },
    { text: { format: { type: 'json_schema', name: 'w', schema: WEATHER_SCHEMA } } },
    { tools: [{ type: 'function', name: 'f', parameters: WEATHER_SCHEMA }] },
  ],
  [
    'messages',
    { messages, max_tokens: 500 },
    { output_config: { format: { type: 'json_schema', schema: WEATHER_SCHEMA } } },
    { tools: [{ name: 'f', input_schema: WEATHER_SCHEMA }] },
  ],
];

describe.each(REQUESTS)('replies of the simulator to %s', (operation, body, format, tools) => {
  it('come to the same buffered, streamed and in any pieces', async () => {
    const [buffered, ...others] = await simulated(operation, body, {});
    expect(buffered).toMatchObject({ refusal: false, invalidJson: null, invalidToolCall: null });
    expect(buffered!.outputChars).toBeGreaterThan(20);
    for (const facts of others) expect(facts).toEqual(buffered);
  });

  it('are seen to refuse', async () => {
    for (const facts of await simulated(operation, body, { refusalRate: 1 })) expect(facts!.refusal).toBe(true);
  });

  it('are seen to hold to a schema, and to break it', async () => {
    const asked = { ...body, ...format };
    for (const facts of await simulated(operation, asked, {})) expect(facts!.invalidJson).toBe(false);
    for (const facts of await simulated(operation, asked, { invalidJsonRate: 1 }))
      expect(facts!.invalidJson).toBe(true);
  });

  it('are seen to call tools as they may', async () => {
    for (const facts of await simulated(operation, { ...body, ...tools }, {}))
      expect(facts).toMatchObject({ invalidToolCall: false, refusal: false });
  });
});
