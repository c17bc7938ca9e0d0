import { describe, expect, it } from 'vitest';
import { INDEPENDENT, NO_HARM, Random, SCENARIOS, type Harm, type Scenario } from '../../bench/judge-scenarios.ts';
import { Judge } from '../../src/judge/judge.ts';
import type { JudgePlan } from '../../src/judge/plan.ts';
import { runsOf } from '../support/runs.ts';
import { planOf } from './outcomes.ts';

/** No margin: the canary is exactly as bad as it may be. */
const STRICT = planOf({
  guard: { error_rate: '+0%', latency_p95: '+0%', cost: '+0%' },
  segments: ['metadata.language'],
});
const RUNS = runsOf(60);
const ERRORS = planOf({ guard: { error_rate: '+0%' } });

function runOf(
  plan: JudgePlan,
  scenario: Scenario,
  harm: Partial<Harm>,
  limit: number,
  seed: number,
  isOne = false,
): Judge {
  const next = scenario.begin(new Random(seed), { ...NO_HARM, ...harm }, 0.05);
  const judge = new Judge(plan);
  while (judge.requests < limit && judge.alarms.length === 0) {
    const outcome = next();
    judge.observe(isOne ? { ...outcome, unit: null } : outcome);
  }
  return judge;
}

describe('without harm', () => {
  // 60 runs at a level of 1 %: three or more alarms would have a chance of 2 %; of 12 runs, two or more one of 1 %.
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    '%s raises no more alarms than chance',
    (_, scenario) => {
      let alarms = 0;
      for (let seed = 0; seed < RUNS; seed++)
        alarms += runOf(STRICT, scenario, {}, 2500, seed).alarms.length > 0 ? 1 : 0;
      expect(alarms).toBeLessThanOrEqual(Math.ceil(RUNS / 30));
    },
  );

  it('clustered units would raise many, were each request a coin of its own', () => {
    const clustered = SCENARIOS.find(({ name }) => name === 'clustered units')!;
    let alarms = 0;
    for (let seed = 0; seed < RUNS; seed++)
      alarms += runOf(STRICT, clustered, {}, 6000, seed, true).alarms.length > 0 ? 1 : 0;
    expect(alarms).toBeGreaterThanOrEqual(RUNS / 10);
  });
});

describe('with harm', () => {
  it('errors that go from 1 to 10 % are found within fifty canary requests in the median', () => {
    const exposed = Array.from({ length: 60 }, (_, seed) => runOf(ERRORS, INDEPENDENT, { errors: 10 }, 20_000, seed))
      .map(({ unitsByArm, alarms }) => (alarms.length > 0 ? unitsByArm[1] : Infinity))
      .sort((a, b) => a - b);
    expect(exposed[30]).toBeLessThanOrEqual(50);
    expect(exposed.at(-1)).toBeLessThan(Infinity);
  });

  it('replies that take twice as long are found within a thousand requests', () => {
    const plan = planOf({ guard: { latency_p95: '+0%' } });
    const runs = Array.from({ length: 20 }, (_, seed) => runOf(plan, INDEPENDENT, { latency: 2 }, 1000, seed));
    expect(runs.filter(({ alarms }) => alarms.length === 0)).toEqual([]);
  });

  it('a tail that is heavier while the rest is the same is found', () => {
    const plan = planOf({ guard: { latency_p95: '+0%' } });
    const runs = Array.from({ length: 8 }, (_, seed) => runOf(plan, INDEPENDENT, { tail: 0.15 }, 12_000, seed));
    expect(runs.filter(({ alarms }) => alarms.length === 0)).toEqual([]);
  });
});
