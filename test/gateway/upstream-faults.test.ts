import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  answerChat,
  closedPort,
  startFakeUpstream,
  startRawUpstream,
  type FakeUpstream,
  type UpstreamHandler,
} from '../support/fake-upstream.ts';
import { postJson, type HttpReply } from '../support/http-client.ts';
import { startTestGateway, type TestConfig, type TestGateway } from '../support/test-gateway.ts';

const CHAT = '/v1/chat/completions';
const CALL = { model: 'm', messages: [] };

/** `m` goes to the first target, then to the others. */
async function gatewayTo(
  urls: readonly string[],
  upstream: Readonly<Record<string, unknown>> = {},
  rest: TestConfig = {},
): Promise<TestGateway> {
  const names = urls.map((_, index) => `p${index}`);
  return startTestGateway({
    providers: Object.fromEntries(
      urls.map((url, index) => [names[index], { type: 'openai', baseUrl: `${url}/v1`, apiKey: 'sk-provider' }]),
    ),
    models: { m: { target: 'p0/one', fallbacks: names.slice(1).map((name) => `${name}/other`) } },
    upstream: { retries: { attempts: 0 }, ...upstream },
    ...rest,
  });
}

const call = ({ url }: TestGateway, body: object = CALL): Promise<HttpReply> => postJson(`${url}${CHAT}`, body);

function expectUnavailable(reply: HttpReply): void {
  expect(reply.status).toBe(502);
  expect(reply.json()).toMatchObject({ error: { code: 'upstream_unavailable', type: 'server_error', param: null } });
  expect(reply.headers['x-should-retry']).toBeUndefined();
}

const healthy: UpstreamHandler = (upstreamCall) => answerChat(upstreamCall);
const dead = async (): Promise<string> => `http://127.0.0.1:${await closedPort()}`;

const html: UpstreamHandler = ({ outgoing }) =>
  void outgoing.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>log in</html>');
const redirect: UpstreamHandler = ({ outgoing }) =>
  void outgoing.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data/' }).end();

test('a refused connection goes to the fallback, or is 502 without one', async () => {
  const second = await startFakeUpstream(healthy);
  const gateway = await gatewayTo([await dead(), second.url]);
  const reply = await call(gateway);
  expect([reply.status, reply.headers['x-sluice-provider'], reply.headers['x-sluice-model']]).toEqual([
    200,
    'p1',
    'other',
  ]);
  expectUnavailable(await call(await gatewayTo([await dead()])));
});

test('a target that refuses is tried again within its attempts', async () => {
  const gateway = await gatewayTo([await dead()], { retries: { attempts: 2 } });
  expectUnavailable(await call(gateway));
  expect(gateway.log.requests).toMatchObject([{ attempts: 3, outcome: 'error', errorType: 'upstream_unavailable' }]);
  expect((await gateway.metrics()).sum('sluice_upstream_attempts_total', { result: 'connect_error' })).toBe(3);
});

test('a connection that the provider closed while it was idle is not used again', async () => {
  const sockets: { destroySoon(): void }[] = [];
  const upstream = await startRawUpstream((socket) => {
    sockets.push(socket);
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}');
  });
  const gateway = await gatewayTo([upstream.url]);
  expect((await call(gateway)).status).toBe(200);
  sockets[0]!.destroySoon();
  expect((await call(gateway)).status).toBe(200);
});

test('a reset after the request was sent is 502 and never sent twice, not even to a fallback', async () => {
  const second = await startFakeUpstream(healthy);
  let requests = 0;
  const first = await startRawUpstream((socket, number) => {
    requests = number + 1;
    if (number === 0) socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}');
    else socket.resetAndDestroy();
  });
  const gateway = await gatewayTo([first.url, second.url], { retries: { attempts: 3 } });
  expect((await call(gateway)).status).toBe(200);
  expectUnavailable(await call(gateway));
  expect([requests, second.calls.length]).toEqual([2, 0]);
});

