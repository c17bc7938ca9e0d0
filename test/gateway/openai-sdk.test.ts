import OpenAI, { APIError, BadRequestError, InternalServerError, NotFoundError, RateLimitError } from 'openai';
import { expect, test } from 'vitest';
import { closedPort } from '../support/fake-upstream.ts';
import { openai } from '../support/sdk-clients.ts';
import { startTestGateway, type TestConfig, type TestGateway } from '../support/test-gateway.ts';

const INSTANT = { latency: { medianMs: 0 }, ttft: { medianMs: 0 }, interTokenMs: 0 };
const ECHO = { ...INSTANT, reply: 'echo' };

const CONFIG: TestConfig = {
  providers: { sim: { type: 'simulator', profiles: { 'fast-v1': INSTANT, echo: ECHO } } },
  passthrough: { provider: 'sim' },
  models: {
    'chat-fast': { target: 'sim/fast-v1' },
    echo: { target: 'sim/echo' },
    'text-embedding-*': { provider: 'sim' },
  },
};

const HELLO = { model: 'echo', messages: [{ role: 'user' as const, content: 'Grüße, 世界 🌍' }] };
const TOOL = {
  type: 'function' as const,
  function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
};

type ToolCall = OpenAI.ChatCompletionMessageFunctionToolCall;

async function withFault(fault: string): Promise<OpenAI> {
  const gateway = await startTestGateway({ ...CONFIG, upstream: { retries: { attempts: 0 } } });
  return openai(gateway, { headers: { 'x-sim-fault': fault } });
}

