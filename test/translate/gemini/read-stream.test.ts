import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { geminiFormat } from '../../../src/translate/gemini/format.ts';
import { collected, partsOf, sse } from '../provider-support.ts';

const USAGE = {
  promptTokenCount: 7,
  candidatesTokenCount: 5,
  thoughtsTokenCount: 3,
  toolUsePromptTokenCount: 2,
  totalTokenCount: 17,
};

function chunk(parts: readonly unknown[], more: Record<string, unknown> = {}, index = 0): Record<string, unknown> {
  return {
    candidates: [{ content: { role: 'model', parts }, index, ...more }],
    responseId: 'r1',
    modelVersion: 'gemini-x',
  };
}

function read(...chunks: readonly unknown[]): ReturnType<typeof collected> {
  return collected(partsOf(geminiFormat, sse(...chunks)));
}

test('text is told as it comes, its end when the stream is over', () => {
  const stream = sse(chunk([{ text: 'Hel' }]), {
    ...chunk([{ text: 'lo' }], { finishReason: 'STOP' }),
    usageMetadata: USAGE,
  });
  const usage = { input: 9, cacheRead: null, cacheWrite: null, output: 8, reasoning: 3 };
  expect(partsOf(geminiFormat, stream)).toEqual([
    { kind: 'start', id: 'r1', model: 'gemini-x', createdAt: null },
    { kind: 'block_start', choice: 0, block: { kind: 'text' } },
    { kind: 'delta', choice: 0, text: 'Hel' },
    { kind: 'delta', choice: 0, text: 'lo' },
    { kind: 'block_end', choice: 0 },
    { kind: 'finish', choice: 0, finish: { reason: 'stop', stopSequence: null, detail: 'STOP' } },
    { kind: 'usage', usage },
    { kind: 'end' },
  ]);
});

test('the same parts come of every cut of the bytes', () => {
  const stream = sse(
    chunk([{ text: 'Größe 🎈', thought: true }]),
    chunk([{ text: 'a\r\nb ü' }], { finishReason: 'STOP' }),
  );
  const whole = partsOf(geminiFormat, stream);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: stream.length }), (size) => {
      expect(partsOf(geminiFormat, stream, size)).toEqual(whole);
    }),
    { seed: 41 },
  );
});

test('a stream that breaks off before a reason was given has no end', () => {
  const kinds = partsOf(geminiFormat, sse(chunk([{ text: 'Hel' }]))).map(({ kind }) => kind);
  expect(kinds).toEqual(['start', 'block_start', 'delta', 'block_end']);
});

test('STOP after a call, also in a later chunk, ends with tool calls; a limit stays a limit', () => {
  const called = chunk([{ functionCall: { name: 'f', args: { a: 1 } } }]);
  expect(read(called, chunk([{ text: '' }], { finishReason: 'STOP' })).choices[0]!.finish.reason).toBe('tool_calls');
  expect(read(called, chunk([], { finishReason: 'MAX_TOKENS' })).choices[0]!.finish.reason).toBe('length');
});

test('parallel calls keep their order; ids are kept where given, empty where not; no arguments are an empty object', () => {
  const parts = [{ functionCall: { name: 'f', id: 'one', args: { a: [1] } } }, { functionCall: { name: 'g' } }];
  expect(read(chunk(parts, { finishReason: 'STOP' })).choices[0]!.parts).toMatchObject([
    { kind: 'tool_call', id: 'one', name: 'f', arguments: '{"a":[1]}' },
    { kind: 'tool_call', id: '', name: 'g', arguments: '{}' },
  ]);
});

test('arguments in pieces are put together, strings of several pieces too, whether their end is told or not', () => {
  const opened = chunk([{ functionCall: { name: 'f', willContinue: true } }]);
  const piece = (jsonPath: string, value: Record<string, unknown>, willContinue = true): unknown =>
    chunk([{ functionCall: { partialArgs: [{ jsonPath, ...value }], willContinue } }]);
  const pieces = [
    piece('$.list[0].name', { stringValue: 'ap', willContinue: true }),
    piece('$.list[0].name', { stringValue: 'ple' }),
    piece("$['odd key'].__proto__", { boolValue: false }),
    piece('$.list[1]', { nullValue: 'NULL_VALUE' }),
  ];
  const json = '{"list":[{"name":"apple"},null],"odd key":{"__proto__":false}}';
  const told = read(opened, ...pieces, chunk([{ functionCall: {} }], { finishReason: 'STOP' }));
  expect(told.choices[0]!.parts).toMatchObject([{ kind: 'tool_call', name: 'f', arguments: json }]);
  const untold = read(opened, ...pieces, chunk([{ text: '' }], { finishReason: 'STOP' }));
  expect(untold.choices[0]!.parts).toEqual(told.choices[0]!.parts);
});

