import { describe, expect, it } from 'vitest';
import type { StreamPart } from '../../../src/translate/completion.ts';
import { eventsOf, readStream, sdkBefore, sdkMessage, sse, writeStream } from './support.ts';

const START = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 10, cache_read_input_tokens: 5, cache_creation_input_tokens: 3, output_tokens: 1 },
  },
};
const blockStart = (index: number, content_block: object): object => ({
  type: 'content_block_start',
  index,
  content_block,
});
const delta = (index: number, value: object): object => ({ type: 'content_block_delta', index, delta: value });
const blockStop = (index: number): object => ({ type: 'content_block_stop', index });
const messageDelta = (stop_reason: string | null, usage: object = { output_tokens: 7 }, more: object = {}): object => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence: null, ...more },
  usage,
});
const STOP = { type: 'message_stop' };
const TEXT = blockStart(0, { type: 'text', text: '' });
const textDelta = (text: string, index = 0): object => delta(index, { type: 'text_delta', text });

function kinds(parts: readonly StreamPart[]): string[] {
  return parts.map(({ kind }) => kind);
}

describe('a stream of Anthropic', () => {
  it('is read as its text, usage with the cache in the input, finish and end', () => {
    const parts = readStream(
      sse(
        START,
        TEXT,
        { type: 'ping' },
        textDelta('Good '),
        textDelta('day'),
        blockStop(0),
        messageDelta('end_turn'),
        STOP,
      ),
    );
    const usage = { input: 18, cacheRead: 5, cacheWrite: 3, reasoning: null };
    expect(parts).toEqual([
      { kind: 'start', id: 'msg_1', model: 'claude-sonnet-4-5', createdAt: null },
      { kind: 'usage', usage: { ...usage, output: 1 } },
      { kind: 'block_start', choice: 0, block: { kind: 'text' } },
      { kind: 'ping' },
      { kind: 'delta', choice: 0, text: 'Good ' },
      { kind: 'delta', choice: 0, text: 'day' },
      { kind: 'block_end', choice: 0 },
      { kind: 'usage', usage: { ...usage, output: 7 } },
      { kind: 'finish', choice: 0, finish: { reason: 'stop', stopSequence: null, detail: 'end_turn' } },
      { kind: 'end' },
    ]);
  });

  it('has the arguments of calls as they came, `{}` where none came, and those of the start where no fragment followed', () => {
    const tool = (id: string, input: object = {}): object => ({ type: 'tool_use', id, name: 'find', input });
    const fragment = (index: number, partial_json: string): object =>
      delta(index, { type: 'input_json_delta', partial_json });
    const parts = readStream(
      sse(
        START,
        blockStart(0, tool('a')),
        fragment(0, ''),
        fragment(0, '{"q": '),
        fragment(0, '"x"}'),
        blockStop(0),
        blockStart(1, tool('b')),
        fragment(1, ''),
        blockStop(1),
        blockStart(2, tool('c', { q: 'y' })),
        blockStop(2),
        messageDelta('tool_use'),
        STOP,
      ),
    );
    const texts = parts
      .map((part) => (part.kind === 'delta' ? part.text : part.kind === 'block_start' ? '|' : ''))
      .join('');
    expect(texts).toBe('|{"q": "x"}|{}|{"q":"y"}');
    expect(parts.at(-2)).toMatchObject({ kind: 'finish', finish: { reason: 'tool_calls' } });
  });

  it('keeps thoughts with their proof, also empty ones, and those that are hidden', () => {
    const parts = readStream(
      sse(
        START,
        blockStart(0, { type: 'thinking', thinking: '', signature: '' }),
        delta(0, { type: 'thinking_delta', thinking: 'Hm' }),
        delta(0, { type: 'signature_delta', signature: 'sig1' }),
        blockStop(0),
        blockStart(1, { type: 'thinking', thinking: '', signature: 'sig2' }),
        blockStop(1),
        blockStart(2, { type: 'redacted_thinking', data: 'xyz' }),
        blockStop(2),
        messageDelta('end_turn'),
        STOP,
      ),
    );
    const told = parts.filter(({ kind }) => ['block_start', 'delta', 'signature'].includes(kind));
    expect(told).toEqual([
      { kind: 'block_start', choice: 0, block: { kind: 'thinking', id: null } },
      { kind: 'delta', choice: 0, text: 'Hm' },
      { kind: 'signature', choice: 0, signature: { wire: 'messages', value: 'sig1' } },
      { kind: 'block_start', choice: 0, block: { kind: 'thinking', id: null } },
      { kind: 'signature', choice: 0, signature: { wire: 'messages', value: 'sig2' } },
      { kind: 'block_start', choice: 0, block: { kind: 'hidden_thinking', data: { wire: 'messages', value: 'xyz' } } },
    ]);
  });

  it("gives blocks of Anthropic's own tools whole, with the input that came in fragments", () => {
    const search = { type: 'server_tool_use', id: 's1', name: 'web_search', input: {} };
    const found = {
      type: 'web_search_tool_result',
      tool_use_id: 's1',
      content: [{ type: 'web_search_result', url: 'https://a.example' }],
    };
    const parts = readStream(
      sse(
        START,
        blockStart(0, search),
        delta(0, { type: 'input_json_delta', partial_json: '{"query":' }),
        delta(0, { type: 'input_json_delta', partial_json: '"cats"}' }),
        blockStop(0),
        blockStart(1, found),
        blockStop(1),

        blockStart(2, { type: 'compaction', content: null }),
        delta(2, { type: 'compaction_delta', content: 'So far' }),
        blockStop(2),
        messageDelta('pause_turn'),
        STOP,
      ),
    );
    const values = parts.flatMap((part) =>
      part.kind === 'block_start' && part.block.kind === 'foreign' ? [part.block.part.value] : [],
    );
    expect(values).toEqual([{ ...search, input: { query: 'cats' } }, found, { type: 'compaction', content: 'So far' }]);
    expect(parts.at(-2)).toMatchObject({ finish: { reason: 'pause' } });
  });

  it('ends with its error, and says nothing after it', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    const parts = readStream(sse(START, TEXT, textDelta('Go'), error, textDelta('x'), STOP));
    expect(parts.at(-1)).toEqual({
      kind: 'error',
      error: { status: 529, message: 'Overloaded', type: 'overloaded_error' },
    });
  });

  it('has no end where it was cut, but where only the last event is missing', () => {
    expect(kinds(readStream(sse(START, TEXT, textDelta('Go'))))).not.toContain('end');
    expect(
      kinds(readStream(sse(START, TEXT, textDelta('Go'), blockStop(0), messageDelta('end_turn')))).slice(-2),
    ).toEqual(['finish', 'end']);
  });

  it('may begin twice, hold events that nobody knows, and leave out the name of its events', () => {
    const events = [
      START,
      START,
      { type: 'new_thing' },
      TEXT,
      delta(0, { type: 'new_delta', x: 1 }),
      textDelta('Hi'),
      blockStop(0),
    ];
    const bytes = sse(...events, messageDelta('end_turn'), STOP)
      .toString()
      .replaceAll(/^event:.*\n/gm, '');
    expect(kinds(readStream(Buffer.from(bytes)))).toEqual([
      'start',
      'usage',
      'block_start',
      'delta',
      'block_end',
      'usage',
      'finish',
      'end',
    ]);
  });

  it('that is not JSON is an error', () => {
    expect(readStream(Buffer.from('data: oops\n\n')).at(-1)).toMatchObject({ kind: 'error', error: { status: 502 } });
  });

  it.each([
    ['end_turn', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'context_window'],
    ['stop_sequence', 'stop_sequence'],
    ['refusal', 'refusal'],
    ['something_new', 'stop'],
  ])('that stops with %s is finished by %s', (word, reason) => {
    expect(readStream(sse(START, messageDelta(word), STOP)).at(-2)).toMatchObject({ finish: { reason, detail: word } });
  });
});

