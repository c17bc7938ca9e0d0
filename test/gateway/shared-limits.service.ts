import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askStream } from '../support/ask-stream.ts';
import { type RunningRedis, startRedis } from '../../scripts/redis-server.ts';
import { startSimulator, type RunningSimulator } from '../../src/simulator/simulator.ts';
import { redisForTests } from '../support/redis.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const SECRET = 'sk-sluice-shared';
const PRICE = { input: 100, output: 1000 };
const installed = redisForTests('gateways that share a Redis');

describe.skipIf(installed === null)('two gateways on one Redis', () => {
  let redis: RunningRedis;
  let simulator: RunningSimulator;

  beforeEach(async () => {
    redis = await startRedis(installed!);
    simulator = await startSimulator({ defaults: { ttft: { medianMs: 20 }, interTokenMs: 1 } });
  });
  afterEach(async () => {
    await simulator.close();
    await redis.stop();
  });

  const startOne = (key: object): Promise<TestGateway> =>
    startTestGateway({
      counters: redis.url,
      providers: { sim: { type: 'openai', baseUrl: simulator.baseUrl } },
      models: { m: { target: 'sim/m' } },
      prices: { 'sim/m': PRICE },
      keys: [{ name: 'dev', secret: SECRET, ...key }],
    });

  const ask = (gateway: TestGateway): Promise<number> => askStream(gateway, SECRET);

  async function idle(gateways: readonly TestGateway[]): Promise<void> {
    for (const gateway of gateways)
      while ((await gateway.metrics()).sum('sluice_inflight_requests') > 0) await sleep(5);
  }

  const passed = (statuses: readonly number[]): number => statuses.filter((status) => status === 200).length;

  it('never let more requests pass together than the limit allows', async () => {
    const gateways = [
      await startOne({ limits: { requests: '30/d' } }),
      await startOne({ limits: { requests: '30/d' } }),
    ];
    const statuses = await Promise.all(Array.from({ length: 120 }, (_, index) => ask(gateways[index % 2]!)));
    expect(passed(statuses)).toBe(30);
    expect(simulator.stats().requests).toBe(30);
  });

  it('never spend more together than the budget', async () => {
    const budget = 0.5;
    const gateways = [
      await startOne({ budget: `${budget} USD/month` }),
      await startOne({ budget: `${budget} USD/month` }),
    ];
    for (let round = 0; round < 4; round++)
      await Promise.all(Array.from({ length: 40 }, (_, index) => ask(gateways[index % 2]!)));
    await idle(gateways);
    const { inputTokens, outputTokens } = simulator.stats();
    const bill = (inputTokens * PRICE.input + outputTokens * PRICE.output) / 1e6;
    expect(bill).toBeLessThanOrEqual(budget);
    expect(bill).toBeGreaterThan(0);
    const told = await Promise.all(
      gateways.map(async (each) => (await each.metrics()).sum('sluice_budget_remaining_usd')),
    );
    expect(told[0]).toBeCloseTo(budget - bill, 6);
    expect(told[1]).toBe(told[0]);
  });

  it('refuse with 503 while it is down, unless a share of the limit is granted alone; and say so', async () => {
    const closed = await startOne({ limits: { requests: '1000/d' } });
    const sharing = await startOne({ limits: { concurrent: 10 }, onCounterFailure: '50%' });
    expect([await ask(closed), await ask(sharing)]).toEqual([200, 200]);
    await redis.kill();
    expect(await ask(closed)).toBe(503);
    expect([await ask(sharing), await ask(sharing)]).toEqual([200, 200]);
    const metrics = await closed.metrics();
    expect(metrics.sum('sluice_counters_up')).toBe(0);
    expect(metrics.sum('sluice_counters_alone_total', { result: 'closed' })).toBe(1);
    expect((await sharing.metrics()).sum('sluice_counters_alone_total', { result: 'local' })).toBe(2);
    expect((await closed.admin('GET', '/readyz')).body).toMatchObject({ reasons: ['the counters cannot be reached'] });
    redis = await startRedis(installed!, Number(new URL(redis.url).port));
    while ((await closed.metrics()).sum('sluice_counters_up') === 0) await sleep(20);
    expect(await ask(closed)).toBe(200);
  });
});
