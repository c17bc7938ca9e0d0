import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ToolChoice } from '../../../src/translate/conversation.ts';
import { bedrockFormat } from '../../../src/translate/bedrock/format.ts';
import {
  anyMessages,
  assistant,
  call,
  missing,
  result,
  sentOrRefused,
  text,
  user,
  WEATHER,
  written,
} from '../provider-support.ts';

const CLAUDE = 'anthropic.claude-sonnet-4-5-20250929-v1:0';
const ADAPTIVE = 'us.anthropic.claude-opus-4-6-v1';

test('the path names model and verb, percent-encoded', () => {
  expect(bedrockFormat.path(CLAUDE, true)).toBe('/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream');
  expect(bedrockFormat.path('arn:aws:bedrock:eu/x', false)).toBe('/model/arn%3Aaws%3Abedrock%3Aeu%2Fx/converse');
});

test('instructions stand in system with their cache points, later ones too, which is told', () => {
  const late = { path: 'messages[2]', role: 'system', name: null, parts: [text('Briefly.')] } as const;
  const system = [{ role: 'system', text: 'Be kind.', cache: { ttl: '1h' } }] as const;
  const { body, approximated } = written(bedrockFormat, { system, messages: [user(text('Hi')), late] });
  expect(body).toEqual({
    system: [{ text: 'Be kind.' }, { cachePoint: { type: 'default', ttl: '1h' } }, { text: 'Briefly.' }],
    messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
  });
  expect(approximated).toEqual(['messages[2]']);
});

test('neighbours are one message, results stand first, ids that the vendor does not take are replaced on both sides', () => {
  const odd = 'call with spaces';
  const messages = [
    user(text('Weather?')),
    assistant(text('Let me see.'), call('a', 'f', '{"x":1}'), call(odd, 'g')),
    user(text('Well?')),
    user(result('a', 'sun'), result(odd, 'broken', true)),
  ];
  const { body } = written(bedrockFormat, { messages, tools: [WEATHER] });
  const [, said, answered] = body['messages'] as { content: Record<string, { toolUseId: string }>[] }[];
  const replaced = said!.content[2]!['toolUse']!.toolUseId;
  expect(replaced).toMatch(/^call_[0-9a-f]{32}$/);
  expect(said!.content).toEqual([
    { text: 'Let me see.' },
    { toolUse: { toolUseId: 'a', name: 'f', input: { x: 1 } } },
    { toolUse: { toolUseId: replaced, name: 'g', input: {} } },
  ]);
  expect(answered!.content).toEqual([
    { toolResult: { toolUseId: 'a', content: [{ text: 'sun' }] } },
    { toolResult: { toolUseId: replaced, content: [{ text: 'broken' }], status: 'error' } },
    { text: 'Well?' },
  ]);
});

test('reasoning of the vendor returns unmodified, that of others is left out, which is told', () => {
  const own = { kind: 'thinking', text: '', signature: { wire: 'bedrock', value: 's' }, id: null } as const;
  const hidden = { kind: 'hidden_thinking', data: { wire: 'bedrock', value: 'aGk=' } } as const;
  const foreign = { ...own, text: 'Hmm', signature: null };
  const { body, approximated } = written(bedrockFormat, {
    messages: [user(text('Hi')), assistant(own, hidden, foreign, text('Yes.'))],
  });
  expect((body['messages'] as { content: unknown }[])[1]!.content).toEqual([
    { reasoningContent: { reasoningText: { text: '', signature: 's' } } },
    { reasoningContent: { redactedContent: 'aGk=' } },
    { text: 'Yes.' },
  ]);
  expect(approximated).toEqual(['messages[1] (thinking)']);
});

test('pictures and documents are bytes with a format; URLs are refused', () => {
  const image = {
    kind: 'image',
    source: { kind: 'base64', mediaType: 'image/jpg', data: 'iVBO' },
    detail: null,
    cache: null,
  } as const;
  const stored = { ...image, source: { kind: 'url', url: 's3://bucket/a.png', mediaType: null } } as const;
  const pdf = {
    kind: 'file',
    source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBE' },
    name: 'a_b.pdf',
    context: 'Old.',
    citations: true,
    cache: null,
  } as const;
  const plain = {
    ...pdf,
    source: { kind: 'text', mediaType: 'text/plain', text: 'Grüße' },
    name: null,
    context: null,
    citations: false,
  } as const;
  const { body, approximated } = written(bedrockFormat, { messages: [user(image, stored, pdf, plain)] });
  expect((body['messages'] as { content: unknown }[])[0]!.content).toEqual([
    { image: { format: 'jpeg', source: { bytes: 'iVBO' } } },
    { image: { format: 'png', source: { s3Location: { uri: 's3://bucket/a.png' } } } },
    {
      document: {
        format: 'pdf',
        name: 'a b pdf',
        source: { bytes: 'JVBE' },
        context: 'Old.',
        citations: { enabled: true },
      },
    },
    { document: { format: 'txt', name: 'document 2', source: { bytes: Buffer.from('Grüße').toString('base64') } } },
  ]);
  expect(approximated).toEqual(['messages[0] (file name)']);
  const remote = { ...image, source: { kind: 'url', url: 'https://a.example/b.png', mediaType: 'image/png' } } as const;
  expect(() => written(bedrockFormat, { messages: [user(remote)] })).toThrow(/"messages\[0\]" has no counterpart/);
});

