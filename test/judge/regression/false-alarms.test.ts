import { describe, expect, it } from 'vitest';
import { changeFigures, nullFigures, snapshotAfter } from '../../../bench/regression.ts';
import { CHANGES, NULLS } from '../../../bench/regression-scenarios.ts';
import { isExhaustive, runsOf } from '../../support/runs.ts';

describe('a route without a change', () => {
  // Ten metrics in four parts of the traffic may raise ten alarms in 30 days in the mean; none is what is seen.
  it.each(NULLS.map((weather) => [weather.name, weather] as const))('raises no alarm: %s', (_, weather) => {
    expect(nullFigures(weather, { nullRoutes: 1, nullDays: isExhaustive ? 2 : 1 }).alarms).toBe(0);
  });
});

describe('a route with a change', () => {
  const learnt = Array.from({ length: runsOf(3) }, (_, run) => snapshotAfter(2, 1 + run));

  it.each(CHANGES.map((change) => [change.name, change] as const))('is found within an hour: %s', (_, change) => {
    const { missed, p90Minutes, others } = changeFigures(change, 2, learnt);
    expect([missed, others]).toEqual([0, 0]);
    expect(p90Minutes).toBeLessThan(60);
  });
});
