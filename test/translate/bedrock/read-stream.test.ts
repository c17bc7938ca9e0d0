import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { awsFraming } from '../../../src/simulator/protocols/aws-frames.ts';
import { bedrockFormat } from '../../../src/translate/bedrock/format.ts';
import { collected, partsOf } from '../provider-support.ts';

type Event = readonly [name: string, data: unknown];

function stream(...events: readonly Event[]): Buffer {
  return Buffer.concat(
    events.map(([name, data]) => awsFraming.frame(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)),
  );
}

function delta(contentBlockIndex: number, value: unknown): Event {
  return ['contentBlockDelta', { contentBlockIndex, delta: value, p: 'abc' }];
}

function stop(contentBlockIndex: number): Event {
  return ['contentBlockStop', { contentBlockIndex }];
}

const START: Event = ['messageStart', { role: 'assistant' }];
const METADATA: Event = [
  'metadata',
  { usage: { inputTokens: 5, outputTokens: 7, totalTokens: 22, cacheReadInputTokens: 8, cacheWriteInputTokens: 2 } },
];
const USAGE = { input: 15, cacheRead: 8, cacheWrite: 2, output: 7, reasoning: null };

function ended(stopReason: string, fields = {}): Event[] {
  return [['messageStop', { stopReason, ...fields }], METADATA];
}

test('text is told as it comes; the end after usage', () => {
  const bytes = stream(START, delta(0, { text: 'Hel' }), delta(0, { text: 'lo' }), stop(0), ...ended('end_turn'));
  expect(partsOf(bedrockFormat, bytes, 10)).toEqual([
    { kind: 'start', id: null, model: null, createdAt: null },
    { kind: 'block_start', choice: 0, block: { kind: 'text' } },
    { kind: 'delta', choice: 0, text: 'Hel' },
    { kind: 'delta', choice: 0, text: 'lo' },
    { kind: 'block_end', choice: 0 },
    { kind: 'finish', choice: 0, finish: { reason: 'stop', stopSequence: null, detail: 'end_turn' } },
    { kind: 'usage', usage: USAGE },
    { kind: 'end' },
  ]);
});

test('reasoning with its signature, hidden reasoning, calls with and without arguments, sources', () => {
  const bytes = stream(
    START,
    delta(0, { reasoningContent: { text: 'Hmm' } }),
    delta(0, { reasoningContent: { signature: 's' } }),
    stop(0),
    delta(1, { reasoningContent: { redactedContent: 'aGk=' } }),
    delta(1, { reasoningContent: { redactedContent: 'IQ==' } }),
    stop(1),
    delta(2, { citation: { title: 'T', source: 'https://a.example', sourceContent: [{ text: 'q' }] } }),
    delta(2, { text: 'So.' }),
    stop(2),
    ['contentBlockStart', { contentBlockIndex: 3, start: { toolUse: { toolUseId: 'a', name: 'f' } } }],
    delta(3, { toolUse: { input: '{"x":' } }),
    delta(3, { toolUse: { input: '1}' } }),
    stop(3),
    ['contentBlockStart', { contentBlockIndex: 4, start: { toolUse: { toolUseId: 'b', name: 'g' } } }],
    stop(4),
    ...ended('tool_use'),
  );
  const { choices } = collected(partsOf(bedrockFormat, bytes));
  expect(choices[0]!.finish.reason).toBe('tool_calls');
  expect(choices[0]!.parts).toMatchObject([
    { kind: 'thinking', text: 'Hmm', signature: { wire: 'bedrock', value: 's' } },
    { kind: 'hidden_thinking', data: { wire: 'bedrock', value: Buffer.from('hi!').toString('base64') } },
    { kind: 'text', text: 'So.', citations: [{ url: 'https://a.example', title: 'T', quote: 'q' }] },
    { kind: 'tool_call', id: 'a', name: 'f', arguments: '{"x":1}' },
    { kind: 'tool_call', id: 'b', name: 'g', arguments: '{}' },
  ]);
});