test.each<[ToolChoice | null, unknown]>([
  [null, undefined],
  [{ kind: 'required' }, { any: {} }],
  [{ kind: 'tool', name: 'get_weather' }, { tool: { name: 'get_weather' } }],
  [{ kind: 'allowed', mode: 'required', names: ['get_weather'] }, { any: {} }],
])('the choice %j is %j', (toolChoice, choice) => {
  const { body } = written(bedrockFormat, { tools: [WEATHER], toolChoice });
  const toolSpec = {
    name: 'get_weather',
    description: 'Tells the weather.',
    inputSchema: { json: WEATHER.parameters },
  };
  expect(body['toolConfig']).toEqual({
    tools: [{ toolSpec }],
    ...(choice === undefined ? {} : { toolChoice: choice }),
  });
});

test('no tool may be called: none is told of, unless one was called already, which cannot be said', () => {
  const { body, approximated } = written(bedrockFormat, { tools: [WEATHER], toolChoice: { kind: 'none' } });
  expect(body).not.toHaveProperty('toolConfig');
  expect(approximated).toEqual(['tool_choice']);
  const messages = [user(text('x')), assistant(call('a', 'f')), user(result('a', '1'))];
  expect(() => written(bedrockFormat, { messages, tools: [WEATHER], toolChoice: { kind: 'none' } })).toThrow(
    /"tool_choice"/,
  );
});

test('tools that were called and are not declared any more are declared by their names, which is told', () => {
  const messages = [user(text('x')), assistant(call('a', 'f')), user(result('a', '1'))];
  const { body, approximated } = written(bedrockFormat, { messages });
  expect(body['toolConfig']).toEqual({
    tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }],
  });
  expect(approximated).toEqual(['tools']);
});

test('settings have their own names, a schema is told as text, a temperature over 1 is 1', () => {
  const { body, approximated } = written(
    bedrockFormat,
    {
      sampling: { maxTokens: 9, temperature: 1.5, topP: 0.5, topK: 3, stop: ['x'] },
      output: { kind: 'schema', name: 'n', description: null, schema: { type: 'object' }, strict: true },
      rest: { service_tier: 'priority' },
    },
    CLAUDE,
  );
  expect(body).toMatchObject({
    inferenceConfig: { maxTokens: 9, temperature: 1, topP: 0.5, stopSequences: ['x'] },
    additionalModelRequestFields: { top_k: 3 },
    additionalModelResponseFieldPaths: ['/stop_sequence', '/delta/stop_sequence'],
    outputConfig: {
      textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: '{"type":"object"}', name: 'n' } } },
    },
    serviceTier: { type: 'priority' },
  });
  expect(approximated).toEqual(['temperature']);
});

test.each([
  ['seed', { sampling: { seed: 1 } }],
  ['n', { sampling: { choices: 2 } }],
  ['top_logprobs', { sampling: { logprobs: 0 } }],
  ['presence_penalty', { sampling: { presencePenalty: 1 } }],
  ['frequency_penalty', { sampling: { frequencyPenalty: 1 } }],
  ['top_k', { sampling: { topK: 1 } }],
  ['response_format', { output: { kind: 'json' } }],
  ['logit_bias', { rest: { logit_bias: { 1: 2 } } }],
] as const)('%s is refused by its name', (param, asked) => {
  expect(() => written(bedrockFormat, asked)).toThrow(
    expect.objectContaining({ code: 'invalid_request', details: { param } }),
  );
});

test('stop sequences of white space are refused for the models that refuse them', () => {
  expect(() => written(bedrockFormat, { sampling: { stop: ['\n'] } }, CLAUDE)).toThrow(/"stop"/);
  expect(written(bedrockFormat, { sampling: { stop: ['\n'] } }, 'meta.llama').body).toMatchObject({
    inferenceConfig: { stopSequences: ['\n'] },
  });
});

test.each([
  [CLAUDE, { budgetTokens: 2000 }, { thinking: { type: 'enabled', budget_tokens: 2000 } }, undefined, false],
  [CLAUDE, { effort: 'high' }, { thinking: { type: 'enabled', budget_tokens: 5000 } }, undefined, true],
  [
    ADAPTIVE,
    { effort: 'high', summary: 'auto' },
    { thinking: { type: 'adaptive', display: 'summarized' } },
    { effort: 'high' },
    false,
  ],
  [ADAPTIVE, { mode: 'off' }, undefined, undefined, false],
  ['openai.gpt-oss-120b-1:0', { effort: 'xhigh' }, { reasoning_effort: 'high' }, undefined, true],
  [
    'amazon.nova-2-lite-v1:0',
    { effort: 'low' },
    { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } },
    undefined,
    false,
  ],
] as const)('%s with %j reasons as %j', (model, asked, fields, outputConfig, isApproximated) => {
  const reasoning = { mode: 'on', effort: null, budgetTokens: null, summary: null, ...asked } as const;
  const { body, approximated } = written(bedrockFormat, { reasoning, sampling: { maxTokens: 10_000 } }, model);
  expect(body['additionalModelRequestFields']).toEqual(fields);
  expect(body['outputConfig']).toEqual(outputConfig);
  expect(approximated).toEqual(isApproximated ? ['reasoning_effort'] : []);
});

test('reasoning of a family that has no setting for it is refused', () => {
  const reasoning = { mode: 'on', effort: 'low', budgetTokens: null, summary: null } as const;
  expect(() => written(bedrockFormat, { reasoning }, 'meta.llama')).toThrow(/"reasoning_effort"/);
});

test('no text is dropped and nothing but a refusal is thrown, whatever the messages', () => {
  let sentOnes = 0;
  fc.assert(
    fc.property(anyMessages, fc.constantFrom(CLAUDE, 'meta.llama'), (messages, model) => {
      const sent = sentOrRefused(bedrockFormat, { messages, tools: [WEATHER] }, model);
      if (sent !== null) sentOnes++;
      expect(sent === null ? [] : missing(messages, sent)).toEqual([]);
    }),
    { seed: 41, numRuns: 500 },
  );
  expect(sentOnes).toBeGreaterThan(50);
});
