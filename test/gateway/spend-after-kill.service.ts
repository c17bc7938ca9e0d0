import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { startSimulator, type RunningSimulator } from '../../src/simulator/simulator.ts';
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process.ts';

const SECRET = 'sk-sluice-killed';
const PRICE = { input: 100, output: 1000 };
const BUDGET = 1000;
/** What was spent is written twice a second; a machine that is busy may be as late again. */
const LOST_AT_MOST = 1_000;

const billOf = ({ inputTokens, outputTokens }: { inputTokens: number; outputTokens: number }): number =>
  (inputTokens * PRICE.input + outputTokens * PRICE.output) / 1e6;

function configOf(simulator: RunningSimulator, folder: string): object {
  return {
    store: `sqlite:${folder}/sluice.db`,
    providers: { sim: { type: 'openai', baseUrl: simulator.baseUrl } },
    models: { m: { target: 'sim/m' } },
    prices: { 'sim/m': PRICE },
    keys: [{ name: 'dev', secret: SECRET, budget: [`${BUDGET} USD/month`, `${BUDGET} USD/day rolling`] }],
  };
}

async function ask(gateway: GatewayProcess): Promise<number> {
  const reply = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', max_tokens: 30, messages: [{ role: 'user', content: 'Where is the river?' }] }),
  });
  await reply.arrayBuffer();
  return reply.status;
}

async function spentBy(gateway: GatewayProcess): Promise<number> {
  const metrics = await gateway.metrics();
  return BUDGET - metrics.sum('sluice_budget_remaining_usd', { key: 'dev' });
}

it('what was spent survives kill -9, but for what was spent in the last moment, and is never charged twice', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-killed-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const simulator = await startSimulator({ defaults: { latency: { medianMs: 5 } } });
  onTestFinished(() => simulator.close());
  const config = configOf(simulator, folder);
  let lost = 0;
  for (const round of [1, 2, 3]) {
    const gateway = await startGatewayProcess(config);
    expect(await spentBy(gateway), `after ${round - 1} kills`).toBeCloseTo(billOf(simulator.stats()) - lost, 6);
    const billed: { readonly at: number; readonly usd: number }[] = [];
    const until = performance.now() + 2_500;
    while (performance.now() < until) {
      expect(await ask(gateway)).toBe(200);
      billed.push({ at: performance.now(), usd: billOf(simulator.stats()) });
    }
    await gateway.kill();
    const killed = performance.now();
    const again = await startGatewayProcess(config);
    const kept = await spentBy(again);
    const { usd: all } = billed.at(-1)!;
    const early = billed.findLast(({ at }) => at < killed - LOST_AT_MOST)!;
    expect(kept).toBeGreaterThanOrEqual(early.usd - lost - 1e-9);
    expect(kept).toBeLessThanOrEqual(all - lost + 1e-9);
    lost = all - kept;
    // At rest nothing is lost.
    expect(await ask(again)).toBe(200);
    await sleep(2 * LOST_AT_MOST);
    await again.kill();
  }
});
