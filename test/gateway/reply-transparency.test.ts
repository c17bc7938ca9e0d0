import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { closedPort, startFakeUpstream, startRawUpstream, type UpstreamHandler } from '../support/fake-upstream.ts';
import { headerPairs, postJson, type HttpReply } from '../support/http-client.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const CHAT = '/v1/chat/completions';
const REDACTED = { secrets: 'mask', emails: 'mask' };
const PLAIN = { secrets: 'allow', cards: 'allow', ibans: 'allow', national_ids: 'allow', generic_secrets: 'allow' };

async function gatewayTo(baseUrl: string, redaction: object = REDACTED): Promise<TestGateway> {
  return startTestGateway({
    providers: { up: { type: 'openai', baseUrl: `${baseUrl}/v1` } },
    models: { m: { provider: 'up' } },
    upstream: { retries: { attempts: 0 } },
    redaction,
  });
}

async function reply(handler: UpstreamHandler, redaction?: object): Promise<HttpReply> {
  const upstream = await startFakeUpstream(handler);
  return postJson(`${(await gatewayTo(upstream.url, redaction)).url}${CHAT}`, { model: 'm', messages: [] });
}

/** The reply of a provider that is given as bytes. */
async function replyToBytes(bytes: string, redaction?: object): Promise<HttpReply> {
  const upstream = await startRawUpstream((socket) => socket.end(bytes, 'latin1'));
  return postJson(`${(await gatewayTo(upstream.url, redaction)).url}${CHAT}`, { model: 'm', messages: [] });
}

/** Headers that the gateway or the hop to the client adds. */
const ADDED = new Set(['connection', 'keep-alive', 'server-timing', 'date']);

function passedBack({ rawHeaders }: HttpReply): string[] {
  const headers: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    if (!ADDED.has(name) && !name.startsWith('x-sluice-')) headers.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  }
  return headers;
}

const ODD_REPLY =
  '{ "id":12345678901234567890,\r\n\t"choices":[{"message":{"content":"\\u00e9 \\ud800 世界"},"finish_reason":"stop"}],"z":1,"a":1.0 }\n';

test('a buffered reply comes back byte for byte, with its status and headers', async () => {
  const sent = [
    'Content-Type: application/json; charset=utf-8',
    'X-RateLimit-Remaining-Requests: 99',
    'x-request-id: req_1',
    'openai-processing-ms: 12',
    'anthropic-ratelimit-tokens-remaining: 7',
    'Retry-After: 3',
    'x-should-retry: false',
    'vary: a',
    'vary: b',
    'x-odd: caf\u00e9',
    `content-length: ${Buffer.byteLength(ODD_REPLY)}`,
  ];
  const dropped = [
    'Set-Cookie: __cf_bm=secret',
    'alt-svc: h3=":443"',
    'Keep-Alive: timeout=5',
    'proxy-authenticate: Basic',
    'x-sluice-arm: forged',
  ];
  const got = await reply(
    ({ outgoing }) =>
      void outgoing.writeHead(201, 'Made', headerPairs(...sent, ...dropped)).end(Buffer.from(ODD_REPLY)),
  );
  expect([got.status, got.statusText]).toEqual([201, 'Made']);
  expect(got.text).toBe(ODD_REPLY);
  expect(passedBack(got)).toEqual(sent);
  expect(got.headers['x-sluice-arm']).toBeUndefined();
});

test('headers that Connection names stop with it', async () => {
  const head =
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close, X-Private\r\nx-private: one hop\r\nx-public: kept';
  const got = await replyToBytes(`${head}\r\ncontent-length: 2\r\n\r\n{}`);
  expect(got.headers).toMatchObject({ 'x-public': 'kept' });
  expect(got.headers['x-private']).toBeUndefined();
});

