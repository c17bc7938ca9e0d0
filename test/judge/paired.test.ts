import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../bench/judge-scenarios.ts';
import type { RequestResult } from '../../src/core/outcome.ts';
import type { ResultPair } from '../../src/judge/pair-cell.ts';
import { logPairEvidence, logReverseEvidence, ratioBounds, type PairCounts } from '../../src/judge/pair-evidence.ts';
import { PairedJudge, type PairFinding, type PairMetric } from '../../src/judge/paired.ts';
import { runsOf } from '../support/runs.ts';

const settings = { seed: 20261121, numRuns: 300 };
const ROUNDING = 1e-9;
const SAME: RequestResult = {
  requestId: 'r',
  at: 0,
  error: false,
  refusal: false,
  invalidJson: false,
  latencyMs: 800,
  costUsd: 0.01,
  outputTokens: 100,
  finishReason: 'stop',
};

function pair(shadow: Partial<RequestResult> = {}, primary: Partial<RequestResult> = {}): ResultPair {
  return { primary: { ...SAME, ...primary }, shadow: { ...SAME, ...shadow } };
}

function judgeOf(pairs: Iterable<ResultPair>): PairedJudge {
  const judge = new PairedJudge();
  for (const each of pairs) judge.observe(each);
  return judge;
}

function finding(judge: PairedJudge, metric: PairMetric): PairFinding {
  return judge.findings().find((each) => each.metric === metric)!;
}

function repeat(times: number, each: (index: number) => ResultPair): ResultPair[] {
  return Array.from({ length: times }, (_, index) => each(index));
}

/** Two results of one request. What requests have in common, both sides have: some are long, some fail for everybody. */
interface World {
  readonly errors: readonly [number, number];
  readonly everywhere: number;
  readonly latency: number;
  readonly tokens: number;
  readonly cost: number;
  readonly cutShort: readonly [number, number];
}

/** Exactly as bad as every margin allows. */
const EDGE: World = {
  errors: [0.04, 0.05],
  everywhere: 0,
  latency: 1.25,
  tokens: 1.1,
  cost: 1.25,
  cutShort: [0.1, 0.1],
};
const EQUAL: World = { errors: [0.04, 0.04], everywhere: 0.02, latency: 1, tokens: 1, cost: 1, cutShort: [0.1, 0.1] };

function draw(random: Random, world: World): ResultPair {
  const isHopeless = random.uniform() < world.everywhere;
  const size = Math.exp(0.7 * random.normal());
  const side = (index: 0 | 1): RequestResult => {
    const factor = (value: number): number => (index === 1 ? value : 1);
    return {
      ...SAME,
      error: isHopeless || random.uniform() < world.errors[index],
      refusal: random.uniform() < world.errors[index],
      invalidJson: random.uniform() < world.errors[index],
      latencyMs: 800 * size * Math.exp(0.5 * random.normal()) * factor(world.latency),
      costUsd: 0.01 * size * Math.exp(0.3 * random.normal()) * factor(world.cost),
      // Not whole numbers: the median is exactly at the margin so.
      outputTokens: 200 * size * Math.exp(0.3 * random.normal()) * factor(world.tokens),
      finishReason: random.uniform() < world.cutShort[index] ? 'length' : 'stop',
    };
  };
  return { primary: side(0), shadow: side(1) };
}

function* drawn(world: World, count: number, seed: number): Iterable<ResultPair> {
  const random = new Random(seed);
  for (let index = 0; index < count; index++) yield draw(random, world);
}

const isAlarmed = (judge: PairedJudge): boolean => judge.toJSON().cells.some(({ isCrossed }) => isCrossed);

