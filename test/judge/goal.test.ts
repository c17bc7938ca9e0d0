import { describe, expect, it } from 'vitest';
import { Random } from '../../bench/judge-scenarios.ts';
import { GoalJudge, type GoalPlan, type GoalSnapshot, type GoalValue } from '../../src/judge/goal.ts';
import { runsOf } from '../support/runs.ts';

const TWO: GoalPlan = { arms: ['a', 'b'], shares: [50, 50], better: 'higher' };
const THREE: GoalPlan = { arms: ['a', 'b', 'c'], shares: [50, 25, 25], better: 'higher' };
const ROUNDING = 1e-9;

type Draw = (random: Random, arm: number) => number;

const thumbs =
  (...rates: readonly number[]): Draw =>
  (random, arm) =>
    random.uniform() < rates[arm]! ? 1 : 0;
const stars =
  (...means: readonly number[]): Draw =>
  (random, arm) =>
    Math.max(1, Math.min(5, Math.round(means[arm]! + 1.2 * random.normal())));

/** One value for each new user who cares to send one. */
function* values(plan: GoalPlan, drawValue: Draw, seed: number, talkative?: readonly number[]): Iterable<GoalValue> {
  const random = new Random(seed);
  const sum = plan.shares.reduce((total, share) => total + share, 0);
  for (let user = 0; ; user++) {
    let place = random.uniform() * sum;
    let arm = 0;
    while (place >= plan.shares[arm]!) place -= plan.shares[arm++]!;
    if (talkative !== undefined && random.uniform() >= talkative[arm]!) continue;
    yield { arm, unit: `user-${seed}-${user}`, value: drawValue(random, arm) };
  }
}

/** Until an arm is named, or so many values came. */
function runOf(plan: GoalPlan, drawValue: Draw, limit: number, seed: number, talkative?: readonly number[]): GoalJudge {
  const judge = new GoalJudge(plan);
  for (const value of values(plan, drawValue, seed, talkative)) {
    judge.observe(value);
    if (judge.values >= limit || judge.leader() !== null) break;
  }
  return judge;
}

function judgeOf(plan: GoalPlan, sent: Iterable<GoalValue>, limit = Infinity): GoalJudge {
  const judge = new GoalJudge(plan);
  for (const value of sent) {
    judge.observe(value);
    if (judge.values >= limit) break;
  }
  return judge;
}

describe('a bet on which arm is better', () => {
  /** The exact mean of both e-values of the first two arms, over every arm and value of so many users. */
  function means(
    plan: GoalPlan,
    steps: number,
    outcomes: readonly (readonly [value: number, chances: readonly number[]])[],
  ) {
    const sum = plan.shares.reduce((total, share) => total + share, 0);
    const total = { better: 0, worse: 0 };
    const walk = (path: readonly GoalValue[], chance: number): void => {
      if (path.length === steps) {
        const { better, worse } = judgeOf(plan, path).pairs()[0]!;
        total.better += chance * better;
        total.worse += chance * worse;
        return;
      }
      for (const [arm, share] of plan.shares.entries())
        for (const [value, chances] of outcomes)
          walk([...path, { arm, unit: String(path.length), value }], (chance * share * chances[arm]!) / sum);
    };
    walk([], 1);
    return total;
  }

  it.each([
    [
      'thumbs',
      TWO,
      5,
      [
        [0, [0.4, 0.4]],
        [1, [0.6, 0.6]],
      ],
    ],
    [
      'thumbs of unequal arms',
      { ...TWO, shares: [80, 20] },
      5,
      [
        [0, [0.9, 0.9]],
        [1, [0.1, 0.1]],
      ],
    ],
    [
      'three arms',
      THREE,
      4,
      [
        [0, [0.4, 0.4, 0.4]],
        [1, [0.6, 0.6, 0.6]],
      ],
    ],
    [
      'ratings',
      TWO,
      4,
      [
        [1, [0.2, 0.2]],
        [3, [0.5, 0.5]],
        [5, [0.3, 0.3]],
      ],
    ],
    [
      'numbers after thumbs, lower being better',
      { ...TWO, better: 'lower' as const },
      4,
      [
        [0, [0.3, 0.3]],
        [1, [0.4, 0.4]],
        [-7.5, [0.3, 0.3]],
      ],
    ],
  ] as const)('is exactly fair where the arms are the same: %s', (_, plan, steps, outcomes) => {
    const { better, worse } = means(plan, steps, outcomes);
    expect(better).toBeCloseTo(1, 9);
    expect(worse).toBeCloseTo(1, 9);
  });

  it.each([
    [
      'thumbs',
      5,
      [
        [0, [0.4, 0.6]],
        [1, [0.6, 0.4]],
      ],
    ],
    [
      'ratings',
      4,
      [
        [1, [0.2, 0.4]],
        [3, [0.5, 0.4]],
        [5, [0.3, 0.2]],
      ],
    ],
  ] as const)('loses in the mean where the arm is worse, and gains for the other: %s', (_, steps, outcomes) => {
    const { better, worse } = means(TWO, steps, outcomes);
    expect(better).toBeLessThanOrEqual(1 + ROUNDING);
    expect(worse).toBeGreaterThan(1.01);
  });
});

