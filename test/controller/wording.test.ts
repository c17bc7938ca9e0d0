import { describe, expect, it } from 'vitest';
import { metricClause } from '../../src/controller/wording.ts';
import type { MetricAnalysis } from '../../src/core/analysis.ts';

const GUARD: MetricAnalysis = {
  role: 'guard',
  metric: 'error_rate',
  segment: null,
  state: 'gathering',
  margin: 1.25,
  eValue: 40,
  threshold: 222,
  harmlessness: 1,
  harmlessThreshold: 20,
  effect: { estimate: null, low: null, high: null },
  counts: [
    { arm: 'stable', units: 30, events: 0 },
    { arm: 'canary', units: 28, events: 7 },
  ],
  unitsToGo: null,
  samples: [],
};

describe('a metric of which the change is not known', () => {
  it('is up where that is shown, or has a lower bound', () => {
    expect(metricClause({ ...GUARD, state: 'crossed' })).toMatch(/^error_rate is up, /);
    expect(metricClause({ ...GUARD, effect: { ...GUARD.effect, low: 0.3 } })).toMatch(/^error_rate is up \(at least /);
  });

  it('is told by the shares of both arms where nothing is shown', () => {
    expect(metricClause(GUARD)).toBe(
      'error_rate is 25 % of 28 (canary) against 0 % of 30 (stable), margin +25 %, e-value 40 of 222 needed',
    );
  });

  it('only may be up where no events are counted, or one arm had no request', () => {
    const [stable, canary] = GUARD.counts;
    expect(metricClause({ ...GUARD, counts: [{ ...stable, events: null }, canary] })).toMatch(
      /^error_rate may be up, /,
    );
    expect(metricClause({ ...GUARD, counts: [{ ...stable, units: 0 }, canary] })).toMatch(/^error_rate may be up, /);
  });

  it('of a goal is told for the arms that are compared', () => {
    const goal: MetricAnalysis = { ...GUARD, role: 'goal', metric: 'up', state: 'crossed', margin: null };
    expect(metricClause(goal)).toMatch(/^up is 25 % of 28 \(canary\) against 0 % of 30 \(stable\), e-value /);
    expect(metricClause({ ...goal, effect: { estimate: -0.4, low: null, high: -0.1 } })).toMatch(
      /^up is -40 % for canary against stable \(at least -10 %\), e-value /,
    );
  });

  it('differs where it is watched', () => {
    expect(metricClause({ ...GUARD, role: 'watch', state: 'changed' })).toMatch(/^error_rate differs, /);
  });
});
