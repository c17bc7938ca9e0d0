import { afterEach, expect, test, vi } from 'vitest';
import { answerChat, startFakeUpstream } from '../support/fake-upstream.ts';
import { exchange, postJson } from '../support/http-client.ts';
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