describe('arms that are the same', () => {
  const RUNS = runsOf(2000);

  // An e-process has its level at every moment, so nothing is added for the many looks.
  it.each([
    ['thumbs', TWO, thumbs(0.6, 0.6)],
    ['seldom a thumb, unequal arms', { ...TWO, shares: [80, 20] }, thumbs(0.02, 0.02)],
    ['three arms', THREE, thumbs(0.6, 0.6, 0.6)],
    ['ratings', TWO, stars(3.5, 3.5)],
    ['three arms, two of them better', THREE, thumbs(0.5, 0.6, 0.6)],
  ] as const)(
    'one of them is named best in less than one run of twenty, asked after every value: %s',
    (_, plan, draw) => {
      let named = 0;
      for (let seed = 0; seed < RUNS; seed++) if (runOf(plan, draw, 300, 13 * seed + 1).leader() !== null) named++;
      expect(named).toBeLessThanOrEqual(0.05 * RUNS);
    },
  );

  it('gain little by users of one arm sending twice as many values, which is told', () => {
    let named = 0;
    let told = 0;
    for (let seed = 0; seed < 300; seed++) {
      const judge = runOf(TWO, thumbs(0.7, 0.7), 1000, 17 * seed + 1, [0.4, 0.8]);
      if (judge.leader() !== null) named++;
      else if (judge.propensity().differs) told++;
    }
    // Twice the level; without the centering of the bets it would be nearly all runs.
    expect(named).toBeLessThanOrEqual(45);
    expect(told).toBeGreaterThanOrEqual(0.95 * (300 - named));
  });

  it('do not seem to differ in how many values they send', () => {
    let told = 0;
    for (let seed = 0; seed < 500; seed++)
      if (runOf(THREE, thumbs(0.6, 0.6, 0.6), 300, 19 * seed + 1).propensity().differs) told++;
    expect(told).toBeLessThanOrEqual(2);
  });
});

describe('an arm that is better', () => {
  it.each([
    ['thumbs 60 to 80 %', TWO, thumbs(0.6, 0.8), 1000, 'b'],
    ['thumbs 80 to 60 %', TWO, thumbs(0.8, 0.6), 1000, 'a'],
    ['seldom a thumb, 5 to 15 %', TWO, thumbs(0.05, 0.15), 2500, 'b'],
    ['fewer complaints', { ...TWO, better: 'lower' }, thumbs(0.3, 0.1), 1000, 'b'],
    ['ratings half a star up', TWO, stars(3, 3.5), 2000, 'b'],
    [
      'fewer seconds',
      { ...TWO, better: 'lower' },
      (random, arm) => [90, 45][arm]! * Math.exp(random.normal()),
      1000,
      'b',
    ],
    ['the third of three', THREE, thumbs(0.5, 0.5, 0.75), 3000, 'c'],
  ] as const satisfies readonly (readonly [string, GoalPlan, Draw, number, string])[])(
    'is named: %s',
    (_, plan, draw, limit, arm) => {
      const runs = Array.from({ length: 10 }, (_each, seed) => runOf(plan, draw, limit, seed));
      expect(runs.map((judge) => judge.leader()?.arm)).toEqual(runs.map(() => arm));
      const leader = runs[0]!.leader()!;
      expect(leader.eValue).toBeGreaterThanOrEqual(plan.arms.length / 0.05);
    },
  );

  it('is told with counts, and an effect whose bounds hold the truth', () => {
    const judge = judgeOf(TWO, values(TWO, thumbs(0.5, 0.6), 3), 6000);
    const [found] = judge.pairs();
    expect(found).toMatchObject({ arms: ['a', 'b'], state: 'better', threshold: 40 });
    const [first, second] = found!.counts;
    expect(first.units + second.units).toBe(6000);
    expect(first.events! / first.units).toBeCloseTo(0.5, 1);
    expect(second.events! / second.units).toBeCloseTo(0.6, 1);
    expect(found!.effect.low!).toBeLessThan(0.2);
    expect(found!.effect.high!).toBeGreaterThan(0.2);
    expect(found!.effect.low!).toBeGreaterThan(0);
  });

  it('stays named whatever comes later', () => {
    const judge = runOf(TWO, thumbs(0.3, 0.8), 1000, 1);
    for (const value of values(TWO, thumbs(1, 0), 2)) {
      judge.observe(value);
      if (judge.values > 2000) break;
    }
    const leader = judge.leader()!;
    expect(leader.arm).toBe('b');
    const [found] = judge.pairs();
    expect(found).toMatchObject({ state: 'better', decidedBy: leader.eValue });
    expect(found!.better).toBeLessThan(1);
    expect(found!.worse).toBeGreaterThan(40);
  });

  it('stays named, and each pair decided, also where earlier software kept the name alone', () => {
    const judge = runOf(TWO, thumbs(0.3, 0.8), 1000, 1);
    const { outcomes, ...earlier } = JSON.parse(JSON.stringify(judge)) as GoalSnapshot;
    expect(outcomes).toHaveLength(1);
    const [found] = GoalJudge.restore(TWO, earlier).pairs();
    expect(found).toMatchObject({ state: 'better', decidedBy: judge.leader()!.eValue });
  });

  it('is not compared with one that takes no part', () => {
    const plan = { arms: ['a', 'off', 'b'], shares: [50, 0, 50], better: 'higher' } as const;
    const judge = runOf(plan, thumbs(0.2, 0, 0.8), 300, 1);
    expect(judge.leader()).toMatchObject({ arm: 'b' });
    judge.observe({ arm: 1, unit: 'late', value: 1 });
    expect(judge.pairs().map(({ arms }) => arms)).toEqual([['a', 'b']]);
    expect(judge.propensity().differs).toBe(false);
  });

  it('counts as the bad event what the goal wants less of', () => {
    const plan = { ...TWO, better: 'lower' } as const;
    const sent = [0, 1, 1, 0].map((value, index) => ({ arm: index % 2, unit: String(index), value }));
    expect(judgeOf(plan, sent).pairs()[0]!.counts).toEqual([
      { units: 2, events: 1 },
      { units: 2, events: 1 },
    ]);
  });

  it('among values of both signs is measured by their size', () => {
    const draw: Draw = (random, arm) => (random.uniform() < [0.5, 0.7][arm]! ? 1 : -1);
    const judge = judgeOf(TWO, values(TWO, draw, 4), 4000);
    const [found] = judge.pairs();
    expect(found!.state).toBe('better');
    expect(found!.effect.estimate!).toBeCloseTo(0.4, 1);
    expect(found!.counts[0].events).toBeNull();
  });
});

