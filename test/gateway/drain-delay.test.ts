import { afterEach, expect, test, vi } from 'vitest';
import { answerChat, startFakeUpstream } from '../support/fake-upstream.ts';
import { exchange, keepAliveAgent, openExchange, postJson } from '../support/http-client.ts';
import { startTestGateway } from '../support/test-gateway.ts';

afterEach(() => void vi.useRealTimers());

test('a gateway that stops says it is not ready first, serves new requests for the delay, and then takes no more', async () => {
  const upstream = await startFakeUpstream((call) => answerChat(call));
  const gateway = await startTestGateway({
    gateway: { timeouts: { drainDelay: '1h' } },
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
    models: { m: { provider: 'up' } },
  });
  const readiness = () => exchange(`${gateway.adminUrl}/readyz`, { method: 'GET' });
  const ask = () => postJson(`${gateway.url}/v1/chat/completions`, { model: 'm', messages: [] });
  expect((await readiness()).status).toBe(200);
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const stopped = gateway.stop();
  const draining = await readiness();
  expect([draining.status, draining.json()]).toEqual([503, { ready: false, reasons: ['draining'] }]);
  expect((await ask()).status).toBe(200);
  vi.advanceTimersByTime(3_600_000);
  await stopped;
  await expect(ask()).rejects.toThrow('ECONNREFUSED');
  const told = gateway.log.lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(told.filter((message) => message.startsWith('draining'))).toEqual(['draining began', 'draining is done']);
});

const HOUR = 3_600_000;

/** A provider whose streams go on until the test ends them, and a gateway with a client that keeps its connection. */
async function stopping() {
  const upstream = await startFakeUpstream((call) => {
    if (!call.body.includes('"stream":true')) return answerChat(call);
    call.outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).write(FIRST);
  });
  const gateway = await startTestGateway({
    gateway: { timeouts: { drainDelay: '1h', drain: '1h' } },
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
    models: { m: { provider: 'up' } },
  });
  const agent = keepAliveAgent();
  const ask = (change: object = {}) =>
    exchange(`${gateway.url}/v1/chat/completions`, {
      agent,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', messages: [], ...change }),
    });
  return { upstream, gateway, agent, ask };
}

const FIRST = 'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n';

test('a connection that is used while the gateway waits ends with its reply, which says so', async () => {
  const { gateway, ask } = await stopping();
  expect((await ask()).headers['connection']).toBe('keep-alive');
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const stopped = gateway.stop();
  expect(await ask()).toMatchObject({ status: 200, headers: { connection: 'close' } });
  vi.advanceTimersByTime(HOUR);
  await stopped;
});

test('a connection that rests all the while ends before its client can use it again', async () => {
  const { gateway, agent, ask } = await stopping();
  await ask();
  const [socket] = Object.values(agent.freeSockets).flat();
  const ended = new Promise((resolve) => socket!.once('close', () => resolve('ended')));
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const stopped = gateway.stop();
  vi.advanceTimersByTime(HOUR);
  await expect(ended).resolves.toBe('ended');
  await stopped;
});

test('a request behind a stream that was begun before is served, on the same connection, as its last one', async () => {
  const { upstream, gateway, agent, ask } = await stopping();
  const streamed = await openExchange(`${gateway.url}/v1/chat/completions`, {
    agent,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', stream: true, messages: [] }),
  });
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const stopped = gateway.stop();
  await vi.advanceTimersByTimeAsync(HOUR);
  await expect(postJson(`${gateway.url}/v1/models`, {})).rejects.toThrow('ECONNREFUSED');
  const behind = ask();
  upstream.calls[0]!.outgoing.end('data: [DONE]\n\n');
  const text = await streamed.setEncoding('utf8').toArray();
  expect([streamed.headers['connection'], text.join('')]).toEqual(['keep-alive', expect.stringContaining('[DONE]')]);
  expect(await behind).toMatchObject({ status: 200, headers: { connection: 'close' } });
  await vi.advanceTimersByTimeAsync(HOUR);
  await stopped;
});
