import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Part, ToolChoice } from '../../../src/translate/conversation.ts';
import { geminiFormat } from '../../../src/translate/gemini/format.ts';
import {
  anyMessages,
  assistant,
  call,
  result,
  text,
  missing,
  sentOrRefused,
  user,
  WEATHER,
  written,
} from '../provider-support.ts';

const SIGNED = { kind: 'thinking', text: '', signature: { wire: 'gemini', value: 'c2ln' }, id: null } as const;
const RECENT = 'gemini-3-flash';

function contents(messages: Parameters<typeof user>[] | unknown, model?: string): unknown {
  return written(geminiFormat, { messages: messages as never }, model).body['contents'];
}

test('the path names model and verb', () => {
  expect(geminiFormat.path('gemini-2.5-pro', true)).toBe('/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse');
  expect(geminiFormat.path('models/x y', false)).toBe('/v1beta/models/x%20y:generateContent');
});

test('instructions are the system instruction, also those among the messages, which is told', () => {
  const late = { path: 'messages[2]', role: 'developer', name: null, parts: [text('Briefly.')] } as const;
  const system = [{ role: 'system', text: 'Be kind.', cache: null }] as const;
  const { body, approximated } = written(geminiFormat, { system, messages: [user(text('Hi')), late] });
  expect(body).toEqual({
    systemInstruction: { parts: [{ text: 'Be kind.' }, { text: 'Briefly.' }] },
    contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
  });
  expect(approximated).toEqual(['messages[2]']);
});

test('instructions alone are what is asked', () => {
  const system = [{ role: 'system', text: 'Say hello.', cache: null }] as const;
  expect(written(geminiFormat, { system, messages: [] }).body).toEqual({
    contents: [{ role: 'user', parts: [{ text: 'Say hello.' }] }],
  });
});

test('neighbours are one content; results stand first, in the order of their calls, under the names of these', () => {
  const messages = [
    user(text('Weather?')),
    assistant(call('a', 'f', '{"x":1}'), call('b', 'g')),
    user(text('Well?')),
    user(result('b', 'sun'), result('a', 'broken', true)),
  ];
  expect(contents(messages)).toEqual([
    { role: 'user', parts: [{ text: 'Weather?' }] },
    {
      role: 'model',
      parts: [{ functionCall: { name: 'f', args: { x: 1 } } }, { functionCall: { name: 'g', args: {} } }],
    },
    {
      role: 'user',
      parts: [
        { functionResponse: { name: 'f', response: { error: 'broken' } } },
        { functionResponse: { name: 'g', response: { output: 'sun' } } },
        { text: 'Well?' },
      ],
    },
  ]);
});

test('a result without its call, and arguments that are no object, are malformed', () => {
  expect(() => contents([user(result('a', 'sun'))])).toThrow(/"messages\[0\]" answers a tool call that is not in/);
  expect(() => contents([user(text('x')), assistant(call('a', 'f', '[1]'))])).toThrow(
    /"messages\[1\]" has a call of f whose arguments/,
  );
});

test('a signature returns on the part behind it, and on the first call where a client kept thoughts in front of all', () => {
  const said = [
    user(text('Hi')),
    assistant(SIGNED, text('Let me see.'), call('a', 'f'), call('b', 'g')),
    user(result('a', '1'), result('b', '2')),
  ];
  const [, model] = contents(said, RECENT) as { parts: unknown[] }[];
  expect(model!.parts).toEqual([
    { text: 'Let me see.' },
    { functionCall: { id: 'a', name: 'f', args: {} }, thoughtSignature: 'c2ln' },
    { functionCall: { id: 'b', name: 'g', args: {} } },
  ]);
  const [, alone] = contents([user(text('Hi')), assistant(text('Yes.'), SIGNED), user(text('And?'))], RECENT) as {
    parts: unknown[];
  }[];
  expect(alone!.parts).toEqual([{ text: 'Yes.' }, { text: '', thoughtSignature: 'c2ln' }]);
});

test('unsigned calls of the current turn carry the value that is not checked, only with models that check', () => {
  const messages = [
    user(text('Hi')),
    assistant(call('a', 'f'), call('b', 'g')),
    user(result('a', '1'), result('b', '2')),
  ];
  const [, recent] = contents(messages, RECENT) as { parts: Record<string, unknown>[] }[];
  expect(recent!.parts.map((part) => part['thoughtSignature'])).toEqual([
    'skip_thought_signature_validator',
    undefined,
  ]);
  expect(JSON.stringify(contents(messages, 'gemini-2.5-pro'))).not.toContain('thoughtSignature');
  expect(JSON.stringify(contents([...messages, assistant(text('Done.')), user(text('Thanks'))], RECENT))).not.toContain(
    'thoughtSignature',
  );
});

