import { InternalServerError, NotFoundError, RateLimitError } from '@anthropic-ai/sdk';
import { expect, test } from 'vitest';
import { anthropic } from '../support/sdk-clients.ts';
import { startTestGateway, type TestConfig } from '../support/test-gateway.ts';

const INSTANT = { latency: { medianMs: 0 }, ttft: { medianMs: 0 }, interTokenMs: 0 };

const CONFIG: TestConfig = {
  providers: {
    sim: { type: 'simulator', profiles: { 'claude-echo': { ...INSTANT, reply: 'echo' }, 'claude-text': INSTANT } },
  },
  passthrough: { provider: 'sim' },
  models: { 'claude-*': { provider: 'sim' }, 'claude-echo': { target: 'sim/claude-echo' } },
  upstream: { retries: { attempts: 0 } },
};

const HELLO = {
  model: 'claude-echo',
  max_tokens: 1000,
  messages: [{ role: 'user' as const, content: 'Grüße, 世界 🌍' }],
};

test('a buffered message comes back whole, with the headers that tell its way', async () => {
  const client = anthropic(await startTestGateway(CONFIG));
  const { data, response } = await client.messages.create(HELLO).withResponse();
  expect(data.content).toMatchObject([{ type: 'text', text: 'Grüße, 世界 🌍' }]);
  expect(data.stop_reason).toBe('end_turn');
  expect(response.headers.get('x-sluice-model')).toBe('claude-echo');
  expect(response.headers.get('request-id')).not.toBeNull();
});

test('a streamed message accumulates to the buffered one', async () => {
  const client = anthropic(await startTestGateway(CONFIG));
  const buffered = await client.messages.create(HELLO);
  const streamed = await client.messages.stream(HELLO).finalMessage();
  expect(streamed.content).toMatchObject([{ type: 'text', text: 'Grüße, 世界 🌍' }]);
  expect(streamed.usage.output_tokens).toBe(buffered.usage.output_tokens);
});

test('the beta client works: its query goes along', async () => {
  const client = anthropic(await startTestGateway(CONFIG));
  const message = await client.beta.messages.create({ ...HELLO, betas: ['context-1m-2025-08-07'] });
  expect(message.stop_reason).toBe('end_turn');
});

test('the tool loop works', async () => {
  const client = anthropic(await startTestGateway(CONFIG));
  const tools = [
    { name: 'get_weather', input_schema: { type: 'object' as const, properties: { city: { type: 'string' } } } },
  ];
  const asked = { ...HELLO, model: 'claude-text', tools };
  const first = await client.messages.stream(asked).finalMessage();
  const call = first.content.find((block) => block.type === 'tool_use')!;
  expect(call.name).toBe('get_weather');
  const result = { type: 'tool_result' as const, tool_use_id: call.id, content: 'sun' };
  const second = await client.messages.create({
    ...asked,
    messages: [...HELLO.messages, { role: 'assistant', content: first.content }, { role: 'user', content: [result] }],
  });
  expect(second.stop_reason).toBe('end_turn');
});

test('tokens are counted', async () => {
  const client = anthropic(await startTestGateway(CONFIG));
  const { max_tokens: _, ...asked } = HELLO;
  expect((await client.messages.countTokens(asked)).input_tokens).toBeGreaterThan(0);
});

test('the models that apps can name are listed and read in Anthropic’s form', async () => {
  const client = anthropic(await startTestGateway(CONFIG));
  const listed = await client.models.list();
  expect(listed.data.map(({ id, type }) => [id, type])).toEqual([
    ['claude-echo', 'model'],
    // Of the provider's own list, by the glob.
    ['claude-text', 'model'],
  ]);
  expect(await client.models.retrieve('claude-echo')).toMatchObject({ id: 'claude-echo', display_name: 'claude-echo' });
});

test('an unknown model surfaces as not found, in Anthropic’s form', async () => {
  const client = anthropic(await startTestGateway(CONFIG));
  const error = await client.messages.create({ ...HELLO, model: 'gpt-4o' }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(NotFoundError);
  expect(error).toMatchObject({ status: 404, error: { type: 'error', error: { type: 'not_found_error' } } });
});

test.each([
  ['http-429', RateLimitError, 429, 'rate_limit_error'],
  ['http-529', InternalServerError, 529, 'overloaded_error'],
  ['reset', InternalServerError, 502, 'api_error'],
])('the fault %s surfaces as the error class of its status', async (fault, type, status, name) => {
  const client = anthropic(await startTestGateway(CONFIG), { headers: { 'x-sim-fault': fault } });
  const error = await client.messages.create(HELLO).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(type);
  expect(error).toMatchObject({ status, error: { error: { type: name } } });
});

test.each(['cut', 'reset-mid', 'eof'])('a stream that breaks off (%s) throws instead of ending', async (fault) => {
  const client = anthropic(await startTestGateway(CONFIG), { headers: { 'x-sim-fault': fault } });
  const reading = client.messages.stream({ ...HELLO, model: 'claude-text' }).finalMessage();
  await expect(reading).rejects.toMatchObject({ error: { error: { type: 'api_error' } } });
});