test.each(['x', '$', '$[0]', '$.a[99999999]', '$.a..b'])(
  'a piece with the path %s is an error of the provider',
  (jsonPath) => {
    const parts = partsOf(
      geminiFormat,
      sse(chunk([{ functionCall: { name: 'f', partialArgs: [{ jsonPath, numberValue: 1 }] } }])),
    );
    expect(parts.at(-1)).toMatchObject({ kind: 'error', error: { status: 502 } });
  },
);

test('thoughts come before the answer, and a signature on a call belongs to the thoughts before it', () => {
  const told = read(
    chunk([{ text: 'Hmm, ', thought: true }]),
    chunk([{ text: 'so.', thought: true }]),
    chunk([{ functionCall: { name: 'f', args: {} }, thoughtSignature: 'c2ln' }], { finishReason: 'STOP' }),
  );
  expect(told.choices[0]!.parts).toMatchObject([
    { kind: 'thinking', text: 'Hmm, so.', signature: { wire: 'gemini', value: 'c2ln' } },
    { kind: 'tool_call', name: 'f' },
  ]);
});

test('a signature on an empty last part is kept as a thought without text', () => {
  const told = read(
    chunk([{ text: 'Yes.' }]),
    chunk([{ text: '', thoughtSignature: 'c2ln' }], { finishReason: 'STOP' }),
  );
  expect(told.choices[0]!.parts).toMatchObject([
    { kind: 'text', text: 'Yes.' },
    { kind: 'thinking', text: '', signature: { wire: 'gemini', value: 'c2ln' } },
  ]);
});

test('several candidates are kept apart', () => {
  const told = read(
    chunk([{ text: 'a' }], {}, 0),
    chunk([{ text: 'b' }], { finishReason: 'STOP' }, 1),
    chunk([{ text: 'c' }], { finishReason: 'MAX_TOKENS' }, 0),
  );
  expect(told.choices.map(({ parts, finish }) => [parts.length, finish.reason])).toEqual([
    [1, 'length'],
    [1, 'stop'],
  ]);
  expect(told.choices[0]!.parts).toMatchObject([{ text: 'ac' }]);
});

test('sources are told once, with their place counted in characters', () => {
  const groundingMetadata = {
    groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }],
    groundingSupports: [{ segment: { startIndex: 7, endIndex: 13, text: 'Wärme' }, groundingChunkIndices: [0] }],
  };
  const told = read(
    chunk([{ text: 'Größe Wärme' }], { groundingMetadata }),
    chunk([{ text: '' }], { groundingMetadata, finishReason: 'STOP' }),
  );
  const [part] = told.choices[0]!.parts;
  expect(part).toMatchObject({
    text: 'Größe Wärme',
    citations: [{ url: 'https://a.example', title: 'A', start: 6, end: 11 }],
  });
  expect(told.choices[0]!.parts).toHaveLength(1);
  expect(part!.kind === 'text' && part!.citations).toHaveLength(1);
});

test('parts of the vendor’s own tools are kept as they are', () => {
  const part = { executableCode: { language: 'PYTHON', code: '1+1' } };
  expect(read(chunk([part], { finishReason: 'STOP' })).choices[0]!.parts).toEqual([
    { kind: 'foreign', wire: 'gemini', type: 'executableCode', value: part },
  ]);
});

test('log probabilities take OpenAI’s form', () => {
  const logprobsResult = {
    chosenCandidates: [{ token: 'ü', logProbability: -0.5 }],
    topCandidates: [{ candidates: [{ token: 'ü', logProbability: -0.5 }, { token: 'u' }] }],
  };
  expect(read(chunk([{ text: 'ü' }], { logprobsResult, finishReason: 'STOP' })).choices[0]!.logprobs).toEqual({
    content: [
      {
        token: 'ü',
        logprob: -0.5,
        bytes: [195, 188],
        top_logprobs: [
          { token: 'ü', logprob: -0.5, bytes: [195, 188] },
          { token: 'u', logprob: 0, bytes: [117] },
        ],
      },
    ],
    refusal: null,
  });
});

test.each([
  ['SAFETY', 'content_filter'],
  ['RECITATION', 'content_filter'],
  ['MAX_TOKENS', 'length'],
  ['MALFORMED_FUNCTION_CALL', 'error'],
  ['SOMETHING_NEW', 'error'],
])('%s of a reply that says nothing is %s', (finishReason, reason) => {
  expect(read(chunk([], { finishReason })).choices[0]!.finish).toEqual({
    reason,
    stopSequence: null,
    detail: finishReason,
  });
});

test.each([
  ['OTHER', 'stop'],
  ['SOMETHING_NEW', 'stop'],
  ['MALFORMED_FUNCTION_CALL', 'error'],
])('%s after a text is %s: what was said counts, unless it is of no use', (finishReason, reason) => {
  const { parts, finish } = read(chunk([{ text: 'Once' }], { finishReason })).choices[0]!;
  expect(parts).toMatchObject([{ kind: 'text', text: 'Once' }]);
  expect(finish.reason).toBe(reason);
});