test('a buffered chat comes back whole, with the headers that tell its way', async () => {
  const client = openai(await startTestGateway(CONFIG));
  const { data, response } = await client.chat.completions.create(HELLO).withResponse();
  expect(data.choices[0]!.message.content).toBe('Grüße, 世界 🌍');
  expect(data.usage!.total_tokens).toBe(data.usage!.prompt_tokens + data.usage!.completion_tokens);
  expect(response.headers.get('x-sluice-provider')).toBe('sim');
  expect(response.headers.get('x-sluice-model')).toBe('echo');
  expect(response.headers.get('x-sluice-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(response.headers.get('server-timing')).toMatch(/^sluice;dur=[\d.]+, upstream;dur=[\d.]+$/);
});

test('a streamed chat accumulates to the buffered one, with its usage', async () => {
  const client = openai(await startTestGateway(CONFIG));
  const stream = client.chat.completions.stream({ ...HELLO, stream_options: { include_usage: true } });
  const completion = await stream.finalChatCompletion();
  expect(completion.choices[0]!.message.content).toBe('Grüße, 世界 🌍');
  expect(completion.choices[0]!.finish_reason).toBe('stop');
  expect(completion.usage!.completion_tokens).toBeGreaterThan(0);
});

test('the tool loop works, streamed and buffered', async () => {
  const client = openai(await startTestGateway(CONFIG));
  const asked = { model: 'chat-fast', messages: HELLO.messages, tools: [TOOL] };
  const first = await client.chat.completions.stream(asked).finalChatCompletion();
  const call = first.choices[0]!.message.tool_calls!.find(({ type }) => type === 'function')! as ToolCall;
  expect(call.function.name).toBe('get_weather');
  expect(JSON.parse(call.function.arguments)).toBeTypeOf('object');
  const second = await client.chat.completions.create({
    ...asked,
    messages: [...HELLO.messages, first.choices[0]!.message, { role: 'tool', tool_call_id: call.id, content: 'sun' }],
  });
  expect(second.choices[0]!.finish_reason).toBe('stop');
  expect(second.choices[0]!.message.content).not.toBe('');
});

test('completions work, buffered and streamed', async () => {
  const client = openai(await startTestGateway(CONFIG));
  const asked = { model: 'chat-fast', prompt: 'Once', max_tokens: 12 };
  const buffered = await client.completions.create(asked);
  let text = '';
  for await (const chunk of await client.completions.create({ ...asked, stream: true })) text += chunk.choices[0]?.text;
  expect(buffered.choices[0]!.text).not.toBe('');
  expect(text).toBe(buffered.choices[0]!.text);
});

test('responses work, buffered and streamed', async () => {
  const client = openai(await startTestGateway(CONFIG));
  const asked = { model: 'echo', input: 'Grüße, 世界 🌍' };
  const buffered = await client.responses.create(asked);
  const streamed = await client.responses.stream(asked).finalResponse();
  expect(buffered.output_text).toBe('Grüße, 世界 🌍');
  expect(streamed.output_text).toBe(buffered.output_text);
  expect(streamed.status).toBe('completed');
});

test('embeddings and moderations work', async () => {
  const client = openai(await startTestGateway(CONFIG));
  const embedded = await client.embeddings.create({ model: 'text-embedding-3-small', input: ['one', 'two'] });
  const moderated = await client.moderations.create({ input: 'hello' });
  expect(embedded.data.map(({ index }) => index)).toEqual([0, 1]);
  expect(moderated.results).toHaveLength(1);
});

test('the models that apps can name are listed and read', async () => {
  const client = openai(await startTestGateway(CONFIG));
  const listed = await client.models.list();
  expect(listed.data.map(({ id }) => id)).toEqual(['chat-fast', 'echo']);
  expect(await client.models.retrieve('echo')).toMatchObject({ id: 'echo', object: 'model', owned_by: 'sim' });
});

test('a model that nobody serves cannot be read', async () => {
  const client = openai(await startTestGateway({ ...CONFIG, passthrough: {} }));
  await expect(client.models.retrieve('nothing')).rejects.toBeInstanceOf(NotFoundError);
});

const LOCAL_ERRORS: readonly [string, (gateway: TestGateway) => Promise<unknown>, unknown, object][] = [
  [
    'an unknown model',
    (gateway) => openai(gateway).chat.completions.create({ ...HELLO, model: 'nothing' }),
    NotFoundError,
    { status: 404, code: 'model_not_found', param: 'model', type: 'not_found_error' },
  ],
  [
    'a call without messages',
    (gateway) => openai(gateway).chat.completions.create({ model: 'echo', messages: null as never }),
    BadRequestError,
    { status: 400 },
  ],
  [
    'a model of the wrong type',
    (gateway) => openai(gateway).chat.completions.create({ ...HELLO, model: 7 as never }),
    BadRequestError,
    { status: 400, code: 'invalid_request', param: 'model' },
  ],
];

test.each(LOCAL_ERRORS)('%s surfaces as the error class of its status', async (_name, call, type, fields) => {
  const error = await call(await startTestGateway(CONFIG)).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(type);
  expect(error).toMatchObject(fields);
});

test.each([
  ['http-429', RateLimitError, { status: 429, code: 'rate_limit_exceeded' }],
  ['http-500', InternalServerError, { status: 500 }],
  ['http-503', InternalServerError, { status: 503 }],
  ['reset', InternalServerError, { status: 502, code: 'upstream_unavailable' }],
  ['html', InternalServerError, { status: 502, code: 'upstream_unavailable' }],
])('the fault %s surfaces as the error class of its status', async (fault, type, fields) => {
  const client = await withFault(fault);
  const error = await client.chat.completions.create(HELLO).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(type);
  expect(error).toMatchObject(fields);
});

test.each(['cut', 'reset-mid', 'eof'])('a stream that breaks off (%s) throws instead of ending', async (fault) => {
  const client = await withFault(fault);
  const pieces: string[] = [];
  const reading = (async () => {
    const stream = await client.chat.completions.create({ ...HELLO, model: 'chat-fast', stream: true });
    for await (const chunk of stream) pieces.push(chunk.choices[0]?.delta.content ?? '');
  })();
  await expect(reading).rejects.toBeInstanceOf(APIError);
  expect(pieces.length).toBeGreaterThan(0);
});

test('the SDK’s own retries work with the gateway’s statuses', async () => {
  const dead = { type: 'openai', baseUrl: `http://127.0.0.1:${await closedPort()}/v1` };
  const gateway = await startTestGateway({
    providers: { dead },
    models: { 'chat-fast': { target: 'dead/m' } },
    upstream: { retries: { attempts: 0 } },
  });
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'unchecked', maxRetries: 1 });
  await expect(client.chat.completions.create({ ...HELLO, model: 'chat-fast' })).rejects.toMatchObject({ status: 502 });
  await expect(client.chat.completions.create(HELLO)).rejects.toMatchObject({ status: 404 });
  expect(gateway.log.requests.map(({ status }) => status)).toEqual([502, 502, 404]);
});
