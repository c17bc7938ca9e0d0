import { expect, test } from 'vitest';
import { anthropic, post, simulator, user, weather, WEATHER_SCHEMA } from './support.ts';

const WEATHER_TOOL = { name: 'get_weather', input_schema: { ...WEATHER_SCHEMA, type: 'object' as const } };
const HELLO = { model: 'claude', max_tokens: 1000, messages: [user('Hello')] };

test('a buffered message has the provider’s shape and a consistent usage', async () => {
  const message = await anthropic(await simulator()).messages.create(HELLO);
  expect(message).toMatchObject({ type: 'message', role: 'assistant', model: 'claude', stop_reason: 'end_turn' });
  expect(message.id).toMatch(/^msg_01[0-9A-Za-z]{22}$/);
  const [block] = message.content;
  expect(message.usage.output_tokens).toBe(Math.ceil((block!.type === 'text' ? block!.text : '').length / 4));
});

test('the SDK accumulates a stream to the buffered message', async () => {
  const client = anthropic(await simulator());
  const buffered = await client.messages.create(HELLO);
  const streamed = await client.messages.stream(HELLO).finalMessage();
  expect(streamed.content).toEqual(buffered.content);
  expect(streamed.stop_reason).toBe('end_turn');
  expect(streamed.usage.output_tokens).toBe(buffered.usage.output_tokens);
});

test('the events come in order, each named by its type, some of them padded', async () => {
  const sim = await simulator();
  const raw = await (await post(sim, '/v1/messages?beta=true', { ...HELLO, stream: true })).text();
  const blocks = raw
    .split('\n\n')
    .slice(0, -1)
    .map((block) => block.split('\n'));
  const names = blocks.map(([name = '']) => name.slice('event: '.length));
  const types = blocks.map(([, data = '']) => (JSON.parse(data.slice('data: '.length)) as { type: string }).type);
  expect(types).toEqual(names);
  expect(names.filter((name, index) => name !== names[index - 1])).toEqual([
    'message_start',
    'content_block_start',
    'ping',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
  expect(raw).toMatch(/ {2,}\}\n\n/);
});

test('the tool loop works: a sentence and a valid call, then text after its result', async () => {
  const client = anthropic(await simulator());
  const request = { ...HELLO, tools: [WEATHER_TOOL] };
  const first = await client.messages.stream(request).finalMessage();
  expect(first.stop_reason).toBe('tool_use');
  expect(first.content.map((block) => block.type)).toEqual(['text', 'tool_use']);
  const call = first.content.find((block) => block.type === 'tool_use')!;
  weather.parse(call.input);
  const result = { type: 'tool_result', tool_use_id: call.id, content: 'sun' } as const;
  const messages = [user('Hello'), { role: 'assistant', content: first.content } as const];
  const second = await client.messages.create({
    ...request,
    messages: [...messages, { role: 'user', content: [result] }],
  });
  expect(second.stop_reason).toBe('end_turn');
});

test('tool_choice any and tool call without a sentence before, none never calls', async () => {
  const client = anthropic(await simulator({ defaults: { parallelToolCalls: 2 } }));
  const request = { ...HELLO, tools: [{ ...WEATHER_TOOL, name: 'other' }, WEATHER_TOOL] };
  const any = await client.messages.create({ ...request, tool_choice: { type: 'any' } });
  expect(any.content.map((block) => block.type)).toEqual(['tool_use', 'tool_use']);
  const one = { type: 'tool', name: 'get_weather', disable_parallel_tool_use: true } as const;
  const named = await client.messages.create({ ...request, tool_choice: one });
  expect(named.content).toMatchObject([{ type: 'tool_use', name: 'get_weather' }]);
  const none = await client.messages.create({ ...request, tool_choice: { type: 'none' } });
  expect(none.content.map((block) => block.type)).toEqual(['text']);
});

test('a call without arguments streams one empty piece and gives an empty object', async () => {
  const sim = await simulator();
  const tool = { name: 'ping', input_schema: { type: 'object' as const, properties: {} } };
  const request = { ...HELLO, tools: [tool], tool_choice: { type: 'any' } as const };
  const raw = await (await post(sim, '/v1/messages', { ...request, stream: true })).text();
  expect(raw.match(/"partial_json":"[^"]*"/g)).toEqual(['"partial_json":""']);
  const message = await anthropic(sim).messages.stream(request).finalMessage();
  expect(message.content).toMatchObject([{ type: 'tool_use', input: {} }]);
});

test('structured output follows output_config’s schema', async () => {
  const client = anthropic(await simulator());
  const schema = {
    type: 'object',
    properties: { name: { type: 'string' }, ok: { type: 'boolean' } },
    required: ['name', 'ok'],
  };
  const message = await client.messages.create({
    ...HELLO,
    output_config: { format: { type: 'json_schema', schema } },
  });
  const [block] = message.content;
  const value: unknown = JSON.parse(block!.type === 'text' ? block!.text : '');
  expect(value).toEqual({ name: expect.any(String), ok: expect.any(Boolean) });
});

test('the stop reason names a token limit, a stop sequence and a refusal', async () => {
  const client = anthropic(await simulator());
  const limited = await client.messages.create({ ...HELLO, max_tokens: 4 });
  expect(limited).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 4 } });
  const echo = { ...HELLO, model: 'echo', messages: [user('one two three')], stop_sequences: ['three', 'two'] };
  const stopped = await client.messages.create(echo);
  expect(stopped).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'two', content: [{ text: 'one ' }] });
  const refused = await client.messages.stream({ ...HELLO, model: 'refuser' }).finalMessage();
  expect(refused.stop_reason).toBe('refusal');
  expect(refused.stop_details).toEqual({ type: 'refusal', category: null, explanation: null });
});

test('count_tokens agrees with the usage of the message itself', async () => {
  const client = anthropic(await simulator());
  const request = { ...HELLO, system: 'Be brief.', tools: [WEATHER_TOOL] };
  const { input_tokens: counted } = await client.messages.countTokens({ ...request });
  expect((await client.messages.create(request)).usage.input_tokens).toBe(counted);
  const longer = await client.messages.countTokens({ ...request, system: 'Be brief. '.repeat(10) });
  expect(longer.input_tokens).toBeGreaterThan(counted);
});

test.each([
  [{ max_tokens: 1, messages: [user('x')] }, 'model: Field required'],
  [{ model: 'm', messages: [user('x')] }, 'max_tokens: Field required'],
  [{ model: 'm', max_tokens: 1, messages: [] }, 'messages: at least one message is required'],
])('%j is refused in the protocol’s form', async (body, message) => {
  const reply = await post(await simulator(), '/v1/messages', body);
  expect(reply.status).toBe(400);
  expect(await reply.json()).toEqual({
    type: 'error',
    error: { type: 'invalid_request_error', message },
    request_id: reply.headers.get('request-id'),
  });
});