describe('the evidence of pairs', () => {
  const part = fc.double({ min: 0.01, max: 1, noNaN: true });
  const ratio = fc.double({ min: 0.4, max: 3, noNaN: true });

  /** The mean e-value after one pair. @param rates of: one side only, the other only, both */
  function meanAfterOne(rates: readonly number[], evidence: (counts: PairCounts) => number): number {
    const kinds = [
      { one: 1, other: 0, both: 0 },
      { one: 0, other: 1, both: 0 },
      { one: 0, other: 0, both: 1 },
      { one: 0, other: 0, both: 0 },
    ];
    const none = 1 - rates.reduce((sum, rate) => sum + rate, 0);
    return kinds.reduce((sum, counts, index) => sum + (rates[index] ?? none) * Math.exp(evidence(counts)), 0);
  }

  it('is exactly fair at the margin, however the sides of a pair hang together', () => {
    fc.assert(
      fc.property(part, part, ratio, (first, second, margin) => {
        // one - margin * other + (1 - margin) * both = 0
        const [other, both] = [first * 0.2, second * 0.1];
        const one = margin * other + (margin - 1) * both;
        fc.pre(one >= 0 && one + other + both <= 1);
        expect(meanAfterOne([one, other, both], (counts) => logPairEvidence(counts, margin))).toBeCloseTo(1, 9);
        const turned = [other, one, both];
        expect(meanAfterOne(turned, (counts) => logReverseEvidence(counts, 1 / margin))).toBeCloseTo(1, 9);
      }),
      settings,
    );
  });

  it('never gains in the mean while the rate is within the margin, nor the reverse while it is beyond', () => {
    fc.assert(
      fc.property(part, part, part, ratio, (one, other, both, margin) => {
        const rates = [one, other, both].map((rate) => rate / 3);
        const difference = rates[0]! + rates[2]! - margin * (rates[1]! + rates[2]!);
        const evidence = difference <= 0 ? logPairEvidence : logReverseEvidence;
        expect(meanAfterOne(rates, (counts) => evidence(counts, margin))).toBeLessThanOrEqual(1 + ROUNDING);
      }),
      settings,
    );
  });

  it('without a margin is McNemar’s: only pairs that differ count', () => {
    const counts = { one: 9, other: 3, both: 0 };
    expect(logPairEvidence({ ...counts, both: 500 }, 1)).toBeCloseTo(logPairEvidence(counts, 1), 9);
  });

  it('bounds the ratio of the rates ever more closely around what was seen', () => {
    const few = ratioBounds({ one: 30, other: 15, both: 5 }, 0.05);
    const many = ratioBounds({ one: 3000, other: 1500, both: 500 }, 0.05);
    for (const { low, high } of [few, many]) {
      expect(low!).toBeLessThan(35 / 20);
      expect(high!).toBeGreaterThan(35 / 20);
    }
    expect(many.high! - many.low!).toBeLessThan((few.high! - few.low!) / 3);
    expect(logPairEvidence({ one: 30, other: 15, both: 5 }, few.low!)).toBeCloseTo(Math.log(40), 6);
    expect(logReverseEvidence({ one: 30, other: 15, both: 5 }, few.high!)).toBeCloseTo(Math.log(40), 6);
  });

  it('has no bound on the side of which nothing is known', () => {
    expect(ratioBounds({ one: 0, other: 0, both: 0 }, 0.05)).toEqual({ low: null, high: null });
    const { low, high } = ratioBounds({ one: 0, other: 400, both: 0 }, 0.05);
    expect(low).toBeNull();
    expect(high).toBeLessThan(0.1);
  });

  it('has bounds that hold at all times', () => {
    let missed = 0;
    for (let seed = 0; seed < 200; seed++) {
      const random = new Random(seed);
      const counts = { one: 0, other: 0, both: 0 };
      let isMissed = false;
      for (let count = 1; count <= 1500; count++) {
        const drawnAt = random.uniform();
        if (drawnAt < 0.06) counts.one++;
        else if (drawnAt < 0.08) counts.other++;
        else if (drawnAt < 0.1) counts.both++;
        if (count % 50 > 0) continue;
        const { low, high } = ratioBounds(counts, 0.05);
        isMissed ||= (low ?? 0) > 2 || (high ?? Infinity) < 2;
      }
      if (isMissed) missed++;
    }
    // 5 % of 200 would be 10.
    expect(missed).toBeLessThanOrEqual(10);
  });
});

