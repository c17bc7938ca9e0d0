import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/core/outcome.ts';
import { Judge, type JudgeSnapshot } from '../../src/judge/judge.ts';
import { GUARDED, judged, newOutcome, outcomes, planOf } from './outcomes.ts';

const plan = planOf();
const errors = planOf({ guard: { error_rate: '+0%' } });

function roundTrip(judge: Judge): Judge {
  return Judge.restore(judge.plan, JSON.parse(JSON.stringify(judge)) as JudgeSnapshot);
}

/** The e-value of every test. */
function eValues(judge: Judge): number[] {
  return [
    ...judge.guards.flatMap(({ first, later, harmlessness }) => [first.eValue, later.eValue, harmlessness]),
    ...judge.segments.all.toSorted((a, b) => (a.segment < b.segment ? -1 : 1)).map(({ cell }) => cell.eValue),
    ...judge.watches.map(({ eValue }) => eValue),
    judge.sampleRatioEValue,
  ];
}

/** From units each of which shows up `requests` times, its arm drawn by its number. */
function* returning(units: number, requests: number, weight: number, error: (arm: number, visit: number) => boolean) {
  let at = 0;
  for (let unit = 0; unit < units; unit++) {
    const arm = (unit * 0.618) % 1 < weight ? 1 : 0;
    for (let visit = 0; visit < requests; visit++)
      yield newOutcome({ at: at++, unit: `unit-${unit}`, arm, probability: weight, error: error(arm, visit) });
  }
}

describe('a snapshot', () => {
  const list = outcomes(1500, 1, { errors: 4 });

  it('comes back without loss and goes on as if nothing had happened', () => {
    const whole = judged(plan, list);
    const restored = roundTrip(judged(plan, list.slice(0, 700)));
    for (const outcome of list.slice(700)) restored.observe(outcome);
    expect(JSON.stringify(restored)).toBe(JSON.stringify(whole));
  });

  it('of other guards is refused', () => {
    const snapshot = judged(errors, list.slice(0, 10)).toJSON();
    expect(() => Judge.restore(plan, snapshot)).toThrow(RangeError);
    expect(() => Judge.restore(errors, { ...snapshot, version: 2 as 1 })).toThrow(RangeError);
  });

  it('stays bounded however many units, segments and kinds there are', () => {
    const judge = new Judge(plan);
    for (let unit = 0; unit < 40_000; unit++)
      judge.observe(
        newOutcome({
          at: unit / 100,
          unit: `unit-${unit >> 1}-${unit % 7}`,
          arm: unit % 5 === 0 ? 1 : 0,
          probability: 0.2,
          latencyMs: 100 + unit,
          finishReason: `kind-${unit % 100}`,
          metadata: new Map([['language', `language-${unit % 500}`]]),
        }),
      );
    const snapshot = judge.toJSON();
    expect(snapshot.units.recent.length + snapshot.units.earlier.length).toBeLessThanOrEqual(32_768);
    expect(snapshot.followUps.length).toBeLessThanOrEqual(4096);
    expect(snapshot.segments[0]!.values.length).toBe(32);
  });
});

describe('what two judges know', () => {
  const lists = [1, 2, 3].map((seed) => outcomes(400, seed, { errors: 3 }));
  const judge = (index: number) => judged(plan, lists[index]!);

  it('is the product of their e-values, in either order', () => {
    const [one, other] = [judge(0), judge(1)];
    const harms = [one, other].map((each) => structuredClone(each.guards[0]!.first.toJSON()) as { worse: number[] });
    one.absorb(other);
    other.absorb(judge(0));
    const merged = one.guards[0]!.first.toJSON() as { worse: number[] };
    for (const [bettor, wealth] of merged.worse.entries())
      expect(wealth / (harms[0]!.worse[bettor]! * harms[1]!.worse[bettor]!)).toBeCloseTo(1, 12);
    for (const [index, eValue] of eValues(one).entries()) expect(eValues(other)[index]! / eValue).toBeCloseTo(1, 9);
    expect(one.unitsByArm).toEqual(other.unitsByArm);
  });

  it('does not depend on how three are put together', () => {
    const [left, right, last] = [judge(0), judge(1), judge(1)];
    left.absorb(right);
    left.absorb(judge(2));
    last.absorb(judge(2));
    const other = judge(0);
    other.absorb(last);
    for (const [index, eValue] of eValues(left).entries()) expect(eValues(other)[index]! / eValue).toBeCloseTo(1, 9);
    expect(left.requests).toBe(other.requests);
  });

  it('raises the alarm that neither could raise alone', () => {
    const half = () => judged(errors, returningOnce(5));
    const [one, other] = [half(), half()];
    expect([...one.alarms, ...other.alarms]).toEqual([]);
    one.absorb(other);
    expect(one.alarms).toMatchObject([{ metric: 'error_rate', segment: null }]);
  });

  it('keeps segments by name', () => {
    const [one, other] = [new Judge(plan), new Judge(plan)];
    one.observe(newOutcome({ arm: 1, error: true, metadata: new Map([['language', 'fr']]) }));
    other.observe(newOutcome({ arm: 1, error: true, metadata: new Map([['language', 'de']]) }));
    other.observe(newOutcome({ arm: 1, error: true, metadata: new Map([['language', 'fr']]) }));
    one.absorb(other);
    const units = one.segments.all
      .filter(({ guard }) => guard === 0)
      .map(({ segment, cell }) => [segment, cell.counts().canary.units]);
    expect(units).toEqual([
      ['metadata.language=fr', 2],
      ['metadata.language=de', 1],
    ]);
  });

  /** So many canary errors, of as many canary requests. */
  function* returningOnce(count: number): Generator<Outcome> {
    for (let index = 0; index < count; index++) yield newOutcome({ arm: 1, probability: 0.3, error: true });
  }
});

