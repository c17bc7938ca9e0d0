import { expect, test } from 'vitest';
import type { StreamPart } from '../../src/translate/completion.ts';
import type { Conversation, Message, Part, ToolCallPart } from '../../src/translate/conversation.ts';
import { bedrockFormat } from '../../src/translate/bedrock/format.ts';
import type { ProviderFormat } from '../../src/translate/format.ts';
import { geminiFormat } from '../../src/translate/gemini/format.ts';
import type { RunningSimulator } from '../../src/simulator/simulator.ts';
import { collected, partsOf, result, text, user, WEATHER, written } from '../translate/provider-support.ts';
import { post, rawPost, simulator, WEATHER_SCHEMA, weather } from './support.ts';

const FACES = [
  ['gemini', geminiFormat, 'gemini-3-flash'],
  ['bedrock', bedrockFormat, 'anthropic.claude-sonnet-4-5-v1:0'],
] as const;
const TOOL = { ...WEATHER, parameters: WEATHER_SCHEMA as typeof WEATHER.parameters };
const REASONING = { mode: 'on', effort: null, budgetTokens: 2000, summary: null } as const;

type Asked = Parameters<typeof written>[1];

async function ask(
  sim: RunningSimulator,
  format: ProviderFormat,
  model: string,
  asked: Asked,
): Promise<ReturnType<typeof collected>> {
  const reply = await post(sim, format.path(model, false), written(format, asked, model).body);
  expect(reply.status).toBe(200);
  return format.readReply(await reply.json());
}

async function streamed(
  sim: RunningSimulator,
  format: ProviderFormat,
  model: string,
  asked: Asked,
  fault?: string,
): Promise<StreamPart[]> {
  const headers = fault === undefined ? {} : { 'x-sim-fault': fault };
  const reply = await post(sim, format.path(model, true), written(format, asked, model).body, headers);
  expect(reply.headers.get('content-type')).toContain(format.framing?.contentType ?? 'text/event-stream');
  return partsOf(format, Buffer.from(await reply.arrayBuffer()), 100);
}

/** Without the ids that differ from request to request. */
function partsIn({ choices }: ReturnType<typeof collected>): readonly Part[] {
  return choices.flatMap(({ parts }) => parts.map((part) => (part.kind === 'tool_call' ? { ...part, id: '' } : part)));
}

function said(parts: readonly Part[]): Message {
  return { path: 'messages[1]', role: 'assistant', name: null, parts };
}

function isCall(part: Part): part is ToolCallPart {
  return part.kind === 'tool_call';
}

test.each(FACES)('%s: a stream says what the whole reply says, usage and end included', async (_, format, model) => {
  const sim = await simulator({ defaults: { parallelToolCalls: 2 } });
  for (const asked of [
    {},
    { tools: [TOOL] },
    { reasoning: REASONING },
    { tools: [TOOL], reasoning: REASONING },
  ] as Asked[]) {
    const whole = await ask(sim, format, model, asked);
    const parts = await streamed(sim, format, model, asked);
    const told = collected(parts);
    expect(parts.at(-1)).toEqual({ kind: 'end' });
    expect(partsIn(told)).toEqual(partsIn(whole));
    expect(told.usage).toEqual(whole.usage);
    expect(told.choices[0]!.finish).toEqual(whole.choices[0]!.finish);
  }
});

test.each(FACES)('%s: a loop of parallel tools with signed reasoning is taken back', async (_, format, model) => {
  const sim = await simulator({ defaults: { parallelToolCalls: 3 } });
  const asked = { tools: [TOOL], reasoning: REASONING };
  const first = collected(await streamed(sim, format, model, asked)).choices[0]!;
  expect(first.finish.reason).toBe('tool_calls');
  expect(first.parts.find(({ kind }) => kind === 'thinking')).toMatchObject({
    text: expect.stringMatching(/./),
    signature: { wire: format.wire },
  });
  const calls = first.parts.filter(isCall);
  expect(calls).toHaveLength(3);
  for (const call of calls) weather.parse(JSON.parse(call.arguments));
  const results = calls.toReversed().map(({ id }) => result(id, 'sun'));
  const messages = [user(text('Hello')), said(first.parts), user(...results)];
  const second = await ask(sim, format, model, { ...asked, messages });
  expect(second.choices[0]!.finish.reason).toBe('stop');
});

test.each(FACES)('%s: a loop that another model began goes on', async (_, format, model) => {
  const call: ToolCallPart = {
    kind: 'tool_call',
    id: 'toolu_1',
    name: 'get_weather',
    arguments: '{}',
    isCustom: false,
    cache: null,
  };
  const messages = [user(text('Hello')), said([call]), user(result('toolu_1', 'sun'))];
  const reply = await ask(await simulator(), format, model, { messages, tools: [TOOL] });
  expect(reply.choices[0]!.finish.reason).toBe('stop');
});

