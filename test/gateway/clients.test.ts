import { expect, test } from 'vitest';
import {
  answerChat,
  readAll,
  startFakeUpstream,
  type FakeUpstream,
  type UpstreamHandler,
} from '../support/fake-upstream.ts';
import { openExchange, postJson } from '../support/http-client.ts';
import { RawConnection, rawRequest } from '../support/raw-connection.ts';
import { startTestGateway, type TestConfig, type TestGateway } from '../support/test-gateway.ts';

const CHAT = '/v1/chat/completions';
const BODY = '{"model":"m","stream":true}';
const EVENT = 'data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n';

interface Setup {
  readonly gateway: TestGateway;
  readonly upstream: FakeUpstream;
}

async function setup(handler: UpstreamHandler, rest: TestConfig = {}): Promise<Setup> {
  const upstream = await startFakeUpstream(handler);
  const gateway = await startTestGateway({
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
    models: { m: { provider: 'up' } },
    ...rest,
  });
  return { gateway, upstream };
}

const beginStream: UpstreamHandler = ({ outgoing }) => {
  outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
  outgoing.write(EVENT);
};

async function openStream({ port }: TestGateway): Promise<RawConnection> {
  const client = await RawConnection.open(port);
  client.send(rawRequest(CHAT, { body: BODY }));
  await client.until('Hel');
  return client;
}

const LEAVING: readonly [string, (client: RawConnection) => void][] = [
  ['closes', (client) => client.close()],
  ['resets', (client) => client.reset()],
  // A half-closed connection cannot be told from one whose client has gone, and a provider must not write for nobody.
  ['half-closes', (client) => client.halfClose()],
];

test.each(LEAVING)(
  'a client that %s in the middle of a stream takes the provider’s connection with it',
  async (_name, leave) => {
    const { gateway, upstream } = await setup(beginStream);
    const client = await openStream(gateway);
    leave(client);
    expect(await upstream.calls[0]!.left).toBe(true);
    expect(await gateway.log.request()).toMatchObject({ outcome: 'cancelled', errorType: 'client_gone', status: 499 });
    expect((await gateway.metrics()).sum('sluice_requests_total', { outcome: 'cancelled' })).toBe(1);
  },
);

test.each(LEAVING)(
  'a client that %s before the provider has answered takes the request with it, and no fallback is asked',
  async (_name, leave) => {
    const { gateway, upstream } = await setup(() => {}, {
      models: { m: { target: 'up/one', fallbacks: ['up/two'] } },
      upstream: { retries: { attempts: 3 } },
    });
    const client = await RawConnection.open(gateway.port);
    client.send(rawRequest(CHAT, { body: BODY }));
    const { left } = await upstream.call(0);
    leave(client);
    expect(await left).toBe(true);
    expect(await gateway.log.request()).toMatchObject({ outcome: 'cancelled', status: 499, attempts: 1 });
    expect(upstream.calls).toHaveLength(1);
  },
);

test('a client that leaves while a retry waits ends the waiting', async () => {
  const { gateway, upstream } = await setup(
    ({ outgoing }) => void outgoing.writeHead(503, { 'retry-after': '2' }).end(),
  );
  const client = await RawConnection.open(gateway.port);
  client.send(rawRequest(CHAT, { body: BODY }));
  const { outgoing } = await upstream.call(0);
  await new Promise((resolve) => outgoing.on('close', resolve));
  client.close();
  expect(await gateway.log.request()).toMatchObject({ outcome: 'cancelled', attempts: 1 });
  expect((await gateway.metrics()).sum('sluice_circuit_state')).toBe(0);
});

test('a client that leaves takes with it what it had sent ahead and waits behind another reply', async () => {
  const { gateway, upstream } = await setup(beginStream);
  const client = await RawConnection.open(gateway.port);
  client.send(rawRequest(CHAT, { body: BODY }) + rawRequest(CHAT, { body: BODY }));
  const both = await Promise.all([upstream.call(0), upstream.call(1)]);
  await client.until('Hel');
  client.reset();
  expect(await Promise.all(both.map(({ left }) => left))).toEqual([true, true]);
  await gateway.log.request({ outcome: 'cancelled' });
  expect(gateway.log.requests.map(({ outcome }) => outcome)).toEqual(['cancelled', 'cancelled']);
  expect((await gateway.metrics()).sum('sluice_inflight_requests')).toBe(0);
});