describe('a unit', () => {
  it('counts once, however often it comes', () => {
    const judge = new Judge(errors);
    for (let request = 0; request < 500; request++)
      judge.observe(newOutcome({ at: request, unit: 'one', arm: 1, error: true }));
    expect(judge.alarms).toEqual([]);
    expect(judge.unitsByArm).toEqual([0, 1]);
    expect(judge.guards[0]!.first.counts().canary).toEqual({ units: 1, events: 1 });
    expect(judge.guards[0]!.later.counts().canary).toEqual({ units: 1, events: 1 });
  });

  it('without a name is one of its own each time', () => {
    const judge = new Judge(errors);
    for (let request = 0; request < 20; request++) judge.observe(newOutcome({ at: request, arm: 1, error: true }));
    expect(judge.unitsByArm).toEqual([0, 20]);
    expect(judge.alarms).toMatchObject([{ metric: 'error_rate' }]);
  });

  it('that fails only in later requests is found by them', () => {
    const judge = judged(
      errors,
      returning(400, 6, 0.3, (arm, visit) => arm === 1 && visit > 2),
    );
    expect(judge.guards[0]!.first.eValue).toBeLessThan(2);
    expect(judge.alarms[0]).toMatchObject({ metric: 'error_rate', threshold: judge.thresholds.later });
  });

  it('that could have moved when the weight rose is a new coin, with the chance that was left', () => {
    const judge = new Judge(errors);
    judge.observe(newOutcome({ unit: 'moves', arm: 0, probability: 0.2, error: false }));
    judge.observe(newOutcome({ unit: 'stays', arm: 1, probability: 0.2, error: false }));
    judge.observe(newOutcome({ unit: 'moves', arm: 1, probability: 0.6, error: true }));
    judge.observe(newOutcome({ unit: 'stays', arm: 1, probability: 0.6, error: true }));
    expect(judge.unitsByArm).toEqual([1, 2]);
    // One error of the canary, where the chance of the canary was (.6 - .2) / (1 - .2) = .5.
    const fresh = judged(errors, [newOutcome({ arm: 1, probability: 0.5, error: true })]);
    expect(judge.guards[0]!.first.eValue).toBeCloseTo(fresh.guards[0]!.first.eValue, 12);
  });

  it('that goes back when the weight falls is a new coin too', () => {
    const judge = new Judge(errors);
    judge.observe(newOutcome({ unit: 'u', arm: 1, probability: 0.5, error: false }));
    judge.observe(newOutcome({ unit: 'u', arm: 0, probability: 0.1, error: false }));
    expect(judge.unitsByArm).toEqual([1, 1]);
  });

  it('is followed only while the weight is the one it was drawn at, on either arm', () => {
    for (const arm of [0, 1]) {
      const judge = new Judge(errors);
      const visit = (probability: number, error: boolean) =>
        judge.observe(newOutcome({ unit: 'u', arm, probability, error }));
      visit(0.2, false);
      visit(0.2, false);
      visit(0.201, true);
      visit(0.201, true);
      visit(0.2, true);
      const { stable, canary } = judge.guards[0]!.later.counts();
      expect(arm === 1 ? canary : stable).toEqual({ units: 1, events: 0 });
    }
  });

  it('is no new coin once units show up on arms that they cannot be on', () => {
    const judge = new Judge(errors);
    for (let unit = 0; unit < 30; unit++)
      for (const arm of [1, 0]) judge.observe(newOutcome({ unit: `u${unit}`, arm, probability: 0.2, error: false }));
    expect(judge.unitsByArm).toEqual([0, 30]);
    judge.observe(newOutcome({ unit: 'v', arm: 0, probability: 0.2, error: false }));
    judge.observe(newOutcome({ unit: 'v', arm: 1, probability: 0.6, error: false }));
    expect(judge.unitsByArm).toEqual([1, 30]);
  });

  it('keeps an arm from counting as without traffic, however often it came before', () => {
    const judge = new Judge(errors);
    judge.observe(newOutcome({ unit: 'known', arm: 1, probability: 0.5 }));
    for (let unit = 0; unit < 90; unit++) {
      judge.observe(newOutcome({ arm: 0, probability: 0.5 }));
      if (unit % 20 === 0) judge.observe(newOutcome({ unit: 'known', arm: 1, probability: 0.5 }));
    }
    expect(Math.max(...judge.awaitedUnits)).toBeLessThan(12);
  });

  it('tells nothing while its arm is certain', () => {
    const judge = new Judge(errors);
    for (const probability of [0, 1])
      judge.observe(newOutcome({ unit: 'u', arm: probability, probability, error: true }));
    judge.observe(newOutcome({ arm: 1, probability: 1, error: true }));
    expect(judge.unitsByArm).toEqual([0, 0]);
    expect(judge.guards[0]!.first.eValue).toBeCloseTo(1, 12);
  });
});

