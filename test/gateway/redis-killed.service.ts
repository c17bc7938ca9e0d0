import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askStream } from '../support/ask-stream.ts';
import { startRedis } from '../../scripts/redis-server.ts';
import { startSimulator, type RunningSimulator } from '../../src/simulator/simulator.ts';
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process.ts';
import { redisForTests } from '../support/redis.ts';

const SECRET = 'sk-sluice-shared';
const PRICE = { input: 100, output: 1000 };
const CLIENTS = 6;
const CLOSED = {};
const OTHERS = { limits: { requests: '1000000/d' } };
const installed = redisForTests('gateways whose Redis is killed');

const ask = (gateway: GatewayProcess): Promise<number> => askStream(gateway, SECRET);

const billOf = ({ inputTokens, outputTokens }: { inputTokens: number; outputTokens: number }): number =>
  (inputTokens * PRICE.input + outputTokens * PRICE.output) / 1e6;

interface Run {
  readonly simulator: RunningSimulator;
  /** How often each status was answered: before the kill, while there was no Redis, afterwards. */
  readonly answers: readonly [Answers, Answers, Answers];
}

type Answers = ReadonlyMap<number, number>;

const granted = (answers: Answers): number => answers.get(200) ?? 0;

/**
 * Two gateway processes, of which both are asked all the time while their Redis is killed and started again.
 * @param last the answer of which some are waited for at the end
 */
async function run(key: object, last: 200 | 429): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-killed-'));
  let redis = await startRedis(installed!, 0, folder);
  const simulator = await startSimulator({ defaults: { ttft: { medianMs: 2 }, interTokenMs: 1 } });
  onTestFinished(async () => {
    await simulator.close();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const config = {
    counters: redis.url,
    providers: { sim: { type: 'openai', baseUrl: simulator.baseUrl } },
    models: { m: { target: 'sim/m' } },
    prices: { 'sim/m': PRICE },
    keys: [{ name: 'dev', secret: SECRET, ...OTHERS, ...key }],
  };
  const gateways = [await startGatewayProcess(config), await startGatewayProcess(config)];
  const counts = [new Map<number, number>(), new Map<number, number>(), new Map<number, number>()] as const;
  let phase: 0 | 1 | 2 = 0;
  const over = new AbortController();
  const clients = Array.from({ length: CLIENTS }, async (_, index) => {
    while (!over.signal.aborted) {
      const began = phase;
      const status = await ask(gateways[index % 2]!);
      // What began in one phase and ended in another belongs to neither.
      if (began === phase || status === 200) counts[phase].set(status, (counts[phase].get(status) ?? 0) + 1);
      await sleep(15);
    }
  });
  const answered = async (statuses: readonly number[], most: number): Promise<void> => {
    const sum = (): number => statuses.reduce((all, status) => all + (counts[phase].get(status) ?? 0), 0);
    while (sum() < most) await sleep(5);
  };
  await answered([200], 20);
  phase = 1;
  await redis.kill();
  await answered([200, 429, 503], 20);
  redis = await startRedis(installed!, Number(new URL(redis.url).port), folder);
  for (const gateway of gateways) while ((await gateway.metrics()).sum('sluice_counters_up') === 0) await sleep(20);
  phase = 2;
  await answered([last], 20);
  over.abort();
  await Promise.all(clients);
  for (const gateway of gateways) while ((await gateway.metrics()).sum('sluice_inflight_requests') > 0) await sleep(5);
  expect(gateways.map(({ child }) => child.exitCode)).toEqual([null, null]);
  return { simulator, answers: counts };
}

describe.skipIf(installed === null)('two gateway processes whose Redis is killed and started again', () => {
  it.each([
    ['closed', CLOSED],
    ['a share of a half', { onCounterFailure: '50%' }],
  ])('never let more requests pass together than the limit: %s', async (_, more) => {
    const { simulator, answers } = await run({ limits: { requests: '100/d' }, ...more }, 429);
    const passed = answers.reduce((sum, each) => sum + granted(each), 0);
    expect(simulator.stats().requests).toBe(passed);
    // Of what one took since the other was last told its share is granted again: of a few requests under way.
    expect(passed).toBeLessThanOrEqual(more === CLOSED ? 101 : 100 + CLIENTS);
    expect(passed).toBeGreaterThan(50);
  });

  it.each([
    ['closed', CLOSED],
    ['a share of a half', { onCounterFailure: '50%' }],
  ])('never spend more together than the budget: %s', async (_, more) => {
    const budget = 1.5;
    const { simulator, answers } = await run({ budget: `${budget} USD/month`, ...more }, 429);
    expect(billOf(simulator.stats())).toBeLessThanOrEqual(budget);
    expect(billOf(simulator.stats())).toBeGreaterThan(budget / 2);
    const statuses = answers.flatMap((each) => [...each.keys()]);
    expect(statuses.filter((status) => ![200, 429, 503].includes(status))).toEqual([]);
  });

  it('refuse with 503 while it is away where they are closed, and go on where they have a share', async () => {
    const closed = await run({ budget: '1000 USD/month' }, 200);
    expect([granted(closed.answers[0]) > 0, granted(closed.answers[2]) > 0]).toEqual([true, true]);
    expect(closed.answers[1].get(503)).toBeGreaterThan(0);
    expect([...closed.answers[2].keys()]).toEqual([200]);
    const sharing = await run({ budget: '1000 USD/month', onCounterFailure: '50%' }, 200);
    expect(sharing.answers.map((each) => [...each.keys()])).toEqual([[200], [200], [200]]);
  });
});
