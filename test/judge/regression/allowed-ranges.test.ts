import { describe, expect, it } from 'vitest';
import { allowedRanges, shareAtDistance } from '../../../src/judge/regression/allowed-ranges.ts';
import { metricPlan } from '../../../src/judge/regression/metrics.ts';
import { shareBounds } from '../../../src/judge/regression/share-bounds.ts';
import { BINS, SCALES, positionOf, valueAt } from '../../../src/judge/log-histogram.ts';
import { jensenShannonDistance } from '../../../src/judge/mix-bet.ts';

/** Of values from 100 to 200, evenly spread. */
function evenValues(factor = 1): number[] {
  const counts = Array.from({ length: BINS }, () => 0);
  for (let value = 100; value < 200; value += 0.01)
    counts[Math.floor(positionOf(SCALES.milliseconds, value * factor))]!++;
  return counts;
}

describe('what is allowed', () => {
  it('of a rate is its margin on top of the upper bound of the baseline, or half a point', () => {
    const [large] = allowedRanges(metricPlan('error_rate', 1.5), [90_000, 10_000], [0, 0]);
    expect(large!.allowed).toBeCloseTo(0.154, 3);
    const [small] = allowedRanges(metricPlan('error_rate', 1.5), [999_900, 100], [0, 0]);
    expect(small!.allowed).toBeCloseTo(0.00513, 4);
  });

  it('of a rate of which little is known is far more than the margin', () => {
    const [range] = allowedRanges(metricPlan('error_rate', 1.5), [198, 2], [0, 0]);
    expect(range!.allowed).toBeGreaterThan(0.07);
  });

  it('of a value is half of the requests beyond the median, and 5 % beyond the 95th percentile, times the margin', () => {
    const [median, tail] = allowedRanges(metricPlan('latency', 1.25), evenValues(), evenValues());
    expect([median!.allowed, tail!.allowed]).toEqual([0.5, 0.05]);
    expect(valueAt(SCALES.milliseconds, median!.from) / (150 * 1.25)).toBeCloseTo(1, 0);
    expect(valueAt(SCALES.milliseconds, tail!.from) / (195 * 1.25)).toBeGreaterThan(1);
    expect(valueAt(SCALES.milliseconds, tail!.from) / (195 * 1.25)).toBeLessThan(1.15);
  });

  it('of tokens goes both ways', () => {
    const counts = evenValues();
    const ranges = allowedRanges(metricPlan('output_tokens', 1.25), counts, counts);
    expect(ranges.map(({ from, to }) => [from === 0, to === BINS])).toEqual([
      [false, true],
      [false, true],
      [true, false],
      [true, false],
    ]);
  });

  it('of a value is measured by the latest part of the baseline where that is higher', () => {
    const [median] = allowedRanges(metricPlan('latency', 1.25), evenValues(), evenValues(2));
    const [slow] = allowedRanges(metricPlan('latency', 1.25), evenValues(), evenValues());
    expect(median!.from - slow!.from).toBeCloseTo(BINS / SCALES.milliseconds.octaves, 0);
  });

  it('of a kind is the share at which its mix is at the distance', () => {
    const counts = [80_000, 20_000, 0, 0, 0, 0, 0, 0];
    const [, second] = allowedRanges(metricPlan('language', 0.1), counts, counts);
    const { high } = shareBounds(0.2, 100_000, 3);
    expect(jensenShannonDistance([high, 1 - high], [second!.allowed, 1 - second!.allowed])).toBeCloseTo(0.1, 6);
  });

  it('has no limit where no share is far enough away', () => {
    expect(shareAtDistance(0.99, 0.1)).toBe(1);
    const counts = [100_000, 0, 0, 0, 0, 0, 0, 0];
    expect(allowedRanges(metricPlan('language', 0.1), counts, counts)[0]!.allowed).toBe(1);
  });
});

describe('the bounds of a share', () => {
  it("are Wilson's", () => {
    const { low, high } = shareBounds(0.1, 100, 1.959964);
    expect(low).toBeCloseTo(0.05523, 5);
    expect(high).toBeCloseTo(0.17437, 5);
  });
});
