import { generateKeyPairSync } from 'node:crypto';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { signV4 } from '../../src/providers/sigv4.ts';
import { answerChat, answerJson, startFakeUpstream, type UpstreamCall } from '../support/fake-upstream.ts';
import { postJson } from '../support/http-client.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const TOKEN = 'token-of-the-cloud-0123456789';
const SECRET = 'client-secret-0123456789';

const sent = ({ body }: UpstreamCall): unknown => JSON.parse(body.toString());

test('Azure is called by deployment with a token of Entra, which nobody else sees', async () => {
  const azure = await startFakeUpstream((call) =>
    call.url.endsWith('/token')
      ? answerJson(call, { access_token: TOKEN, expires_in: 3600 })
      : answerJson(call, { choices: [{ message: { content: `You are ${TOKEN}.` } }] }),
  );
  const gateway = await startTestGateway({
    providers: {
      az: {
        type: 'azure-openai',
        baseUrl: azure.url,
        apiVersion: '2024-10-21',
        deployments: { 'gpt-4o': 'prod' },
        entra: { tenant: 't', clientId: 'c', clientSecret: SECRET, authority: azure.url },
      },
    },
    models: { '*': { provider: 'az' } },
  });
  const ask = () => postJson(`${gateway.url}/v1/chat/completions`, { model: 'gpt-4o', messages: [] });
  const replies = [await ask(), await ask()];
  expect(replies.map(({ status }) => status)).toEqual([200, 200]);
  expect(azure.calls.map(({ url }) => url)).toEqual([
    '/t/oauth2/v2.0/token',
    '/openai/deployments/prod/chat/completions?api-version=2024-10-21',
    '/openai/deployments/prod/chat/completions?api-version=2024-10-21',
  ]);
  expect(azure.calls[1]!.headers['authorization']).toBe(`Bearer ${TOKEN}`);
  expect(sent(azure.calls[1]!)).toEqual({ model: 'prod', messages: [] });
  const config = await (await fetch(`${gateway.adminUrl}/api/v1/config`)).text();
  const told = [config, gateway.log.lines.join(), ...replies.map(({ text }) => text)].join();
  for (const secret of [TOKEN, SECRET]) expect(told).not.toContain(secret);
  expect(replies[0]!.text).toContain('REDACTED_provider_key');
});

test('a token that cannot be had is 502 with the reason, and a fallback is used where there is one', async () => {
  const authority = await startFakeUpstream((call) => answerJson(call, { error: 'invalid_client' }, 401));
  const other = await startFakeUpstream((call) => answerChat(call));
  const entra = { tenant: 't', clientId: 'c', clientSecret: SECRET, authority: authority.url };
  const gateway = await startTestGateway({
    providers: {
      az: { type: 'azure-openai', baseUrl: authority.url, entra },
      spare: { type: 'openai', baseUrl: `${other.url}/v1` },
    },
    models: { alone: { target: 'az/m' }, helped: { target: 'az/m', fallbacks: ['spare/m'] } },
    upstream: { retries: { attempts: 0 } },
  });
  const ask = (model: string) => postJson(`${gateway.url}/v1/chat/completions`, { model, messages: [] });
  const [alone, helped] = [await ask('alone'), await ask('helped')];
  expect([alone.status, helped.status, helped.headers['x-sluice-provider']]).toEqual([502, 200, 'spare']);
  expect(alone.json()).toMatchObject({ error: { code: 'upstream_unavailable' } });
  expect(alone.text).toContain('401 invalid_client');
});

test('an Azure key goes in its own header, and that of an app does not', async () => {
  const azure = await startFakeUpstream((call) => answerChat(call));
  const gateway = await startTestGateway({
    providers: { az: { type: 'azure-openai', baseUrl: azure.url, apiKey: 'azure-key-0123456789' } },
    models: { '*': { provider: 'az' } },
  });
  const headers = { 'api-key': 'of-the-app', authorization: 'Bearer of-the-app' };
  await postJson(`${gateway.url}/v1/chat/completions`, { model: 'm', messages: [] }, headers);
  const [call] = azure.calls;
  expect([call!.url, call!.headers['api-key'], call!.headers['authorization']]).toEqual([
    '/openai/v1/chat/completions',
    'azure-key-0123456789',
    undefined,
  ]);
});