test('a prompt that was refused is a filtered reply without content', () => {
  const parts = partsOf(geminiFormat, sse({ promptFeedback: { blockReason: 'SAFETY' }, responseId: 'r1' }));
  expect(parts.map(({ kind }) => kind)).toEqual(['start', 'finish', 'end']);
  expect(parts[1]).toMatchObject({ finish: { reason: 'content_filter', detail: 'SAFETY' } });
});

test('a prompt that is refused after a part of the answer ends it as filtered', () => {
  const blocked = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 5 } };
  const parts = partsOf(geminiFormat, sse(chunk([{ text: 'Once' }]), blocked));
  expect(parts.slice(-5)).toMatchObject([
    { kind: 'delta', text: 'Once' },
    { kind: 'block_end' },
    { kind: 'finish', finish: { reason: 'content_filter', detail: 'PROHIBITED_CONTENT' } },
    { kind: 'usage', usage: { input: 5 } },
    { kind: 'end' },
  ]);
});

test('an error inside a stream is the last part, as is an event that is not JSON', () => {
  const error = { error: { code: 503, message: 'Overloaded.', status: 'UNAVAILABLE' } };
  expect(partsOf(geminiFormat, sse(chunk([{ text: 'a' }]), error, chunk([{ text: 'b' }]))).at(-1)).toEqual({
    kind: 'error',
    error: { status: 503, message: 'Overloaded.', type: 'UNAVAILABLE' },
  });
  expect(partsOf(geminiFormat, sse([error])).at(-1)).toMatchObject({
    kind: 'error',
    error: { message: 'Overloaded.' },
  });
  const broken = Buffer.concat([
    sse(chunk([{ text: 'a' }])),
    Buffer.from('data: {"cand\n\n'),
    sse(chunk([{ text: 'b' }])),
  ]);
  expect(partsOf(geminiFormat, broken).at(-1)).toMatchObject({ kind: 'error', error: { status: 502 } });
});

test('a whole reply is read as its stream', () => {
  const whole = {
    ...chunk(
      [
        { text: 'Hmm', thought: true },
        { text: 'Yes.' },
        { functionCall: { name: 'f', args: {} }, thoughtSignature: 'cw' },
      ],
      {
        finishReason: 'STOP',
      },
    ),
    usageMetadata: { ...USAGE, serviceTier: 'standard' },
  };
  const { serviceTier, ...completion } = geminiFormat.readReply(whole);
  expect(completion).toEqual(read(whole));
  expect(serviceTier).toBe('default');
});

test('what is no reply is refused', () => {
  for (const body of [null, [], 'text', {}, { error: {} }])
    expect(() => geminiFormat.readReply(body)).toThrow(/the reply/);
});

test('whatever JSON a provider sends, the reader does not throw', () => {
  const anyPart = fc.dictionary(
    fc.constantFrom('text', 'thought', 'functionCall', 'thoughtSignature', 'other'),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const anyChunk = fc.oneof(
    fc.jsonValue({ maxDepth: 1 }),
    fc.record({
      candidates: fc.array(
        fc.record({
          index: fc.jsonValue({ maxDepth: 1 }),
          content: fc.record({ parts: fc.array(anyPart, { maxLength: 4 }) }),
          finishReason: fc.jsonValue({ maxDepth: 1 }),
        }),
      ),
      usageMetadata: fc.jsonValue({ maxDepth: 1 }),
    }),
  );
  fc.assert(
    fc.property(fc.array(anyChunk, { maxLength: 5 }), (chunks) => {
      const kinds = partsOf(geminiFormat, sse(...chunks)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'end' || kind === 'error').length).toBeLessThanOrEqual(1);
    }),
    { seed: 42 },
  );
});

test.each([
  ['34s', 34],
  ['0.25s', 1],
  ['soon', undefined],
  [5, undefined],
])('the wait that an error tells in its body is %j', (retryDelay, retryAfter) => {
  const details = [{ '@type': 'type.googleapis.com/google.rpc.Help' }, { retryDelay }];
  const body = JSON.stringify({ error: { code: 429, message: 'Slow.', status: 'RESOURCE_EXHAUSTED', details } });
  expect(geminiFormat.readError(429, body).retryAfter).toBe(retryAfter);
});

test('errors keep status and message; a refused key of the gateway is not the client’s fault', () => {
  const body = (details: unknown): string =>
    JSON.stringify({ error: { code: 400, message: 'No.', status: 'INVALID_ARGUMENT', details } });
  expect(geminiFormat.readError(400, body([]))).toEqual({ status: 400, message: 'No.', type: 'INVALID_ARGUMENT' });
  expect(geminiFormat.readError(400, body([{ reason: 'API_KEY_INVALID' }])).status).toBe(401);
  expect(geminiFormat.readError(429, `[${body(null)}]`).message).toBe('No.');
  expect(geminiFormat.readError(502, '<html>')).toEqual({
    status: 502,
    message: 'The provider answered with status 502.',
    type: null,
  });
});