test.each([
  ['max_tokens', 'length'],
  ['stop_sequence', 'stop_sequence'],
  ['model_context_window_exceeded', 'context_window'],
  ['guardrail_intervened', 'content_filter'],
  ['content_filtered', 'content_filter'],
  ['malformed_tool_use', 'error'],
])('%s is %s', (word, reason) => {
  const fields = { additionalModelResponseFields: { stop_sequence: 'END' } };
  const { choices } = collected(partsOf(bedrockFormat, stream(START, delta(0, { text: 'a' }), ...ended(word, fields))));
  expect(choices[0]!.finish).toEqual({ reason, stopSequence: 'END', detail: word });
});

test('a stream without metadata ends where it stops; one that breaks off has no end', () => {
  const said: Event[] = [START, delta(0, { text: 'a' }), stop(0)];
  expect(partsOf(bedrockFormat, stream(...said, ['messageStop', { stopReason: 'end_turn' }])).at(-1)).toEqual({
    kind: 'end',
  });
  expect(partsOf(bedrockFormat, stream(...said)).at(-1)).toEqual({ kind: 'block_end', choice: 0 });
});

test('an exception is an error, and the last that is told', () => {
  const bytes = stream(
    START,
    delta(0, { text: 'a' }),
    ['throttlingException', { message: 'Slow down.' }],
    delta(0, { text: 'b' }),
  );
  expect(partsOf(bedrockFormat, bytes).at(-1)).toEqual({
    kind: 'error',
    error: { status: 429, message: 'Slow down.', type: 'throttlingException' },
  });
});

test('a whole reply has the same parts as its stream', () => {
  const content = [
    { reasoningContent: { reasoningText: { text: 'Hmm', signature: 's' } } },
    {
      citationsContent: {
        content: [{ text: 'So.' }],
        citations: [{ title: 'T', location: { web: { url: 'https://a.example' } } }],
      },
    },
    { toolUse: { toolUseId: 'a', name: 'f', input: { x: 1 } } },
  ];
  const reply = bedrockFormat.readReply({
    output: { message: { role: 'assistant', content } },
    stopReason: 'tool_use',
    usage: (METADATA[1] as { usage: unknown }).usage,
    serviceTier: { type: 'flex' },
  });
  expect(reply).toMatchObject({ usage: USAGE, serviceTier: 'flex', choices: [{ finish: { reason: 'tool_calls' } }] });
  expect(reply.choices[0]!.parts).toMatchObject([
    { kind: 'thinking', text: 'Hmm', signature: { value: 's' } },
    { kind: 'text', text: 'So.', citations: [{ url: 'https://a.example', title: 'T' }] },
    { kind: 'tool_call', id: 'a', name: 'f', arguments: '{"x":1}' },
  ]);
});

test('what is no reply is refused; errors keep status and message', () => {
  for (const body of [null, [], 'text', {}, { output: {} }])
    expect(() => bedrockFormat.readReply(body)).toThrow('the reply has no message');
  expect(bedrockFormat.readError(400, '{"message":"No."}')).toEqual({ status: 400, message: 'No.', type: null });
  expect(bedrockFormat.readError(502, '<html>').message).toBe('The provider answered with status 502.');
});

test('whatever JSON a provider sends, the reader does not throw', () => {
  const names = fc.constantFrom(
    'messageStart',
    'contentBlockStart',
    'contentBlockDelta',
    'contentBlockStop',
    'messageStop',
    'metadata',
    'new',
  );
  const value = fc.jsonValue({ maxDepth: 1 });
  const data = fc.record({
    contentBlockIndex: value,
    start: fc.record({ toolUse: value }),
    delta: fc.oneof(value, fc.record({ reasoningContent: value, toolUse: value })),
    usage: value,
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(names, fc.oneof(value, data)), { maxLength: 8 }), (events) => {
      const kinds = partsOf(bedrockFormat, stream(...events)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'end' || kind === 'error').length).toBeLessThanOrEqual(1);
    }),
    { seed: 41 },
  );
});
