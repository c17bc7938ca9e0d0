import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { answerChat, startFakeUpstream, type FakeUpstream, type UpstreamCall } from '../support/fake-upstream.ts';
import { exchange, headerPairs, type HttpCall } from '../support/http-client.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const PROVIDER_KEY = 'sk-provider-0123456789';

interface Setup {
  readonly gateway: TestGateway;
  readonly upstream: FakeUpstream;
}

async function setup(provider: Readonly<Record<string, unknown>> = {}): Promise<Setup> {
  const upstream = await startFakeUpstream((call) => answerChat(call));
  const gateway = await startTestGateway({
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1`, apiKey: PROVIDER_KEY, ...provider } },
    passthrough: { provider: 'up' },
    models: { '*': { provider: 'up' } },
    keys: [{ name: 'app', secret: 'sk-sluice-app' }],
    redaction: { secrets: 'placeholder', emails: 'mask' },
  });
  return { gateway, upstream };
}

/** Sends the same call once straight to the provider and once through the gateway. */
async function both({ gateway, upstream }: Setup, path: string, call: HttpCall): Promise<[UpstreamCall, UpstreamCall]> {
  const at = upstream.calls.length;
  await exchange(`${upstream.url}${path}`, call);
  await exchange(`${gateway.url}${path}`, call);
  expect(upstream.calls).toHaveLength(at + 2);
  return [upstream.calls[at]!, upstream.calls[at + 1]!];
}

/** What the contract says may differ from a direct call: credentials, framing, the connection, what is asked of encodings. */
const CHANGED = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'authorization',
  'x-api-key',
  'accept-encoding',
  'expect',
]);

/** The other headers, in their order and spelling. */
function kept({ rawHeaders }: UpstreamCall): string[] {
  const headers: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    if (!CHANGED.has(name) && !name.startsWith('x-sluice-')) headers.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  }
  return headers;
}

const CHAT = '/v1/chat/completions';

const ODD_BODIES: Readonly<Record<string, string>> = {
  'big integers and odd numbers':
    '{"model":"m","seed":12345678901234567890,"a":1.0,"b":1E400,"c":-0,"d":1e-7,"messages":[]}',
  'white space everywhere': '\r\n\t { "model" :\t"m" , "messages" : [ ] \n, "stream":false }\n\n',
  'keys out of order': '{"z":1,"messages":[],"model":"m","a":2,"10":0,"9":0}',
  'escapes that need none': '{"\\u006dodel":"\\u006d","messages":[{"role":"user","content":"\\/\\u0041\\u00e9"}]}',
  'emoji and other scripts': '{"model":"m","messages":[{"role":"user","content":"🌍 世界 e\u0301 \u2028"}]}',
  'lone surrogate escapes': '{"model":"m","messages":[{"role":"user","content":"\\ud800 and \\udfff"}]}',
  'a name that is special in JavaScript':
    '{"model":"m","__proto__":{"admin":true},"constructor":{"prototype":1},"messages":[]}',
  'an empty object in place of everything': '{"model":"m","messages":[{}],"tools":[[],{},"",null,0]}',
};

test.each(Object.entries(ODD_BODIES))('a body with %s goes through byte for byte', async (_name, body) => {
  const [direct, through] = await both(await setup(), CHAT, { body, headers: { 'content-type': 'application/json' } });
  expect(through.body.equals(Buffer.from(body))).toBe(true);
  expect(through.body.equals(direct.body)).toBe(true);
});

test.each(['/chat/completions', '/completions', '/responses', '/embeddings', '/moderations'])(
  'a call of %s keeps its method, path, query and headers',
  async (path) => {
    const [direct, through] = await both(await setup(), `/v1${path}?a=1&b=%20x%2Fy&a=2&beta`, {
      body: '{"model":"m"}',
      headers: headerPairs(
        'Content-Type: application/json; charset=utf-8',
        'OpenAI-Organization: org-1',
        'OpenAI-Beta: assistants=v2',
        'x-stainless-retry-count: 0',
        'X-Client-Request-Id: abc',
        'Idempotency-Key: once',
        'Accept: */*',
        'x-many: one',
        'x-many: two',
        'x-odd: caf\u00e9',
        'constructor: kept',
        '__proto__: kept',
        'cookie: a=b',
        'user-agent: app/1.0',
      ),
    });
    expect([through.method, through.url]).toEqual([direct.method, direct.url]);
    expect(kept(through)).toEqual(kept(direct));
    expect(through.headers['content-length']).toBe(direct.headers['content-length']);
    expect(through.headers['transfer-encoding']).toBeUndefined();
    expect(through.headers.host).toBe(direct.headers.host);
  },
);

test('an Anthropic call keeps its path, query and headers, and gets the version it lacks', async () => {
  const upstream = await startFakeUpstream((call) => answerChat(call));
  const gateway = await startTestGateway({
    providers: { up: { type: 'anthropic', baseUrl: upstream.url, apiKey: PROVIDER_KEY } },
    models: { '*': { provider: 'up' } },
  });
  const headers = [
    'anthropic-version',
    '2024-01-01',
    'anthropic-beta',
    'a,b',
    'anthropic-beta',
    'c',
    'x-api-key',
    'theirs',
  ];
  const call = { body: '{"model":"claude","max_tokens":5}', headers };
  const [direct, through] = await both({ gateway, upstream }, '/v1/messages?beta=true', call);
  expect([through.method, through.url]).toEqual(['POST', '/v1/messages?beta=true']);
  expect(kept(through)).toEqual(kept(direct));
  expect(through.headers['x-api-key']).toBe(PROVIDER_KEY);
  const bare = await both({ gateway, upstream }, '/v1/messages/count_tokens', { body: '{"model":"claude"}' });
  expect(bare[1].headers['anthropic-version']).toBe('2023-06-01');
});

test('the caller’s credentials are replaced by the provider’s, and the gateway’s own headers stop', async () => {
  const { gateway, upstream } = await setup();
  await exchange(`${gateway.url}${CHAT}`, {
    body: '{"model":"m"}',
    headers: {
      authorization: 'Bearer sk-sluice-app',
      'x-api-key': 'sk-other',
      'x-sluice-arm': 'canary',
      'X-Sluice-Metadata': '{"team":"search"}',
      'accept-encoding': 'gzip, br',
    },
  });
  const [call] = upstream.calls;
  expect(call!.headers.authorization).toBe(`Bearer ${PROVIDER_KEY}`);
  expect(call!.headers['x-api-key']).toBeUndefined();
  expect(call!.headers['accept-encoding']).toBe('identity');
  expect(Object.keys(call!.headers).filter((name) => name.startsWith('x-sluice'))).toEqual([]);
  expect(JSON.stringify(call!.rawHeaders)).not.toContain('sk-sluice-app');
});

test('hop-by-hop headers and those that Connection names stop at the gateway', async () => {
  const { gateway, upstream } = await setup();
  await exchange(`${gateway.url}${CHAT}`, {
    body: '{"model":"m"}',
    headers: {
      connection: 'close, X-Private',
      'x-private': 'one hop',
      'keep-alive': 'timeout=5',
      te: 'trailers',
      'proxy-authorization': 'Basic abc',
      'proxy-connection': 'keep-alive',
      expect: '100-continue',
    },
  });
  const names = Object.keys(upstream.calls[0]!.headers);
  for (const name of ['x-private', 'keep-alive', 'te', 'proxy-authorization', 'proxy-connection', 'expect'])
    expect(names).not.toContain(name);
});

test('the headers of the provider’s configuration win over the caller’s', async () => {
  const { gateway, upstream } = await setup({ headers: { 'OpenAI-Project': 'proj-1' } });
  await exchange(`${gateway.url}${CHAT}`, {
    body: '{"model":"m"}',
    headers: { 'openai-project': 'theirs', 'x-own': 'stays' },
  });
  const { headers } = upstream.calls[0]!;
  expect(headers).toMatchObject({ 'openai-project': 'proj-1', 'x-own': 'stays' });
});

test.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
] as const)('a %s body that nothing changes goes on as it came', async (encoding, compress) => {
  const body = compress(Buffer.from('{"model":"m","messages":[{"role":"user","content":"hello"}]}'));
  const [direct, through] = await both(await setup(), CHAT, { body, headers: { 'content-encoding': encoding } });
  expect(through.body.equals(body)).toBe(true);
  expect(through.headers['content-encoding']).toBe(direct.headers['content-encoding']);
  expect(through.headers['content-length']).toBe(String(body.length));
});

test('a compressed body that is redacted goes on plain', async () => {
  const { gateway, upstream } = await setup();
  const body = gzipSync('{"model":"m","messages":[{"role":"user","content":"I am ada@example.com"}]}');
  await exchange(`${gateway.url}${CHAT}`, { body, headers: { 'content-encoding': 'gzip' } });
  const [call] = upstream.calls;
  expect(call!.headers['content-encoding']).toBeUndefined();
  expect(call!.body.toString()).not.toContain('ada@example.com');
  expect(JSON.parse(call!.body.toString())).toMatchObject({ model: 'm' });
});

test('a redacted body keeps every byte outside of what was replaced', async () => {
  const { gateway, upstream } = await setup();
  const body =
    '{ "seed":12345678901234567890,\n "model":"m","messages":[{"role":"user","content":"\\u00e9 ada@example.com \\ud800"}] }';
  const reply = await exchange(`${gateway.url}${CHAT}`, { body });
  const [before, after] = [
    '{ "seed":12345678901234567890,\n "model":"m","messages":[{"role":"user","content":"',
    '"}] }',
  ];
  const sent = upstream.calls[0]!.body.toString();
  expect(sent.startsWith(before) && sent.endsWith(after)).toBe(true);
  expect(sent).not.toContain('ada@example.com');
  expect(JSON.parse(sent)).toMatchObject({
    messages: [{ content: expect.stringMatching(/^é .+ \ud800$/u) as string }],
  });
  expect(reply.headers['x-sluice-redacted']).toBe('pii.email=1');
});

test('a target with a model of its own changes the model and nothing else', async () => {
  const upstream = await startFakeUpstream((call) => answerChat(call));
  const gateway = await startTestGateway({
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
    models: { alias: { target: 'up/vendor/"real"-é' } },
  });
  const body = '{ "n":12345678901234567890, "\\u006dodel" : "alias" , "messages":[]}';
  const reply = await exchange(`${gateway.url}${CHAT}`, { body });
  expect(upstream.calls[0]!.body.toString()).toBe(body.replace('"alias"', JSON.stringify('vendor/"real"-é')));
  expect(reply.headers['x-sluice-model']).toBe('vendor/"real"-?');
});