test('clients that leave do not count against the provider', async () => {
  const { gateway, upstream } = await setup(() => {}, { upstream: { circuitBreaker: { failures: 1 } } });
  const client = await RawConnection.open(gateway.port);
  client.send(rawRequest(CHAT, { body: BODY }));
  await upstream.call(0);
  client.close();
  await gateway.log.request({ outcome: 'cancelled' });
  expect((await gateway.metrics()).sum('sluice_circuit_state')).toBe(0);
});

const FILLER = `data: {"choices":[{"index":0,"delta":{"content":"${'x'.repeat(16_000)}"}}]}\n\n`;
// What the kernel may hold in four loopback buffers that tune themselves, and well below what is there to send.
const MOST_IN_FLIGHT = 32 * 1024 * 1024;
const ALL_THERE_IS = 256 * 1024 * 1024;

/** Sends as fast as it may; tells how much was taken. */
function fillUp(sent: { bytes: number }): UpstreamHandler {
  return ({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    const fill = (): void => {
      while (!outgoing.destroyed && sent.bytes < ALL_THERE_IS) {
        sent.bytes += FILLER.length;
        if (!outgoing.write(FILLER)) return void outgoing.once('drain', fill);
      }
    };
    fill();
  };
}

test('a client that does not read stops the provider, and is cut off when it has read nothing for too long', async () => {
  const sent = { bytes: 0 };
  const { gateway, upstream } = await setup(fillUp(sent), { gateway: { timeouts: { writeStall: '150ms' } } });
  const client = await RawConnection.open(gateway.port);
  client.pause();
  client.send(rawRequest(CHAT, { body: BODY }));
  const { left } = await upstream.call(0);
  expect(await left).toBe(true);
  expect(sent.bytes).toBeLessThan(MOST_IN_FLIGHT);
  expect(await gateway.log.request()).toMatchObject({ outcome: 'cancelled' });
});

test('a client that reads again gets the rest', async () => {
  const pieces = 400;
  const { gateway } = await setup(({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write(Buffer.from(FILLER.repeat(pieces)));
    outgoing.end('data: [DONE]\n\n');
  });
  const incoming = await openExchange(`${gateway.url}${CHAT}`, { body: BODY });
  let received = 0;
  for await (const chunk of incoming) {
    received += (chunk as Buffer).length;
    incoming.pause();
    await new Promise((resolve) => setImmediate(resolve));
    incoming.resume();
  }
  expect(received).toBe(FILLER.length * pieces + 'data: [DONE]\n\n'.length);
});

test('above the limit of requests in flight new ones are answered 503 before their body is read, and the control plane answers on', async () => {
  const { gateway, upstream } = await setup(
    (call) => (call.body.includes('stream') ? beginStream(call) : answerChat(call)),
    { gateway: { maxInflight: 1 } },
  );
  const first = await openStream(gateway);
  const second = await RawConnection.open(gateway.port);
  second.send(rawRequest(CHAT, { headers: { 'content-length': '1000000' } }));
  const text = await second.until('overloaded');
  expect(text).toMatch(/^HTTP\/1\.1 503 /);
  expect(text).toMatch(/\r\nretry-after: 1\r\n/);
  expect(await second.ended).toBe('closed');
  expect((await fetch(`${gateway.adminUrl}/readyz`)).status).toBe(200);
  expect((await gateway.metrics()).sum('sluice_inflight_requests')).toBe(1);
  first.close();
  await gateway.log.request({ outcome: 'cancelled' });
  expect((await postJson(`${gateway.url}${CHAT}`, { model: 'm' })).status).toBe(200);
  expect(upstream.calls).toHaveLength(2);
});

test('many clients at once each get their own reply', async () => {
  const { gateway } = await setup((call) =>
    answerChat(call, (JSON.parse(call.body.toString()) as { user: string }).user),
  );
  const replies = await Promise.all(
    Array.from({ length: 100 }, (_, index) => postJson(`${gateway.url}${CHAT}`, { model: 'm', user: `user-${index}` })),
  );
  for (const [index, reply] of replies.entries()) expect(reply.text).toContain(`"user-${index}"`);
  expect(new Set(replies.map(({ headers }) => headers['x-sluice-request-id'])).size).toBe(100);
});

test('stopping lets an open stream finish, refuses new work and says so to probes', async () => {
  const { gateway, upstream } = await setup(beginStream, { gateway: { timeouts: { drain: '10s' } } });
  const client = await openStream(gateway);
  const stopped = gateway.stop();
  expect((await fetch(`${gateway.adminUrl}/readyz`)).status).toBe(503);
  await expect(RawConnection.open(gateway.port)).rejects.toThrow(/ECONNREFUSED/);
  upstream.calls[0]!.outgoing.end('data: [DONE]\n\n');
  await stopped;
  expect(await client.untilEnd()).toMatch(/data: \[DONE\]\n\n\r\n0\r\n\r\n$/);
  expect(gateway.log.requests.at(-1)).toMatchObject({ outcome: 'success' });
});

test('a request that comes on an open connection while the gateway stops is served, and the connection closes', async () => {
  const { gateway, upstream } = await setup(beginStream, { gateway: { timeouts: { drain: '10s' } } });
  const client = await openStream(gateway);
  const late = await RawConnection.open(gateway.port);
  late.send(rawRequest(CHAT, { body: BODY }).slice(0, -BODY.length - 2));
  await fetch(`${gateway.adminUrl}/livez`);
  const stopped = gateway.stop();
  late.send(`\r\n${BODY}`);
  const { outgoing } = await upstream.call(1);
  for (const each of [outgoing, upstream.calls[0]!.outgoing]) each.end('data: [DONE]\n\n');
  const text = await late.untilEnd();
  expect(text).toMatch(/^HTTP\/1\.1 200 [^]*\r\nconnection: close\r\n/i);
  expect(text).toContain('[DONE]');
  await stopped;
  expect(await client.untilEnd()).toContain('[DONE]');
});

test('a reply that its client has not read yet is not cut off by a stop', async () => {
  const content = 'x'.repeat(16 * 1024 * 1024);
  const { gateway } = await setup((call) => answerChat(call, content), { gateway: { timeouts: { drain: '10s' } } });
  const incoming = await openExchange(`${gateway.url}${CHAT}`, { body: '{"model":"m"}' });
  const stopped = gateway.stop();
  await fetch(`${gateway.adminUrl}/livez`).catch(() => {});
  const body = await readAll(incoming);
  expect(body.length).toBeGreaterThan(content.length);
  await stopped;
});

test('a stream that is still open when the time to drain is up gets an error event and is cut off', async () => {
  const { gateway, upstream } = await setup(beginStream, { gateway: { timeouts: { drain: '30ms' } } });
  const client = await openStream(gateway);
  await gateway.stop();
  const text = await client.untilEnd();
  expect(text).toMatch(
    /data: \{"error":\{"message":"[^"]+","type":"server_error","param":null,"code":"overloaded"\}\}\n\n\r\n$/,
  );
  expect(text).not.toMatch(/\r\n0\r\n\r\n$/);
  expect(await upstream.calls[0]!.left).toBe(true);
});

test('a call that still waits for its provider when the time to drain is up is answered 503', async () => {
  const { gateway, upstream } = await setup(() => {}, { gateway: { timeouts: { drain: '30ms' } } });
  const reply = postJson(`${gateway.url}${CHAT}`, { model: 'm' });
  await upstream.call(0);
  await gateway.stop();
  expect((await reply).status).toBe(503);
  expect((await reply).json()).toMatchObject({ error: { code: 'overloaded' } });
});