test('thoughts of another maker are not sent, which is told', () => {
  const foreign = { ...SIGNED, text: 'Hmm', signature: { wire: 'messages', value: 'x' } } as const;
  const { body, approximated } = written(geminiFormat, {
    messages: [user(text('Hi')), assistant(foreign, text('Yes.'))],
  });
  expect(JSON.stringify(body)).not.toContain('Hmm');
  expect(approximated).toEqual(['messages[1] (thinking)']);
});

test('media are inline data or URLs; an id of another provider is refused', () => {
  const base64 = { kind: 'base64', mediaType: 'image/png', data: 'iVBO' } as const;
  const image = { kind: 'image', source: base64, detail: 'auto', cache: null } as const;
  const url = { ...image, source: { kind: 'url', url: 'https://a.example/b.png', mediaType: null } } as const;
  const pdf = {
    kind: 'file',
    source: { ...base64, mediaType: 'application/pdf' },
    name: null,
    context: null,
    citations: false,
    cache: null,
  } as const;
  const plain = { ...pdf, source: { kind: 'text', mediaType: 'text/plain', text: 'Grüße' } } as const;
  const sound = { kind: 'audio', data: 'UklG', format: 'wav' } as const;
  expect(contents([user(image, url, pdf, plain, sound)])).toEqual([
    {
      role: 'user',
      parts: [
        { inlineData: { mimeType: 'image/png', data: 'iVBO' } },
        { fileData: { fileUri: 'https://a.example/b.png' } },
        { inlineData: { mimeType: 'application/pdf', data: 'iVBO' } },
        { inlineData: { mimeType: 'text/plain', data: Buffer.from('Grüße').toString('base64') } },
        { inlineData: { mimeType: 'audio/wav', data: 'UklG' } },
      ],
    },
  ]);
  expect(() => contents([user({ ...image, source: { kind: 'id', id: 'file-1' } })])).toThrow(
    /"messages\[0\]" has no counterpart in the Google Gemini API/,
  );
});

test('pictures in a result stand inside it where the model takes them, else behind all results', () => {
  const image = {
    kind: 'image',
    source: { kind: 'base64', mediaType: 'image/png', data: 'iVBO' },
    detail: null,
    cache: null,
  } as const;
  const shown: Part = {
    kind: 'tool_result',
    callId: 'a',
    content: [image],
    isError: null,
    isCustom: false,
    cache: null,
  };
  const messages = [user(text('Look')), assistant(call('a', 'f')), user(shown)];
  const inline = { inlineData: { mimeType: 'image/png', data: 'iVBO' } };
  const [, , recent] = contents(messages, RECENT) as { parts: unknown[] }[];
  expect(recent!.parts).toEqual([
    { functionResponse: { id: 'a', name: 'f', response: { output: '' }, parts: [inline] } },
  ]);
  const { body, approximated } = written(geminiFormat, { messages }, 'gemini-2.5-pro');
  expect((body['contents'] as { parts: unknown[] }[])[2]!.parts).toEqual([
    { functionResponse: { name: 'f', response: { output: '' } } },
    inline,
  ]);
  expect(approximated).toEqual(["messages[0] (files of a tool's result)"]);
});

test('tools keep the whole of their schema', () => {
  const parameters = {
    type: 'object',
    properties: { a: { $ref: '#/$defs/b' } },
    $defs: { b: { const: null } },
    additionalProperties: false,
  };
  const { body } = written(geminiFormat, { tools: [{ ...WEATHER, parameters }] });
  expect(body['tools']).toEqual([
    {
      functionDeclarations: [
        { name: 'get_weather', description: 'Tells the weather.', parametersJsonSchema: parameters },
      ],
    },
  ]);
});

test.each<[ToolChoice | null, unknown]>([
  [null, undefined],
  [{ kind: 'auto' }, undefined],
  [{ kind: 'none' }, { mode: 'NONE' }],
  [{ kind: 'required' }, { mode: 'ANY' }],
  [
    { kind: 'tool', name: 'get_weather' },
    { mode: 'ANY', allowedFunctionNames: ['get_weather'] },
  ],
  [
    { kind: 'allowed', mode: 'required', names: ['get_weather'] },
    { mode: 'ANY', allowedFunctionNames: ['get_weather'] },
  ],
])('the choice %j is %j', (toolChoice, functionCallingConfig) => {
  const { body } = written(geminiFormat, { tools: [WEATHER], toolChoice });
  expect(body['toolConfig']).toEqual(functionCallingConfig === undefined ? undefined : { functionCallingConfig });
});

test('of tools of which some may be called the others are left out', () => {
  const toolChoice = { kind: 'allowed', mode: 'auto', names: ['get_weather'] } as const;
  const { body, approximated } = written(geminiFormat, { tools: [{ ...WEATHER, name: 'other' }, WEATHER], toolChoice });
  expect(JSON.stringify(body['tools'])).not.toContain('other');
  expect(approximated).toEqual(['tool_choice']);
});