const WRITTEN_START: StreamPart = { kind: 'start', id: null, model: 'gemini-x', createdAt: 5 };
const open = (block: Extract<StreamPart, { kind: 'block_start' }>['block']): StreamPart => ({
  kind: 'block_start',
  choice: 0,
  block,
});
const say = (text: string): StreamPart => ({ kind: 'delta', choice: 0, text });
const CLOSE: StreamPart = { kind: 'block_end', choice: 0 };
const USAGE: StreamPart = {
  kind: 'usage',
  usage: { input: 18, cacheRead: 5, cacheWrite: 3, output: 9, reasoning: 4 },
};
const END: StreamPart = { kind: 'end' };
const finish = (
  reason: 'stop' | 'tool_calls' | 'stop_sequence' | 'refusal' | 'error',
  more: object = {},
): StreamPart => ({
  kind: 'finish',
  choice: 0,
  finish: { reason, stopSequence: null, detail: null, ...more },
});

describe('a stream for clients of Anthropic', () => {
  it('is a message to the official SDK', async () => {
    const sealed = { wire: 'gemini', value: 'proof' } as const;
    const bytes = writeStream([
      WRITTEN_START,
      open({ kind: 'thinking', id: null }),
      say('Let me '),
      say('see'),
      CLOSE,
      open({ kind: 'thinking', id: null }),
      { kind: 'signature', choice: 0, signature: sealed } as const,
      CLOSE,
      open({ kind: 'text' }),
      say('Good '),
      { kind: 'ping' } as const,
      say('"day"\n'),
      CLOSE,
      open({ kind: 'tool_call', id: 'call_1', name: 'find', isCustom: false }),
      say('{"q":'),
      say('"é"}'),
      CLOSE,
      open({ kind: 'tool_call', id: 'call_2', name: 'now', isCustom: false }),
      say('{}'),
      CLOSE,
      USAGE,
      finish('tool_calls'),
      END,
    ]);
    const message = await sdkMessage(bytes);
    expect(message.content).toEqual([
      { type: 'thinking', thinking: 'Let me see', signature: '' },
      { type: 'thinking', thinking: '', signature: 'sluice:gemini:proof' },
      { type: 'text', text: 'Good "day"\n', citations: null },
      { type: 'tool_use', id: 'call_1', name: 'find', input: { q: 'é' }, caller: { type: 'direct' } },
      { type: 'tool_use', id: 'call_2', name: 'now', input: {}, caller: { type: 'direct' } },
    ]);
    expect(message).toMatchObject({
      id: 'msg_abc123',
      model: 'gemini-x',
      stop_reason: 'tool_use',
      stop_sequence: null,
    });
    expect(message.usage).toMatchObject({
      input_tokens: 10,
      cache_read_input_tokens: 5,
      cache_creation_input_tokens: 3,
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 4 },
    });
  });

  it("has Anthropic's events in Anthropic's order, with indexes without gaps", () => {
    const bytes = writeStream([
      WRITTEN_START,
      USAGE,
      open({ kind: 'text' }),
      CLOSE,
      open({ kind: 'text' }),
      say('a'),
      CLOSE,
      open({ kind: 'tool_call', id: 'c', name: 'f', isCustom: false }),
      CLOSE,
      finish('tool_calls'),
      END,
    ]);
    const told = eventsOf(bytes).map(({ name, data }) => `${name} ${String(data['index'] ?? '')}`.trim());
    expect(told).toEqual([
      'message_start',
      'content_block_start 0',
      'content_block_delta 0',
      'content_block_stop 0',
      'content_block_start 1',
      'content_block_stop 1',
      'message_delta',
      'message_stop',
    ]);
    expect(eventsOf(bytes)[0]?.data).toMatchObject({ message: { usage: { input_tokens: 10, output_tokens: 9 } } });
  });

  it('says at its start what it costs only where that is known by then', () => {
    const bytes = writeStream([WRITTEN_START, open({ kind: 'text' }), say('a'), CLOSE, USAGE, finish('stop'), END]);
    expect(eventsOf(bytes)[0]?.data).toMatchObject({ message: { usage: { input_tokens: 0, output_tokens: 0 } } });
    expect(eventsOf(bytes).at(-2)?.data).toMatchObject({ usage: { input_tokens: 10, output_tokens: 9 } });
  });

  it("gives Anthropic's own blocks as Anthropic does, and leaves out those of others", async () => {
    const search = { type: 'server_tool_use', id: 's1', name: 'web_search', input: { query: 'cats' } };
    const foreign = (wire: 'messages' | 'responses', value: object): StreamPart =>
      open({ kind: 'foreign', part: { kind: 'foreign', wire, type: 'x', value: value as never } });
    const bytes = writeStream([
      WRITTEN_START,
      foreign('responses', { type: 'web_search_call' }),
      CLOSE,
      foreign('messages', search),
      CLOSE,
      open({ kind: 'text' }),
      say('Cats'),
      CLOSE,
      finish('stop'),
      END,
    ]);
    expect(
      eventsOf(bytes)
        .filter(({ data }) => data['index'] === 0)
        .map(({ data }) => data),
    ).toEqual([
      { type: 'content_block_start', index: 0, content_block: { ...search, input: {} } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"query":"cats"}' } },
      { type: 'content_block_stop', index: 0 },
    ]);
    expect((await sdkMessage(bytes)).content).toMatchObject([search, { type: 'text', text: 'Cats' }]);
  });

  it('tells citations, a refusal and the sequence that was met', async () => {
    const citation = {
      url: 'https://a.example',
      title: 'A',
      quote: 'q',
      start: 1,
      end: 2,
      value: {},
      wire: 'chat',
    } as const;
    const cited = await sdkMessage(
      writeStream([
        WRITTEN_START,
        open({ kind: 'text' }),
        say('As A says'),
        { kind: 'citation', choice: 0, citation } as const,
        CLOSE,
        finish('stop_sequence', { stopSequence: 'END' }),
        END,
      ]),
    );
    expect(cited.content).toMatchObject([
      { text: 'As A says', citations: [{ url: 'https://a.example', cited_text: 'q' }] },
    ]);
    expect(cited).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'END' });
    const refused = await sdkMessage(
      writeStream([WRITTEN_START, open({ kind: 'refusal' }), say('No.'), CLOSE, finish('refusal'), END]),
    );
    expect(refused).toMatchObject({
      content: [{ type: 'text', text: 'No.' }],
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', explanation: 'No.' },
    });
  });

  it.each([
    [
      'an error',
      { kind: 'error', error: { status: 429, message: 'Slow down', type: 'insufficient_quota' } },
      'rate_limit_error',
    ],
    ['a broken reply', finish('error', { detail: 'Bad call' }), 'api_error'],
  ] as const)('throws %s to the client of the SDK', async (_, part, type) => {
    const bytes = writeStream([
      WRITTEN_START,
      open({ kind: 'text' }),
      say('a'),
      CLOSE,
      part,
      ...(part.kind === 'finish' ? [END] : []),
    ]);
    expect(eventsOf(bytes).at(-1)).toMatchObject({ name: 'error', data: { type: 'error', error: { type } } });
    await expect(sdkMessage(bytes)).rejects.toThrow(/Slow down|Bad call/);
  });

  it('has nothing of further choices', async () => {
    const other: StreamPart[] = [
      { kind: 'block_start', choice: 1, block: { kind: 'text' } },
      { kind: 'delta', choice: 1, text: 'other' },
    ];
    const bytes = writeStream([
      WRITTEN_START,
      open({ kind: 'text' }),
      ...other,
      say('mine'),
      CLOSE,
      finish('stop'),
      END,
    ]);
    expect((await sdkMessage(bytes)).content).toMatchObject([{ text: 'mine' }]);
  });

  it('of Anthropic itself is the same message to the SDK as the original', async () => {
    const original = sse(
      START,

      blockStart(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Hm' }),
      delta(0, { type: 'signature_delta', signature: 's' }),
      blockStop(0),
      blockStart(1, { type: 'text', text: '', citations: [] }),
      textDelta('By B', 1),
      delta(1, { type: 'citations_delta', citation: { type: 'char_location', cited_text: 'B', document_index: 0 } }),
      blockStop(1),
      messageDelta('end_turn', { output_tokens: 12 }),
      STOP,
    );
    const before = await sdkMessage(original);
    const after = await sdkMessage(writeStream(readStream(original)));
    expect(after.content).toEqual(before.content);
    expect(after.usage).toMatchObject(before.usage);
  });
});