describe('a shadow that is no worse than allowed', () => {
  const RUNS = runsOf(2000);
  const LONG_RUNS = runsOf(200);

  // An e-process has its level at every moment, so nothing is added for the many looks.
  it.each([
    ['exactly at all margins', EDGE],
    ['the same as the primary', EQUAL],
  ])('%s is said to be beyond one in less than one run of a hundred, asked after every pair', (_, world) => {
    let alarms = 0;
    for (let seed = 0; seed < RUNS; seed++) if (isAlarmed(judgeOf(drawn(world, 200, 7 * seed + 1)))) alarms++;
    expect(alarms).toBeLessThanOrEqual(0.01 * RUNS);
  });

  it('is shown to be harmless where it is the same', () => {
    const judge = judgeOf(drawn(EQUAL, 1000, 5));
    for (const metric of ['latency', 'cost', 'output_tokens'] as const)
      expect(finding(judge, metric).state).toBe('harmless');
    expect(finding(judgeOf(drawn(EQUAL, 20_000, 5)), 'error_rate').state).toBe('harmless');
  });

  it('is not called harmless where it is at the margin, in nineteen runs of twenty', () => {
    const wrong = new Map<string, number>();
    for (let seed = 0; seed < LONG_RUNS; seed++) {
      const judge = new PairedJudge();
      const found = new Set<string>();
      for (const each of drawn(EDGE, 400, 11 * seed + 3)) {
        judge.observe(each);
        if (judge.pairs % 40 > 0) continue;
        for (const { metric, state } of judge.findings()) if (state === 'harmless') found.add(metric);
      }
      for (const metric of found) wrong.set(metric, (wrong.get(metric) ?? 0) + 1);
    }
    expect(Math.max(0, ...wrong.values())).toBeLessThanOrEqual(0.05 * LONG_RUNS);
  });
});

describe('a shadow that is worse', () => {
  it.each<[PairMetric, string, Partial<World>, number]>([
    ['error_rate', 'crossed', { errors: [0.01, 0.1], everywhere: 0 }, 600],
    ['latency', 'crossed', { latency: 2 }, 200],
    ['cost', 'crossed', { cost: 2 }, 200],
    ['output_tokens', 'changed', { tokens: 1.5 }, 300],
    ['output_tokens', 'changed', { tokens: 0.7 }, 300],
    ['finish_reason', 'changed', { cutShort: [0.1, 0.35] }, 500],
  ])('in %s is %s within so many pairs: %j, %d', (metric, state, change, pairs) => {
    const runs = Array.from({ length: 10 }, (_, seed) => judgeOf(drawn({ ...EQUAL, ...change }, pairs, seed)));
    expect(runs.map((judge) => finding(judge, metric).state)).toEqual(runs.map(() => state));
  });

  it('stays so whatever comes later', () => {
    const judge = judgeOf(repeat(40, () => pair({ refusal: true })));
    expect(finding(judge, 'refusal_rate').state).toBe('crossed');
    for (const each of repeat(200, () => pair({}, { refusal: true }))) judge.observe(each);
    expect(finding(judge, 'refusal_rate').state).toBe('crossed');
    expect(finding(judge, 'refusal_rate').eValue).toBeLessThan(1);
  });

  it('is told with its counts, its estimate and bounds around it', () => {
    const world = { ...EQUAL, errors: [0.05, 0.15], latency: 1.6, everywhere: 0 } as const;
    const judge = judgeOf(drawn(world, 4000, 9));
    const errors = finding(judge, 'error_rate');
    expect(errors).toMatchObject({ pairs: 4000, margin: 1.25, threshold: 700, harmlessThreshold: 20 });
    expect(errors.shadow.events! / errors.primary.events! - 1).toBeCloseTo(errors.effect.estimate!, 12);
    expect(errors.effect.low!).toBeLessThan(2);
    expect(errors.effect.high!).toBeGreaterThan(2);
    expect(errors.differing).toBeGreaterThan(errors.shadowHigher!);
    const latency = finding(judge, 'latency');
    expect(latency.effect.estimate!).toBeCloseTo(0.6, 1);
    expect(latency.effect.low!).toBeLessThan(0.6);
    expect(latency.effect.high!).toBeGreaterThan(0.6);
    expect(latency.primary).toEqual({ units: latency.pairs, events: null });
  });
});