test.each([
  ['without a length', 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{"a":1}'],
  [
    'in chunks',
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n3\r\n{"a\r\n4;x=y\r\n":1}\r\n0\r\n\r\n',
  ],
  ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n{"a":1}'],
  [
    'after early hints',
    'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n{"a":1}',
  ],
  [
    'with a reason phrase in UTF-8',
    `HTTP/1.1 200 ${Buffer.from('成功').toString('latin1')}\r\ncontent-length: 7\r\n\r\n{"a":1}`,
  ],
])('a reply %s comes back whole', async (_name, bytes) => {
  const got = await replyToBytes(bytes);
  expect([got.status, got.text, got.isComplete]).toEqual([200, '{"a":1}', true]);
  expect(got.headers['content-length']).toBe('7');
});

test('an empty reply stays empty', async () => {
  const got = await replyToBytes('HTTP/1.1 204 No Content\r\nx-a: b\r\n\r\n', PLAIN);
  expect([got.status, got.body.length, got.isComplete, got.headers['x-a']]).toEqual([204, 0, true, 'b']);
});

const ERROR = '{\n  "error": {"message": "Überlast: ask us", "type": "x", "code": null}, "id": 12345678901234567890}';

test.each([400, 401, 403, 404, 409, 422, 429, 500, 503, 529])(
  'an error reply with status %d comes back unmodified',
  async (status) => {
    const headers = { 'content-type': 'application/json', 'x-request-id': 'req_9', 'retry-after': '7' };
    const got = await reply(({ outgoing }) => void outgoing.writeHead(status, headers).end(ERROR));
    expect([got.status, got.text]).toEqual([status, ERROR]);
    expect(got.headers).toMatchObject({ ...headers, 'x-sluice-provider': 'up', 'x-sluice-model': 'm' });
  },
);

test('an error reply that is no JSON comes back unmodified, too', async () => {
  const page = '<html>Bad gateway</html>';
  const got = await reply(({ outgoing }) => void outgoing.writeHead(502, { 'content-type': 'text/html' }).end(page));
  expect([got.status, got.text]).toEqual([502, page]);
});

/** The reply of a route whose first target answers by `handler`, and whose fallback cannot be reached. */
async function replyBeforeDeadFallback(handler: UpstreamHandler): Promise<HttpReply> {
  const upstream = await startFakeUpstream(handler);
  const gateway = await startTestGateway({
    providers: {
      up: { type: 'openai', baseUrl: `${upstream.url}/v1` },
      dead: { type: 'openai', baseUrl: `http://127.0.0.1:${await closedPort()}/v1` },
    },
    models: { m: { target: 'up/first', fallbacks: ['dead/second'] } },
    upstream: { retries: { attempts: 0 } },
  });
  return postJson(`${gateway.url}${CHAT}`, { model: 'm', messages: [] });
}

test('the error reply of the first target comes back when its fallback cannot be reached, and names the first', async () => {
  const got = await replyBeforeDeadFallback(
    ({ outgoing }) => void outgoing.writeHead(503, { 'x-request-id': 'r' }).end(ERROR),
  );
  expect([got.status, got.text, got.headers['x-request-id']]).toEqual([503, ERROR, 'r']);
  expect([got.headers['x-sluice-provider'], got.headers['x-sluice-model']]).toEqual(['up', 'first']);
});

test('an error reply too long to keep while others are tried is told in the gateway’s words', async () => {
  const got = await replyBeforeDeadFallback(
    ({ outgoing }) => void outgoing.writeHead(503, { 'content-length': 100_000 }).end(Buffer.alloc(100_000, 'x')),
  );
  expect([got.status, got.isComplete]).toEqual([502, true]);
  expect(got.json()).toMatchObject({ error: { code: 'upstream_unavailable' } });
});

test('a redacted reply keeps every byte outside of what was replaced, and drops what no longer fits', async () => {
  const body = '{ "id":12345678901234567890, "choices":[{"message":{"content":"ada@example.com \\ud800"}}] }';
  const got = await reply(({ outgoing }) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      etag: '"1"',
      'x-a': 'b',
    };
    outgoing.writeHead(200, headers).end(body);
  });
  expect(got.text.startsWith('{ "id":12345678901234567890, "choices":[{"message":{"content":"')).toBe(true);
  expect(got.text).not.toContain('ada@example.com');
  expect(got.headers).toMatchObject({
    'content-length': String(got.body.length),
    'x-a': 'b',
    'x-sluice-redacted': 'pii.email=1',
  });
  expect(got.headers['etag']).toBeUndefined();
});

test.each([
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
] as const)(
  'a reply that is compressed (%s) although nobody asked comes back as it came, or plain once redacted',
  async (encoding, compress) => {
    const send =
      (text: string): UpstreamHandler =>
      ({ outgoing }) =>
        void outgoing
          .writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding })
          .end(compress(text));
    const clean = await reply(send('{"choices":[{"message":{"content":"hi"}}]}'));
    expect(clean.headers['content-encoding']).toBe(encoding);
    expect(clean.body.equals(compress('{"choices":[{"message":{"content":"hi"}}]}'))).toBe(true);
    const redacted = await reply(send('{"choices":[{"message":{"content":"ada@example.com"}}]}'));
    expect(redacted.headers['content-encoding']).toBeUndefined();
    expect(redacted.text).toMatch(/^\{"choices":\[\{"message":\{"content":"(?!ada)/);
  },
);

test('a reply that is no JSON is passed on without redaction, and refused with it', async () => {
  const handler: UpstreamHandler = ({ outgoing }) =>
    void outgoing.writeHead(200, { 'content-type': 'text/plain' }).end('ada@example.com');
  expect((await reply(handler, PLAIN)).text).toBe('ada@example.com');
  const refused = await reply(handler);
  expect(refused.status).toBe(502);
  expect(refused.text).not.toContain('ada@');
});

test('a compressed stream is passed on without redaction, and refused with it', async () => {
  const bytes = gzipSync('data: {"choices":[{"delta":{"content":"hi"}}]}\n\ndata: [DONE]\n\n');
  const handler: UpstreamHandler = ({ outgoing }) =>
    void outgoing.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }).end(bytes);
  const passed = await reply(handler, PLAIN);
  expect([passed.headers['content-encoding'], passed.body.equals(bytes)]).toEqual(['gzip', true]);
  expect((await reply(handler)).status).toBe(502);
});

test('a stream keeps its status and headers, with those dropped that may not pass', async () => {
  const got = await reply(({ outgoing }) => {
    const headers = {
      'content-type': 'text/event-stream',
      'x-request-id': 'req_1',
      'x-ratelimit-remaining-tokens': '5',
      'set-cookie': 'a=b',
      'cache-control': 'no-cache',
    };
    outgoing.writeHead(200, headers).end('data: {"choices":[{"delta":{}}]}\n\ndata: [DONE]\n\n');
  });
  expect(got.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'x-request-id': 'req_1',
    'x-ratelimit-remaining-tokens': '5',
    'cache-control': 'no-cache',
  });
  expect(got.headers['set-cookie']).toBeUndefined();
  expect(got.headers['x-sluice-request-id']).toBeDefined();
});