describe('an error reply for clients of Anthropic', () => {
  it('is the error class of the SDK that its status has', async () => {
    const { messagesFormat } = await import('../../../src/translate/messages/format.ts');
    const body = messagesFormat.writeError({
      status: 404,
      message: 'No such model',
      type: 'model_not_found',
    }) as object;
    const call = sdkBefore(body, 404).messages.create({ model: 'x', max_tokens: 1, messages: [] });
    await expect(call).rejects.toMatchObject({ status: 404, type: 'not_found_error' });
  });
});

describe('a server that mixes its blocks', () => {
  const CALL = blockStart(1, { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} });
  const json = (partial_json: string): object => delta(1, { type: 'input_json_delta', partial_json });

  it.each([
    [
      'by turns',
      [START, TEXT, CALL, textDelta('A'), json('{"a":'), textDelta('B'), json('1}'), blockStop(0), blockStop(1)],
    ],
    ['and ends none', [START, TEXT, textDelta('AB'), CALL, json('{"a":1}')]],
    ['and ends them late', [START, TEXT, textDelta('AB'), CALL, json('{"a":1}'), blockStop(1), blockStop(0)]],
  ])('is read by their numbers: %s', async (_, events) => {
    const bytes = writeStream(readStream(sse(...events, messageDelta('tool_use'), STOP)));
    expect((await sdkMessage(bytes)).content).toMatchObject([
      { type: 'text', text: 'AB' },
      { type: 'tool_use', id: 'toolu_1', input: { a: 1 } },
    ]);
  });
});