describe('what a pair tells', () => {
  it('is nothing of a metric that one side does not have', () => {
    const { refusal: _, ...silent } = SAME;
    const judge = judgeOf([{ primary: silent, shadow: SAME }]);
    expect(finding(judge, 'refusal_rate').pairs).toBe(0);
    expect(finding(judge, 'latency').pairs).toBe(1);
  });

  it('is no value where one side failed: an error is fast or short for reasons of its own', () => {
    const judge = judgeOf([pair({ error: true, latencyMs: 1 }), pair({}, { error: true })]);
    expect(
      judge
        .findings()
        .filter(({ pairs }) => pairs > 0)
        .map(({ metric }) => metric),
    ).toEqual(['error_rate', 'refusal_rate', 'invalid_json']);
  });

  it('is no cost where one side is free: nothing is a multiple of that', () => {
    expect(finding(judgeOf([pair({}, { costUsd: 0 }), pair()]), 'cost').pairs).toBe(1);
  });

  it('is an error where the reply broke off', () => {
    expect(finding(judgeOf([pair({ truncated: true })]), 'error_rate').shadow.events).toBe(1);
  });

  it('is a ratio of one where both sides are the same, zero or not', () => {
    const judge = judgeOf(repeat(50, (index) => pair({ outputTokens: index % 2 }, { outputTokens: index % 2 })));
    const { effect, differing } = finding(judge, 'output_tokens');
    expect(effect.estimate).toBeCloseTo(0, 12);
    expect(differing).toBe(0);
  });

  it('of kinds is only the order, and exactly fair', () => {
    const orders = [pair({ finishReason: 'length' }), pair({}, { finishReason: 'length' })];
    const walk = (path: readonly ResultPair[]): number =>
      path.length === 6
        ? finding(judgeOf(path), 'finish_reason').eValue
        : orders.reduce((sum, order) => sum + walk([...path, order]) / 2, 0);
    expect(walk([])).toBeCloseTo(1, 12);
  });

  it('of more kinds than are told apart is still counted', () => {
    const judge = judgeOf(repeat(12, (index) => pair({ finishReason: `kind-${index}` }, { finishReason: 'stop' })));
    expect(finding(judge, 'finish_reason')).toMatchObject({ pairs: 12, differing: 12, shadowHigher: null });
  });
});

describe('what the judge remembers', () => {
  const first = [...drawn({ ...EQUAL, errors: [0.02, 0.2] }, 300, 21)];
  const second = [...drawn({ ...EQUAL, latency: 1.8, cutShort: [0.1, 0.3] }, 300, 22)];

  it('survives being written and read', () => {
    const judge = judgeOf(first);
    const restored = PairedJudge.restore(JSON.parse(JSON.stringify(judge)) as ReturnType<PairedJudge['toJSON']>);
    for (const each of second) {
      judge.observe(each);
      restored.observe(each);
    }
    expect(restored.findings()).toEqual(judge.findings());
  });

  it('is of one version', () => {
    const snapshot = new PairedJudge().toJSON();
    expect(() => PairedJudge.restore({ ...snapshot, cells: [] })).toThrow(RangeError);
    expect(() => PairedJudge.restore({ ...snapshot, version: 2 as 1 })).toThrow(RangeError);
  });

  it('adds up with what another one has seen', () => {
    const merged = judgeOf(first);
    merged.absorb(judgeOf(second));
    const whole = judgeOf([...first, ...second]);
    expect(merged.pairs).toBe(whole.pairs);
    for (const { metric, pairs, effect, differing } of whole.findings())
      expect(finding(merged, metric)).toMatchObject({ pairs, effect, differing });
    expect(finding(merged, 'latency').eValue / finding(whole, 'latency').eValue).toBeCloseTo(1, 9);
    const kinds = [first, second].map((pairs) => finding(judgeOf(pairs), 'finish_reason').eValue);
    expect(finding(merged, 'finish_reason').eValue / (kinds[0]! * kinds[1]!)).toBeCloseTo(1, 9);
  });

  it('keeps an alarm of either side', () => {
    const merged = new PairedJudge();
    merged.absorb(judgeOf(repeat(40, () => pair({ refusal: true }))));
    expect(finding(merged, 'refusal_rate').state).toBe('crossed');
  });

  it('is of constant size', () => {
    const sizeOf = (pairs: number): number => JSON.stringify(judgeOf(drawn(EQUAL, pairs, 3))).length;
    expect(sizeOf(4000)).toBeLessThan(sizeOf(400) + 1000);
  });
});