test('settings have their own names; a schema stays whole', () => {
  const schema = { type: 'object', properties: {}, additionalProperties: false };
  const { body } = written(geminiFormat, {
    sampling: {
      maxTokens: 9,
      temperature: 1.5,
      topP: 0.5,
      topK: 3,
      stop: ['x'],
      seed: 4,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      choices: 2,
      logprobs: 3,
    },
    output: { kind: 'schema', name: 'n', description: 'D', schema, strict: true },
  });
  expect(body['generationConfig']).toEqual({
    maxOutputTokens: 9,
    temperature: 1.5,
    topP: 0.5,
    topK: 3,
    stopSequences: ['x'],
    seed: 4,
    presencePenalty: 0.1,
    frequencyPenalty: 0.2,
    candidateCount: 2,
    responseLogprobs: true,
    logprobs: 3,
    responseMimeType: 'application/json',
    responseJsonSchema: { ...schema, description: 'D' },
  });
});

test.each([
  ['stop', { stop: ['a', 'b', 'c', 'd', 'e', 'f'] }],
  ['n', { choices: 9 }],
  ['top_logprobs', { logprobs: 6 }],
  ['seed', { seed: 2 ** 40 }],
])('%s beyond what the vendor takes is refused by its name', (param, sampling) => {
  expect(() => written(geminiFormat, { sampling })).toThrow(
    expect.objectContaining({ code: 'invalid_request', details: { param } }),
  );
});

test.each([
  ['gemini-2.5-flash', { effort: 'low' }, { thinkingBudget: 1024 }, true],
  ['gemini-2.5-flash', { mode: 'off' }, { thinkingBudget: 0 }, false],
  ['gemini-2.5-flash', { budgetTokens: 2000 }, { thinkingBudget: 2000, includeThoughts: true }, false],
  ['gemini-2.5-pro', { mode: 'adaptive' }, { thinkingBudget: -1 }, false],
  ['gemini-3-flash', { effort: 'medium', summary: 'auto' }, { thinkingLevel: 'medium', includeThoughts: true }, false],
  ['gemini-3-pro-preview', { effort: 'medium' }, { thinkingLevel: 'high' }, true],
  ['gemini-3.1-pro', { mode: 'off' }, { thinkingLevel: 'low' }, true],
  ['gemini-flash-latest', { effort: 'max' }, { thinkingLevel: 'high' }, true],
] as const)('%s with %j thinks as %j', (model, asked, thinkingConfig, isApproximated) => {
  const reasoning = { mode: 'on', effort: null, budgetTokens: null, summary: null, ...asked } as const;
  const { body, approximated } = written(geminiFormat, { reasoning }, model);
  expect(body['generationConfig']).toEqual({ thinkingConfig });
  expect(approximated).toEqual(isApproximated ? ['reasoning_effort'] : []);
});

test('fields that only speak of an account are named, others refused', () => {
  const { approximated } = written(geminiFormat, {
    rest: { store: true, metadata: { a: 'b' }, service_tier: 'auto', truncation: 'disabled' },
    user: 'u',
  });
  expect(approximated).toEqual(['user', 'store', 'metadata', 'service_tier']);
  for (const rest of [{ logit_bias: { 1: 2 } }, { verbosity: 'low' }, { previous_response_id: 'x' }] as const) {
    const [param] = Object.keys(rest);
    expect(() => written(geminiFormat, { rest: rest as never })).toThrow(
      expect.objectContaining({ details: { param } }),
    );
  }
});

test.each(['previous_response_id', 'conversation'])('%s is refused with what stands for it', (field) => {
  const rest = { [field]: 'x' };
  expect(() => written(geminiFormat, { rest: rest as never })).toThrow(
    `"${field}" has no counterpart in the Google Gemini API that serves this model; send the conversation so far as "input", or use`,
  );
});

test('a field that is called like something of every object is refused as any other', () => {
  const rest = { constructor: 'x' };
  expect(() => written(geminiFormat, { rest: rest as never })).toThrow('serves this model; remove it, or use');
});

test('tools of other vendors are refused by their place, custom ones too', () => {
  const foreign = { kind: 'foreign', wire: 'responses', type: 'web_search', path: 'tools[1]', value: {} } as const;
  expect(() => written(geminiFormat, { tools: [WEATHER, foreign] })).toThrow(/"tools\[1\]"/);
  const custom = { kind: 'custom', name: 'c', description: null, format: null } as const;
  expect(() => written(geminiFormat, { tools: [custom] })).toThrow(/"tools\[0\]"/);
});

test('no text is dropped and nothing but a refusal is thrown, whatever the messages', () => {
  let sentOnes = 0;
  fc.assert(
    fc.property(anyMessages, fc.constantFrom(RECENT, 'gemini-2.5-pro'), (messages, model) => {
      const sent = sentOrRefused(geminiFormat, { messages, tools: [WEATHER] }, model);
      if (sent !== null) sentOnes++;
      expect(sent === null ? [] : missing(messages, sent)).toEqual([]);
    }),
    { seed: 41, numRuns: 500 },
  );
  expect(sentOnes).toBeGreaterThan(50);
});