test('Claude at Vertex gets the body without the model, by a path that says whether it streams', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const vertex = await startFakeUpstream((call) =>
    answerJson(
      call,
      call.url === '/token' ? { access_token: TOKEN, expires_in: 3600 } : { type: 'message', content: [] },
    ),
  );
  const serviceAccount = {
    client_email: 'a@b',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    project_id: 'proj',
    token_uri: `${vertex.url}/token`,
  };
  const gateway = await startTestGateway({
    providers: { v: { type: 'google-vertex', publisher: 'anthropic', baseUrl: vertex.url, serviceAccount } },
    models: { claude: { target: 'v/claude-sonnet-4@20250514' } },
  });
  const body = { model: 'claude', max_tokens: 1, messages: [] };
  expect((await postJson(`${gateway.url}/v1/messages`, body)).status).toBe(200);
  await postJson(`${gateway.url}/v1/messages`, { ...body, stream: true });
  const place = '/v1/projects/proj/locations/global/publishers/anthropic/models/claude-sonnet-4%4020250514';
  expect(vertex.calls.map(({ url }) => url)).toEqual(['/token', `${place}:rawPredict`, `${place}:streamRawPredict`]);
  expect(sent(vertex.calls[1]!)).toEqual({ anthropic_version: 'vertex-2023-10-16', max_tokens: 1, messages: [] });
});

test('a provider that is only translated to has no endpoints that are passed through', async () => {
  const gateway = await startTestGateway({
    providers: { g: { type: 'google-gemini', apiKey: 'k' }, sim: { type: 'simulator' } },
    models: { 'gemini-*': { provider: 'g' } },
  });
  const reply = await fetch(`${gateway.url}/v1/models/gemini-x`);
  expect(reply.status).toBe(404);
});

const CHAT = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], max_completion_tokens: 5 };

test('Gemini is called by a chat client in its own format, at its own path, with its own key header', async () => {
  const gemini = await startFakeUpstream((call) =>
    answerJson(call, { candidates: [{ content: { role: 'model', parts: [{ text: 'Ho' }] }, finishReason: 'STOP' }] }),
  );
  const gateway = await startTestGateway({
    providers: { g: { type: 'google-gemini', baseUrl: gemini.url, apiKey: 'gemini-key-0123456789' } },
    models: { m: { target: 'g/gemini-2.5-flash' } },
  });
  const reply = await postJson(`${gateway.url}/v1/chat/completions`, CHAT);
  expect(reply.json()).toMatchObject({ choices: [{ message: { content: 'Ho' }, finish_reason: 'stop' }] });
  const [call] = gemini.calls;
  expect([call!.url, call!.headers['x-goog-api-key'], call!.headers['authorization']]).toEqual([
    '/v1beta/models/gemini-2.5-flash:generateContent',
    'gemini-key-0123456789',
    undefined,
  ]);
});

test.each([
  [{}, '34'],
  [{ 'retry-after': '7' }, '7'],
])(
  'the wait that Gemini tells in an error is a header to clients, behind headers of its own: %j',
  async (own, wait) => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '33.5s' }];
    const gemini = await startFakeUpstream(({ outgoing }) => {
      outgoing.writeHead(429, { 'content-type': 'application/json', ...own });
      outgoing.end(JSON.stringify({ error: { code: 429, message: 'Slow.', status: 'RESOURCE_EXHAUSTED', details } }));
    });
    const gateway = await startTestGateway({
      providers: { g: { type: 'google-gemini', baseUrl: gemini.url, apiKey: 'gemini-key-0123456789' } },
      models: { m: { target: 'g/gemini-2.5-flash' } },
      upstream: { retries: { attempts: 0 } },
    });
    const reply = await postJson(`${gateway.url}/v1/chat/completions`, CHAT);
    expect(reply.status).toBe(429);
    expect(reply.headers['retry-after']).toBe(wait);
    expect(reply.json()).toMatchObject({ error: { message: 'Slow.', type: 'rate_limit_error' } });
  },
);