describe('arguments of a call, as the SDK reads them', () => {
  const called = (isCustom: boolean, ...texts: string[]): StreamPart[] => [
    { kind: 'start', id: 'x', model: 'gpt', createdAt: null },
    { kind: 'block_start', choice: 0, block: { kind: 'tool_call', id: 'call_1', name: 'sql', isCustom } },
    ...texts.map((text): StreamPart => ({ kind: 'delta', choice: 0, text })),
    { kind: 'block_end', choice: 0 },
    { kind: 'finish', choice: 0, finish: { reason: 'tool_calls', stopSequence: null, detail: null } },
    { kind: 'end' },
  ];

  it.each([
    ['free text is a member of an object', true, ['select "a"\n', '\ud83d', '\ude00'], { input: 'select "a"\n😀' }],
    ['free text may be empty', true, [], { input: '' }],
    ['white space alone is no arguments', false, [' ', '\n'], {}],
    ['white space ahead of them goes', false, ['\n ', ' {"x"', ': 1}'], { x: 1 }],
  ])('%s', async (_, isCustom, texts, input) => {
    const message = await sdkMessage(writeStream(called(isCustom, ...texts)));
    expect(message.content).toMatchObject([{ type: 'tool_use', id: 'call_1', name: 'sql', input }]);
  });
});