test('a provider that sends no headers in time goes to the fallback, or is 504 without one', async () => {
  const second = await startFakeUpstream(healthy);
  const silent = await startFakeUpstream(() => {});
  const timeouts = { timeouts: { firstByte: '50ms', reply: '50ms' } };
  const [over, alone] = await Promise.all([
    gatewayTo([silent.url, second.url], timeouts).then(call),
    gatewayTo([silent.url], timeouts).then((gateway) => call(gateway, { ...CALL, stream: true })),
  ]);
  expect([over.status, over.headers['x-sluice-provider']]).toEqual([200, 'p1']);
  expect(alone.status).toBe(504);
  expect(alone.json()).toMatchObject({ error: { code: 'upstream_timeout' } });
  expect(await Promise.all(silent.calls.map(({ left }) => left))).toEqual([true, true]);
});

test('a buffered reply that stalls in the middle is 504, and one that is cut off 502', async () => {
  const half: UpstreamHandler = ({ outgoing }) =>
    void outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 }).write('{"a"');
  const stalled = await startFakeUpstream(half);
  const cut = await startFakeUpstream((upstreamCall) => {
    void half(upstreamCall);
    upstreamCall.outgoing.socket!.end();
  });
  const [first, second] = await Promise.all([
    gatewayTo([stalled.url], { timeouts: { idle: '50ms' } }).then(call),
    gatewayTo([cut.url]).then(call),
  ]);
  expect([first.status, first.isComplete]).toEqual([504, true]);
  expectUnavailable(second);
});

test('the time for a call as a whole ends it, whatever its attempts still have', async () => {
  const upstream = await startFakeUpstream(
    ({ outgoing }) => void outgoing.writeHead(503, { 'retry-after': '1' }).end(),
  );
  const gateway = await gatewayTo([upstream.url], { retries: { attempts: 5 }, timeouts: { total: '60ms' } });
  const reply = await call(gateway);
  expect([reply.status, upstream.calls.length]).toEqual([504, 1]);
  expect(gateway.log.requests).toMatchObject([{ errorType: 'upstream_timeout' }]);
});

test.each([
  ['a page with status 200', html],
  ['a redirect', redirect],
])('%s goes to the fallback, or is 502 without one', async (_name, handler) => {
  const first = await startFakeUpstream(handler);
  const second = await startFakeUpstream(healthy);
  const over = await call(await gatewayTo([first.url, second.url]));
  expect([over.status, over.headers['x-sluice-provider']]).toEqual([200, 'p1']);
  expectUnavailable(await call(await gatewayTo([first.url])));
  expect(first.calls).toHaveLength(2);
});

test('a redirect is not followed, and the target of it sees no credential', async () => {
  const trap = await startFakeUpstream(healthy);
  const first = await startFakeUpstream(
    ({ outgoing }) => void outgoing.writeHead(308, { location: `${trap.url}/v1/chat/completions` }).end(),
  );
  expectUnavailable(await call(await gatewayTo([first.url])));
  expect(trap.connections).toBe(0);
});

test.each([
  ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'],
  ['headers without end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}\r\n\r\n`],
])('a reply with %s is 502', async (_name, bytes) => {
  const upstream = await startRawUpstream((socket) => socket.end(bytes));
  const gateway = await gatewayTo([upstream.url]);
  expectUnavailable(await call(gateway));
  expect(gateway.log.requests).toMatchObject([{ errorType: 'upstream_unavailable', attempts: 1 }]);
});

test('a reply that says it failed with status 200 passes unchanged and counts as an error', async () => {
  const body = '{"error":{"message":"overloaded","code":"x"}}';
  const upstream = await startFakeUpstream(
    ({ outgoing }) => void outgoing.writeHead(200, { 'content-type': 'application/json' }).end(body),
  );
  const gateway = await gatewayTo([upstream.url]);
  const reply = await call(gateway);
  expect([reply.status, reply.text]).toEqual([200, body]);
  expect(
    (await gateway.metrics()).sum('sluice_requests_total', { outcome: 'error', error_type: 'upstream_error' }),
  ).toBe(1);
});

test('a reply that inflates beyond all bounds is refused where it must be read', async () => {
  const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024, ' '));
  const upstream = await startFakeUpstream(
    ({ outgoing }) =>
      void outgoing.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb),
  );
  const gateway = await gatewayTo([upstream.url]);
  expectUnavailable(await call(gateway));
  expect(gateway.log.requests).toMatchObject([{ errorType: 'upstream_unavailable', attempts: 1 }]);
});