test.each(FACES)(
  '%s: a schema is followed, a limit and a stop sequence end the reply, a choice of tool is kept',
  async (_, format, model) => {
    const sim = await simulator({ profiles: { 'gemini-echo': { reply: 'echo' }, 'claude-echo': { reply: 'echo' } } });
    const output: Conversation['output'] = {
      kind: 'schema',
      name: 'w',
      description: null,
      schema: WEATHER_SCHEMA as never,
      strict: true,
    };
    const [part] = partsIn(await ask(sim, format, model, { output }));
    weather.parse(JSON.parse(part?.kind === 'text' ? part.text : ''));
    const limited = await ask(sim, format, model, { sampling: { maxTokens: 4 } });
    expect(limited.choices[0]!.finish.reason).toBe('length');
    const echo = format === geminiFormat ? 'gemini-echo' : 'claude-echo';
    const stopped = await ask(sim, format, echo, { messages: [user(text('one two'))], sampling: { stop: ['two'] } });
    expect(partsIn(stopped)).toMatchObject([{ text: 'one ' }]);
    const other = { ...TOOL, name: 'other' };
    const named = await ask(sim, format, model, { tools: [other, TOOL], toolChoice: { kind: 'tool', name: 'other' } });
    expect(partsIn(named).filter(isCall)).toMatchObject([{ name: 'other' }]);
  },
);

test.each(FACES)('%s: errors have the vendor’s form', async (_, format, model) => {
  const sim = await simulator();
  const fault = async (kind: string): Promise<unknown> => {
    const reply = await post(sim, format.path(model, true), written(format, {}, model).body, { 'x-sim-fault': kind });
    return format.readError(reply.status, await reply.text());
  };
  expect(await fault('http-429')).toMatchObject({ status: 429, message: expect.stringContaining('Rate limit') });
  expect(await fault('http-503')).toMatchObject({ status: 503, message: expect.stringContaining('overloaded') });
  const bad = await post(sim, format.path(model, false), { ...written(format, {}, model).body, temperature: 1 });
  expect(format.readError(bad.status, await bad.text())).toMatchObject({
    status: 400,
    message: expect.stringContaining('temperature'),
  });
});

test.each(FACES)(
  '%s: a cut stream has no end, a spoilt event is an error, a slow one is whole',
  async (_, format, model) => {
    const sim = await simulator();
    const whole = collected(await streamed(sim, format, model, {}));
    expect(collected(await streamed(sim, format, model, {}, 'slow-drip'))).toEqual(whole);
    const ended = await streamed(sim, format, model, {}, 'eof');
    expect(ended.map(({ kind }) => kind)).not.toContain('end');
    expect((await streamed(sim, format, model, {}, 'malformed')).at(-1)).toMatchObject({
      kind: 'error',
      error: { status: 502 },
    });
    const cut = await rawPost(sim, format.path(model, true), written(format, {}, model).body, {
      'x-sim-fault': 'reset-mid',
    });
    expect(cut.ending).toBe('reset');
  },
);

test('gemini: candidates are several where asked for, and Vertex is served by its own path', async () => {
  const sim = await simulator();
  const { body } = written(geminiFormat, { sampling: { choices: 2 } });
  const path = '/v1beta1/projects/p/locations/global/publishers/google/models/gemini-2.5-pro:generateContent';
  const reply = geminiFormat.readReply(await (await post(sim, path, body)).json());
  expect(reply.choices).toHaveLength(2);
  expect(sim.stats().requestsByPath).toEqual({ [path]: 1 });
  expect(sim.stats().requestsByModel).toEqual({ 'gemini-2.5-pro': 1 });
});

test('gemini: a call of the current turn without a signature is refused by the models that sign', async () => {
  const contents = [
    { role: 'user', parts: [{ text: 'Hi' }] },
    { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] },
    { role: 'user', parts: [{ functionResponse: { name: 'f', response: {} } }] },
  ];
  const sim = await simulator();
  const refused = await post(sim, geminiFormat.path('gemini-3-pro', false), { contents });
  expect(await refused.text()).toContain('missing a thought_signature');
  expect((await post(sim, geminiFormat.path('gemini-2.5-pro', false), { contents })).status).toBe(200);
});

test('gemini: a turn may be told in several contents', async () => {
  const called = (name: string): unknown => ({ role: 'model', parts: [{ functionCall: { name, args: {} } }] });
  const answered = ['f', 'g'].map((name) => ({ functionResponse: { name, response: {} } }));
  const sim = await simulator();
  const path = geminiFormat.path('gemini-2.5-pro', false);
  const asked = { role: 'user', parts: [{ text: 'Hi' }] };
  const both = { contents: [asked, called('f'), called('g'), { role: 'user', parts: answered }] };
  expect((await post(sim, path, both)).status).toBe(200);
  const one = { contents: [asked, called('f'), called('g'), { role: 'user', parts: answered.slice(1) }] };
  expect(await (await post(sim, path, one)).text()).toContain('number of function response parts');
});

test.each([
  [{ messages: [{ role: 'assistant', content: [{ text: 'a' }] }] }, 'alternate'],
  [{ messages: [{ role: 'user', content: [{ text: ' ' }] }] }, 'blank'],
  [{ messages: [{ role: 'user', content: [{ toolResult: { toolUseId: 'a', content: [] } }] }] }, 'toolConfig'],
  [
    {
      messages: [{ role: 'user', content: [{ toolResult: { toolUseId: 'a', content: [] } }] }],
      toolConfig: { tools: [] },
    },
    'toolResult',
  ],
])('bedrock: %j is refused', async (body, message) => {
  const reply = await post(await simulator(), '/model/m/converse', body);
  expect(reply.status).toBe(400);
  expect(reply.headers.get('x-amzn-errortype')).toBe('ValidationException');
  expect(((await reply.json()) as { message: string }).message).toContain(message);
});
