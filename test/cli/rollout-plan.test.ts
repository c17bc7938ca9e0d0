import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startTestAdmin } from '../admin/test-admin.ts';
import { cli } from './run-cli.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-plan-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const ROLLOUT = {
  name: 'fast-v2',
  match: { model: 'chat-fast' },
  canary: { target: 'sim/fast-v2' },
  guard: { error_rate: '+25%', latency_p95: '+15%', cost: '+0%' },
  step: { min: '10m', max: '3h', inconclusive: 'advance' },
};
const file = join(directory, 'rollout.yaml');
writeFileSync(file, JSON.stringify(ROLLOUT));

interface Cost {
  readonly requests: number;
  readonly minutes: number;
}

interface PlanReply {
  readonly rate: number;
  readonly steps: readonly {
    readonly weight: number;
    readonly guards: readonly {
      readonly metric: string;
      readonly baseline: number;
      readonly clear: Cost | null;
      readonly catch: Cost & { readonly ratio: number };
    }[];
  }[];
}

async function plan(...options: string[]): Promise<PlanReply> {
  const { stdout } = await cli(['rollout', 'plan', '--rollout', file, '--json', ...options]);
  return JSON.parse(stdout) as PlanReply;
}

describe('plan', () => {
  it('tells requests and minutes of every guard at every step that compares', async () => {
    const { steps } = await plan('--rate', '20');
    expect(steps.map(({ weight }) => weight)).toEqual([5, 25, 50]);
    expect(steps[0]!.guards.map(({ metric }) => metric)).toEqual(['error_rate', 'latency_p95', 'cost']);
    for (const { guards } of steps)
      for (const { catch: caught } of guards) expect(caught.minutes).toBeCloseTo(caught.requests / 20 / 60, 1);
  });

  it('needs fewer requests with a larger share, and with a higher rate of the event', async () => {
    const [usual, often] = [await plan(), await plan('--baseline', 'error_rate=5%')];
    const costs = usual.steps.map(({ guards }) => guards[0]!.clear!.requests);
    expect(costs).toEqual(costs.toSorted((a, b) => b - a));
    expect(often.steps[0]!.guards[0]!.clear!.requests).toBeLessThan(costs[0]! / 4);
  });

  it('can never clear a guard without a margin', async () => {
    const { steps } = await plan();
    expect(steps[0]!.guards[2]!.clear).toBeNull();
  });

  it('takes baselines of its own', async () => {
    const { steps } = await plan('--baseline', 'error_rate=2%,latency_p95=0.3');
    expect(steps[0]!.guards.map(({ baseline }) => baseline)).toEqual([0.02, 0.3, 0.8]);
  });

  it('is a table for people', async () => {
    const { stdout } = await cli(['rollout', 'plan', 'fast-v2', '--rollout', file, '--rate', '20']);
    expect(stdout).toMatch(/^fast-v2 at 20 requests a second/);
    expect(stdout).toMatch(/ 5 % {2}error_rate {3}1 % +\+25 % +\d+ +[\d.]+ h +3\.75x +\d+ +[\d.]+ min/);
    expect(stdout).toContain('No step is shorter than 10 min.\nAfter 3 h without a clear answer: advance.');
  });

  it('reads the declaration of a rollout in force', async () => {
    const admin = await startTestAdmin();
    try {
      const { status, stdout } = await cli(['rollout', 'plan', 'fast-v2', '--json', '--url', admin.url]);
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ name: 'fast-v2', steps: [{ weight: 5, guards: [] }, {}, {}] });
      const { stderr } = await cli(['rollout', 'plan', 'fast-v2', '--url', admin.url]);
      expect(stderr).toContain('declares no guard');
    } finally {
      await admin.server.close();
    }
  });

  it.each([
    [[]],
    [['--rollout', file, '--rate', '0']],
    [['--rollout', file, '--rate', 'x']],
    [['--rollout', file, '--baseline', 'errors=1%']],
    [['--rollout', file, '--baseline', 'error_rate=x']],
    [['--rollout', file, '--baseline', 'error_rate=100%']],
    [['--rollout', file, '--baseline', 'latency_p95=-1']],
  ])('with %j is wrong usage', async (options) => {
    expect((await cli(['rollout', 'plan', ...options])).status).toBe(2);
  });
});