describe('what is observed', () => {
  it('leaves alone what is not', () => {
    const judge = judged(plan, [newOutcome({ arm: 1 }), newOutcome({ arm: 0 })]);
    for (const { first } of judge.guards) expect(first.counts().canary.units).toBe(0);
  });

  it('counts a reply that broke off as an error', () => {
    const judge = judged(errors, [newOutcome({ arm: 1, error: false, truncated: true })]);
    expect(judge.guards[0]!.first.counts().canary).toEqual({ units: 1, events: 1 });
  });

  it('names how long a request need be waited for, once the stable arm is known', () => {
    const judge = new Judge(planOf({ guard: { latency_p95: '+0%' } }));
    const guard = judge.guards[0]!;
    expect(guard.patienceMs).toBeNull();
    for (let request = 0; request < 300; request++) judge.observe(newOutcome({ latencyMs: 100 + request }));
    expect(guard.patienceMs).toBeGreaterThan(270);
    expect(guard.patienceMs).toBeLessThan(320);
  });
});

describe('an alarm', () => {
  it('names the segment that alone is harmed', () => {
    const list = outcomes(12_000, 5, { errors: 30, language: 'fr' });
    const judge = judged(planOf({ guard: { error_rate: '+25%' }, segments: ['metadata.language'] }), list);
    const [alarm] = judge.alarms;
    expect(alarm).toMatchObject({ metric: 'error_rate', segment: 'metadata.language=fr' });
    expect(alarm!.eValue).toBeGreaterThanOrEqual(alarm!.threshold);
  });

  it('names no segment where all traffic is harmed', () => {
    const list = outcomes(5000, 6, { errors: 10 });
    const judge = judged(planOf({ guard: { error_rate: '+25%' }, segments: ['metadata.language'] }), list);
    expect(judge.alarms[0]).toMatchObject({ metric: 'error_rate', segment: null });
  });

  it('is raised by a segment that all traffic hides', () => {
    const judge = new Judge(planOf({ guard: { error_rate: '+0%' }, segments: ['key'] }));
    // Key a is better on the canary by as much as key b is worse.
    for (let round = 0; round < 400; round++)
      for (const arm of [0, 1])
        for (const key of ['a', 'b'])
          judge.observe(
            newOutcome({ arm, probability: 0.5, key, error: (key === 'b') === (arm === 1) && round % 8 === 0 }),
          );
    expect(judge.alarms).toMatchObject([{ metric: 'error_rate', segment: 'key=b' }]);
  });

  it('stays, with the time and the request that raised it', () => {
    const judge = new Judge(errors);
    for (let request = 1; judge.alarms.length === 0; request++)
      judge.observe(newOutcome({ at: 60 * request, arm: 1, error: true }));
    const [alarm] = judge.alarms;
    expect(alarm!.at).toBe(60 * alarm!.request);
    for (let request = 0; request < 400; request++) judge.observe(newOutcome({ at: 2500, error: true }));
    expect(judge.guards[0]!.first.eValue).toBeLessThan(judge.thresholds.first);
    expect(judge.alarms).toEqual([alarm]);
  });

  it('takes more evidence the more guards there are', () => {
    expect(judged(planOf(GUARDED), []).thresholds.first).toBeCloseTo(3 / 0.0075, 9);
    expect(judged(errors, []).thresholds.first).toBeCloseTo(1 / 0.009, 9);
  });
});