async function busyThenHealthy(status: number, headers: Record<string, string>): Promise<FakeUpstream> {
  let calls = 0;
  return startFakeUpstream((upstreamCall) => {
    if (calls++ === 0) upstreamCall.outgoing.writeHead(status, headers).end('{"error":{"message":"busy"}}');
    else answerChat(upstreamCall);
  });
}

test.each([429, 500, 502, 503, 504, 529])('status %d is tried again at the same target', async (status) => {
  const upstream = await busyThenHealthy(status, { 'retry-after-ms': '1' });
  const reply = await call(await gatewayTo([upstream.url], { retries: { attempts: 1 } }));
  expect([reply.status, upstream.calls.length]).toEqual([200, 2]);
  expect(upstream.calls[0]!.body.equals(upstream.calls[1]!.body)).toBe(true);
});

test.each([400, 401, 403, 404, 408, 409, 422])('status %d is not tried again anywhere', async (status) => {
  const upstream = await busyThenHealthy(status, {});
  const second = await startFakeUpstream(healthy);
  const reply = await call(await gatewayTo([upstream.url, second.url], { retries: { attempts: 1 } }));
  expect([reply.status, upstream.calls.length, second.calls.length]).toEqual([status, 1, 0]);
});

test('a retry-after is waited for up to the limit, and a longer one moves on to the fallback at once', async () => {
  for (const [maxWait, provider, asked] of [
    ['10ms', 'p0', 2],
    ['9ms', 'p1', 1],
  ] as const) {
    const upstream = await busyThenHealthy(429, { 'retry-after-ms': '10' });
    const second = await startFakeUpstream(healthy);
    const reply = await call(await gatewayTo([upstream.url, second.url], { retries: { attempts: 3, maxWait } }));
    expect([reply.status, reply.headers['x-sluice-provider'], upstream.calls.length]).toEqual([200, provider, asked]);
  }
});

test('when all are busy the last reply passes back unmodified, with its retry-after', async () => {
  const busy: UpstreamHandler = ({ outgoing }) =>
    void outgoing.writeHead(529, { 'retry-after': '7', 'x-should-retry': 'true' }).end('{"type":"error"}');
  const [first, second] = [await startFakeUpstream(busy), await startFakeUpstream(busy)];
  const reply = await call(await gatewayTo([first.url, second.url]));
  expect([reply.status, reply.text, reply.headers['retry-after'], reply.headers['x-should-retry']]).toEqual([
    529,
    '{"type":"error"}',
    '7',
    'true',
  ]);
  expect(reply.headers['x-sluice-provider']).toBe('p1');
});

test('retries under way are bounded for all callers together', async () => {
  const upstream = await startFakeUpstream(
    ({ outgoing }) => void outgoing.writeHead(503, { 'retry-after-ms': '1' }).end(),
  );
  const gateway = await gatewayTo([upstream.url], {
    retries: { attempts: 10 },
    retryBudget: { fraction: 0, minimum: 0 },
    circuitBreaker: { failures: 1000 },
  });
  const replies = await Promise.all(Array.from({ length: 8 }, () => call(gateway)));
  expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 503));
  expect(upstream.calls).toHaveLength(8);
});

test('a target that keeps failing is left alone, and its fallback gets the calls without asking it first', async () => {
  const first = await startFakeUpstream(({ outgoing }) => void outgoing.writeHead(500).end());
  const second = await startFakeUpstream(healthy);
  const gateway = await gatewayTo([first.url, second.url], { circuitBreaker: { failures: 3 } });
  for (let calls = 0; calls < 6; calls++) expect((await call(gateway)).status).toBe(200);
  expect([first.calls.length, second.calls.length]).toEqual([3, 6]);
  expect((await gateway.metrics()).sum('sluice_circuit_state', { provider: 'p0', model: 'one' })).toBe(1);
});

test('the only target is never left alone', async () => {
  const upstream = await startFakeUpstream(({ outgoing }) => void outgoing.writeHead(500).end());
  const gateway = await gatewayTo([upstream.url], { circuitBreaker: { failures: 1 } });
  for (let calls = 0; calls < 3; calls++) expect((await call(gateway)).status).toBe(500);
  expect(upstream.calls).toHaveLength(3);
});

test('a link-local address behind a provider is refused at load', async () => {
  await expect(gatewayTo(['http://169.254.169.254'])).rejects.toThrow(/link-local|metadata/);
});