test('Bedrock is called by a chat client with a signed request over the translated body', async () => {
  const bedrock = await startFakeUpstream((call) =>
    answerJson(call, {
      output: { message: { role: 'assistant', content: [{ text: 'Ho' }] } },
      stopReason: 'end_turn',
      usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
    }),
  );
  const key = { accessKeyId: 'AKID', secretAccessKey: 'aws-secret-0123456789', sessionToken: 'session-0123456789' };
  const gateway = await startTestGateway({
    providers: { b: { type: 'aws-bedrock', region: 'eu-west-1', baseUrl: bedrock.url, ...key } },
    models: { m: { target: 'b/anthropic.claude-3-haiku-20240307-v1:0' } },
  });
  const reply = await postJson(`${gateway.url}/v1/chat/completions`, CHAT);
  expect(reply.json()).toMatchObject({ choices: [{ message: { content: 'Ho' } }] });
  const { url, headers, body } = bedrock.calls[0]!;
  expect(url).toBe('/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse');
  const date = String(headers['x-amz-date']);
  const wall = Date.parse(date.replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:'));
  const request = { method: 'POST', host: new URL(bedrock.url).host, path: url, body };
  const expected = signV4({ kind: 'aws', region: 'eu-west-1', ...key }, 'bedrock', request, wall);
  expect([
    'x-amz-date',
    date,
    'x-amz-security-token',
    headers['x-amz-security-token'],
    'authorization',
    headers['authorization'],
  ]).toEqual(expected);
});

test('calls that are translated to a compatible vendor are in its dialect as well', async () => {
  const vendor = await startFakeUpstream((call) => answerChat(call));
  const gateway = await startTestGateway({
    providers: { d: { type: 'deepseek', baseUrl: `${vendor.url}/v1`, apiKey: 'k' } },
    models: { m: { target: 'd/deepseek-chat' } },
  });
  const body = { model: 'm', max_tokens: 7, system: 'Be brief.', messages: [{ role: 'user', content: 'Hi' }] };
  const reply = await postJson(`${gateway.url}/v1/messages`, body);
  expect(reply.json()).toMatchObject({ type: 'message', content: [{ type: 'text', text: 'Hello.' }] });
  expect(sent(vendor.calls[0]!)).toMatchObject({ model: 'deepseek-chat', max_tokens: 7 });
  expect(vendor.calls[0]!.body.toString()).not.toMatch(/developer|max_completion_tokens/);
});

test.each([
  ['chat', '/v1/chat/completions'],
  ['responses', '/v1/responses'],
])('calls of Anthropic clients are translated to the %s API of a provider that has both', async (api, path) => {
  const openai = await startFakeUpstream((call) => answerJson(call, {}, 500));
  const gateway = await startTestGateway({
    providers: { o: { type: 'openai', api, baseUrl: `${openai.url}/v1`, apiKey: 'k' } },
    models: { m: { target: 'o/gpt' } },
    upstream: { retries: { attempts: 0 } },
  });
  await postJson(`${gateway.url}/v1/messages`, {
    model: 'm',
    max_tokens: 7,
    messages: [{ role: 'user', content: 'Hi' }],
  });
  expect(openai.calls.map(({ url }) => url)).toEqual([path]);
});

test('embeddings of OpenAI clients are translated to Gemini, with what they cost', async () => {
  const upstream = await startFakeUpstream((call) =>
    answerJson(call, { embeddings: [{ values: [0.5, 0.25] }], usageMetadata: { promptTokenCount: 1000 } }),
  );
  const gateway = await startTestGateway({
    providers: { g: { type: 'google-gemini', baseUrl: upstream.url, apiKey: 'k' } },
    models: { e: { target: 'g/gemini-embedding-001' } },
    prices: { 'g/*': { input: 1, output: 0 } },
  });
  const client = new OpenAI({ apiKey: 'x', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  // The SDK asks for base64 by itself.
  const { data, usage } = await client.embeddings.create({ model: 'e', input: 'hi' });
  expect([data[0]!.embedding, usage.prompt_tokens]).toEqual([[0.5, 0.25], 1000]);
  expect(upstream.calls[0]!.url).toBe('/v1beta/models/gemini-embedding-001:batchEmbedContents');
  expect((await gateway.metrics()).sum('sluice_cost_usd_total')).toBeCloseTo(0.001, 9);
});

test('an endpoint that a provider has nothing for is a 400 that names the model and the endpoint', async () => {
  const gateway = await startTestGateway({
    providers: {
      g: { type: 'google-gemini', baseUrl: 'http://127.0.0.1:9', apiKey: 'k' },
      b: { type: 'aws-bedrock', region: 'r', baseUrl: 'http://127.0.0.1:9', apiKey: 'k' },
      c: { type: 'anthropic', baseUrl: 'http://127.0.0.1:9', apiKey: 'k' },
    },
    models: { gem: { target: 'g/m' }, bed: { target: 'b/m' }, claude: { target: 'c/m' } },
  });
  const ask = async (path: string, model: string) => {
    const reply = await postJson(`${gateway.url}${path}`, { model, prompt: 'p', input: 'i' });
    return [reply.status, (reply.json() as { error: { message: string } }).error.message];
  };
  for (const [path, model] of [
    ['/v1/completions', 'gem'],
    ['/v1/completions', 'bed'],
    ['/v1/moderations', 'gem'],
    ['/v1/embeddings', 'claude'],
  ] as const) {
    const [status, message] = await ask(path, model);
    expect(status).toBe(400);
    expect(message).toContain(`The model "${model}" cannot be called through ${path}: its provider`);
  }
});
