import { zodTextFormat } from 'openai/helpers/zod';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { NOON, openai, post, simulator, weather, WEATHER_SCHEMA } from './support.ts';

const WEATHER_TOOL = {
  type: 'function',
  name: 'get_weather',
  parameters: WEATHER_SCHEMA,
  strict: true,
} as const;

interface Event {
  readonly name: string;
  readonly data: { readonly type: string; readonly sequence_number: number };
}

async function events(reply: Response): Promise<Event[]> {
  const blocks = (await reply.text()).split('\n\n').slice(0, -1);
  return blocks.map((block) => {
    const [name = '', data = ''] = block.split('\n');
    return { name: name.slice('event: '.length), data: JSON.parse(data.slice('data: '.length)) as Event['data'] };
  });
}

function distinct(names: readonly string[]): string[] {
  return names.filter((name, index) => name !== names[index - 1]);
}

test('a buffered response repeats the request’s settings around a finished message', async () => {
  const client = openai(await simulator());
  const response = await client.responses.create({
    model: 'fast-v1',
    input: 'Hello',
    instructions: 'Be brief.',
    metadata: { team: 'search' },
  });
  expect(response).toMatchObject({
    object: 'response',
    status: 'completed',
    created_at: NOON / 1000,
    instructions: 'Be brief.',
    metadata: { team: 'search' },
    output: [{ type: 'message', role: 'assistant', status: 'completed' }],
  });
  expect(response.id).toMatch(/^resp_[0-9a-f]{50}$/);
  const { usage } = response;
  expect(usage!.output_tokens).toBe(Math.ceil(response.output_text.length / 4));
  expect(usage!.total_tokens).toBe(usage!.input_tokens + usage!.output_tokens);
});

test('the events of a text stream come in order, numbered, each named by its type', async () => {
  const sim = await simulator();
  const stream = await events(await post(sim, '/v1/responses', { model: 'fast-v1', input: 'Hello', stream: true }));
  expect(distinct(stream.map((event) => event.name))).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ]);
  expect(stream.map((event) => event.data.type)).toEqual(stream.map((event) => event.name));
  expect(stream.map((event) => event.data.sequence_number)).toEqual([...stream.keys()]);
});

test('the SDK accumulates a stream to the buffered text', async () => {
  const client = openai(await simulator());
  const request = { model: 'fast-v2', input: 'Hello' };
  const buffered = await client.responses.create(request);
  const final = await client.responses.stream(request).finalResponse();
  expect(final.output_text).toBe(buffered.output_text);
  expect(final.usage).toEqual(buffered.usage);
});

test('the tool loop works: calls with valid arguments, then text after their outputs', async () => {
  const client = openai(await simulator({ defaults: { parallelToolCalls: 2 } }));
  const request = { model: 'm', tools: [WEATHER_TOOL], input: 'What is the weather?' };
  const first = await client.responses.stream(request).finalResponse();
  const calls = first.output.filter((item) => item.type === 'function_call');
  expect(calls).toHaveLength(2);
  for (const call of calls) weather.parse(JSON.parse(call.arguments));
  const outputs = calls.map(
    (call) => ({ type: 'function_call_output', call_id: call.call_id, output: 'sun' }) as const,
  );
  const input = [{ role: 'user', content: 'What is the weather?' } as const, ...calls, ...outputs];
  const second = await client.responses.create({ ...request, input });
  expect(second.output.map((item) => item.type)).toEqual(['message']);
});

test('a streamed call opens with empty arguments and closes with the whole', async () => {
  const sim = await simulator();
  const body = { model: 'm', input: 'Hi', tools: [WEATHER_TOOL], tool_choice: 'required', stream: true };
  const stream = await events(await post(sim, '/v1/responses', body));
  expect(distinct(stream.map((event) => event.name)).slice(2, -1)).toEqual([
    'response.output_item.added',
    'response.function_call_arguments.delta',
    'response.function_call_arguments.done',
    'response.output_item.done',
  ]);
  const added = stream.find((event) => event.name === 'response.output_item.added')!;
  expect(added.data).toMatchObject({ item: { type: 'function_call', name: 'get_weather', arguments: '' } });
});

test('tool_choice names one of several tools, and allowed_tools may require a call', async () => {
  const client = openai(await simulator({ defaults: { toolCallRate: 0 } }));
  const other = { ...WEATHER_TOOL, name: 'other' };
  const request = { model: 'm', input: 'Hi', tools: [WEATHER_TOOL, other, { ...WEATHER_TOOL, name: 'third' }] };
  const named = await client.responses.create({ ...request, tool_choice: { type: 'function', name: 'get_weather' } });
  expect(named.output).toMatchObject([{ type: 'function_call', name: 'get_weather' }]);
  const tools = [{ type: 'function', name: 'other' }];
  const allowed = { type: 'allowed_tools' as const, mode: 'required' as const, tools };
  const required = await client.responses.create({ ...request, tool_choice: allowed });
  expect(required.output).toMatchObject([{ type: 'function_call', name: 'other' }]);
  expect((await client.responses.create(request)).output).toMatchObject([{ type: 'message' }]);
});

test('structured output parses by its schema', async () => {
  const client = openai(await simulator());
  const format = z.object({ steps: z.array(z.object({ text: z.string(), done: z.boolean() })), total: z.int() });
  const request = { model: 'm', input: 'Hi', text: { format: zodTextFormat(format, 'plan') } };
  const parsed = (await client.responses.parse(request)).output_parsed;
  expect(format.parse(parsed)).toEqual(parsed);
});

test('a token limit makes the response incomplete, in the stream too', async () => {
  const sim = await simulator();
  const request = { model: 'm', input: 'Hi', max_output_tokens: 3 };
  const expected = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
  const buffered = await openai(sim).responses.create(request);
  expect(buffered).toMatchObject({ ...expected, usage: { output_tokens: 3 } });
  const last = (await events(await post(sim, '/v1/responses', { ...request, stream: true }))).at(-1)!;
  expect(last).toMatchObject({ name: 'response.incomplete', data: { response: expected } });
});

test('a refusal is a content part of its own, streamed as refusal events', async () => {
  const sim = await simulator();
  const buffered = await openai(sim).responses.create({ model: 'refuser', input: 'Hi' });
  expect(buffered.output).toMatchObject([{ content: [{ type: 'refusal', refusal: expect.stringMatching(/cannot/) }] }]);
  const stream = await events(await post(sim, '/v1/responses', { model: 'refuser', input: 'Hi', stream: true }));
  const names = distinct(stream.map((event) => event.name));
  expect(names).toContain('response.refusal.delta');
  expect(names).toContain('response.refusal.done');
  expect(names).not.toContain('response.output_text.delta');
});

test('echo repeats the text of the last user item', async () => {
  const client = openai(await simulator());
  const content = [{ type: 'input_text', text: 'call +1 555 0100' } as const];
  const echoed = await client.responses.stream({ model: 'echo', input: [{ role: 'user', content }] }).finalResponse();
  expect(echoed.output_text).toBe('call +1 555 0100');
});