describe('a unit', () => {
  it('is heard once, whatever it sends later', () => {
    const judge = new GoalJudge(TWO);
    for (let turn = 0; turn < 500; turn++) judge.observe({ arm: 1, unit: 'loud', value: 1 });
    judge.observe({ arm: 0, unit: 'loud', value: 0 });
    expect(judge.values).toBe(1);
    expect(judge.pairs()[0]!.counts[1].units).toBe(1);
  });

  it('is remembered among ten thousand others, in bounded memory', () => {
    const judge = new GoalJudge(TWO);
    for (let user = 0; user < 40_000; user++) {
      judge.observe({ arm: user % 2, unit: `user-${user}`, value: user % 3 === 0 ? 1 : 0 });
      if (user === 10_000) judge.observe({ arm: 0, unit: 'user-3', value: 1 });
    }
    // The few that are missing share their 32 bits with another one.
    expect(judge.values).toBeGreaterThan(39_990);
    expect(judge.values).toBeLessThanOrEqual(40_000);
    const { recent, earlier } = judge.toJSON().units;
    expect(recent.length + earlier.length).toBeLessThanOrEqual(2 * 16_384);
  });
});

describe('what the judge remembers', () => {
  const copy = (judge: GoalJudge): GoalSnapshot => JSON.parse(JSON.stringify(judge)) as GoalSnapshot;

  it.each([
    ['thumbs', THREE, thumbs(0.5, 0.55, 0.5)],
    ['ratings', THREE, stars(3, 3.1, 3)],
  ] as const)('survives being written and read: %s', (_, plan, draw) => {
    const judge = judgeOf(plan, values(plan, draw, 5), 500);
    const restored = GoalJudge.restore(plan, copy(judge));
    for (const value of values(plan, draw, 6)) {
      judge.observe(value);
      restored.observe(value);
      if (judge.values >= 1000) break;
    }
    expect(copy(restored)).toEqual(copy(judge));
    expect(restored.pairs()).toEqual(judge.pairs());
  });

  it('is of one version and of the same arms', () => {
    const snapshot = new GoalJudge(TWO).toJSON();
    expect(() => GoalJudge.restore({ ...TWO, shares: [60, 40] }, snapshot)).toThrow(RangeError);
    expect(() => GoalJudge.restore(TWO, { ...snapshot, version: 2 as 1 })).toThrow(RangeError);
  });

  it('adds up with what another one has seen', () => {
    const merged = judgeOf(TWO, values(TWO, thumbs(0.5, 0.58), 7), 300);
    const other = judgeOf(TWO, values(TWO, thumbs(0.5, 0.58), 8), 300);
    const { better: before } = merged.pairs()[0]!;
    merged.absorb(other);
    expect(merged.values).toBe(600);
    const [found] = merged.pairs();
    expect(found!.counts[0].units + found!.counts[1].units).toBe(600);
    expect(found!.better).not.toBe(before);
    merged.observe({ arm: 0, unit: 'user-8-0', value: 1 });
    expect(merged.values).toBe(600);
  });

  it('names the arm that two judges together have shown to be better', () => {
    const halves = [35, 36].map((seed) => judgeOf(TWO, values(TWO, thumbs(0.3, 0.7), seed), 40));
    expect(halves.map((half) => half.leader())).toEqual([null, null]);
    halves[0]!.absorb(halves[1]!);
    expect(halves[0]!.leader()?.arm).toBe('b');
  });
});
