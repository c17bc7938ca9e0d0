import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BINS, RankCounter, SCALES, positionOf, quantileOf, valueAt } from '../../src/judge/log-histogram.ts';
import { MeanDifference } from '../../src/judge/mean-difference.ts';
import { MixBet } from '../../src/judge/mix-bet.ts';
import { quantileInterval } from '../../src/judge/quantile-interval.ts';
import { ValueGuard } from '../../src/judge/value-guard.ts';
import { RatioLikelihood } from '../../src/judge/ratio-likelihood.ts';
import { Random } from '../../bench/judge-scenarios.ts';

const SCALE = SCALES.milliseconds;
const settings = { seed: 20261120, numRuns: 200 };

function histogramOf(values: readonly number[]): number[] {
  const counts = Array.from({ length: BINS }, () => 0);
  for (const value of values) counts[Math.floor(positionOf(SCALE, value))]!++;
  return counts;
}

describe('the histogram', () => {
  it('finds a value back at its position', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.2, max: 1e6, noNaN: true }), (value) => {
        expect(valueAt(SCALE, positionOf(SCALE, value)) / value).toBeCloseTo(1, 9);
      }),
      settings,
    );
  });

  it.each([0, -1, 1e-12, 1e15, Infinity])('puts %d into its first or last bin', (value) => {
    const bin = Math.floor(positionOf(SCALE, value));
    expect([0, BINS - 1]).toContain(bin);
  });

  it('counts the values below a position as a plain loop does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: BINS - 1 }), { maxLength: 60 }),
        fc.integer({ min: 0, max: BINS - 1 }),
        (bins, bin) => {
          const counter = new RankCounter();
          for (const each of bins) counter.add(each);
          const below = bins.filter((each) => each < bin).length;
          expect(counter.shareBelow(bin)).toBeCloseTo((below + 0.5) / (bins.length + 1), 12);
        },
      ),
      settings,
    );
  });

  it('has quantiles within the width of a bin', () => {
    const values = Array.from({ length: 1000 }, (_, index) => 100 + index);
    const median = quantileOf(SCALE, histogramOf(values), 0.5)!;
    expect(median / 600).toBeGreaterThan(0.95);
    expect(median / 600).toBeLessThan(1.05);
  });

  it('has no quantile without values', () => {
    expect(quantileOf(SCALE, histogramOf([]), 0.5)).toBeNull();
  });
});

describe('the bounds of a quantile', () => {
  const random = new Random(7);
  const values = Array.from({ length: 5000 }, () => 500 * Math.exp(0.6 * random.normal()));
  const truth = 500 * Math.exp(0.6 * 1.644854);

  it('hold the truth and get closer with more values', () => {
    const few = quantileInterval(SCALE, histogramOf(values.slice(0, 500)), 0.95, 0.05);
    const many = quantileInterval(SCALE, histogramOf(values), 0.95, 0.05);
    for (const { low, high } of [few, many]) {
      expect(low).toBeLessThan(truth);
      expect(high).toBeGreaterThan(truth);
    }
    expect(many.high! - many.low!).toBeLessThan(few.high! - few.low!);
  });

  it('have no upper end before enough values came', () => {
    expect(quantileInterval(SCALE, histogramOf(values.slice(0, 20)), 0.95, 0.05).high).toBeNull();
  });
});

describe('the likelihood of a ratio', () => {
  it('finds the ratio of the rates though the weight changes, and bounds it', () => {
    const random = new Random(11);
    const likelihood = new RatioLikelihood();
    for (let event = 0; event < 3000; event++) {
      const weight = event < 1500 ? 0.05 : 0.5;
      const chance = (weight * 2) / (1 - weight + weight * 2);
      likelihood.addEvent(random.uniform() < chance ? 1 : 0, weight);
    }
    const { estimate, low, high } = likelihood.effect(0.05);
    expect(estimate).toBeGreaterThan(0.85);
    expect(estimate).toBeLessThan(1.15);
    expect(low).toBeLessThan(1);
    expect(low).toBeGreaterThan(0.6);
    expect(high).toBeGreaterThan(1);
    expect(high).toBeLessThan(1.4);
  });

  it('knows nothing before the first event', () => {
    expect(new RatioLikelihood().effect(0.05)).toEqual({ estimate: null, low: null, high: null });
  });

  it('has no upper bound where all events are the canary’s', () => {
    const likelihood = new RatioLikelihood();
    for (let event = 0; event < 10; event++) likelihood.addEvent(1, 0.05);
    const { low, high } = likelihood.effect(0.05);
    expect(high).toBeNull();
    expect(low).toBeGreaterThan(2);
  });

  it('tells no ratio where the likeliest one is the last that it looks at', () => {
    for (const arm of [0, 1]) {
      const likelihood = new RatioLikelihood();
      for (let event = 0; event < 200; event++) likelihood.addEvent(arm, 0.5);
      const { estimate, low, high } = likelihood.effect(0.05);
      expect(estimate).toBeNull();
      expect(arm === 1 ? high : low).toBeNull();
      expect(arm === 1 ? low : -high!).toBeGreaterThan(0.8);
    }
  });

  it('has no lower bound where the lowest ratio of all is not refuted', () => {
    const likelihood = new RatioLikelihood();
    likelihood.addEvent(0, 0.5);
    expect(likelihood.effect(0.05).low).toBeNull();
  });
});

describe('the difference of means', () => {
  it('is estimated though weight and level change together', () => {
    const random = new Random(13);
    const mean = new MeanDifference();
    for (let value = 0; value < 20_000; value++) {
      const weight = value < 10_000 ? 0.1 : 0.5;
      const level = value < 10_000 ? 1 : 3;
      const arm = random.uniform() < weight ? 1 : 0;
      mean.add(arm, weight, level * (1 + 0.1 * random.normal()) * (arm === 1 ? 1.3 : 1));
    }
    const { estimate, low, high } = mean.effect(0.05);
    expect(estimate).toBeGreaterThan(0.25);
    expect(estimate).toBeLessThan(0.4);
    expect(low).toBeLessThan(estimate!);
    expect(high).toBeGreaterThan(estimate!);
  });

  it('is not told before a hundred values', () => {
    const mean = new MeanDifference();
    for (let value = 0; value < 99; value++) mean.add(value % 2, 0.5, 1 + value);
    expect(mean.effect(0.05).estimate).toBeNull();
    mean.add(1, 0.5, 1);
    expect(mean.effect(0.05).estimate).not.toBeNull();
  });
});

describe('a mix of kinds', () => {
  it('takes more kinds than it tells apart', () => {
    const mix = new MixBet();
    for (let kind = 0; kind < 20; kind++) mix.bet(kind % 2, 0.5, `kind-${kind}`);
    const { kinds, counts } = mix.toJSON();
    expect(kinds).toHaveLength(7);
    expect(counts[0][7]! + counts[1][7]!).toBe(13);
    expect(mix.distance()).toBeGreaterThan(0);
  });

  it('adds the kinds of another by name', () => {
    const [one, other] = [new MixBet(), new MixBet()];
    one.bet(0, 0.5, 'stop');
    other.bet(1, 0.5, 'length');
    other.bet(1, 0.5, 'stop');
    one.absorb(other);
    expect(one.toJSON().kinds).toEqual(['stop', 'length']);
    expect(one.toJSON().counts[1].slice(0, 2)).toEqual([1, 1]);
  });
});

describe('the effect on a 95th percentile', () => {
  it('is told of the median where the harm is in the bulk of the values and not in their tail', () => {
    const cell = new ValueGuard('ttft_p95', 1).first;
    const record = (arm: number, value: number) => cell.record(arm, 0.5, value, positionOf(SCALES.milliseconds, value));
    for (let unit = 0; unit < 500; unit++) {
      const isSlow = unit % 10 === 0;
      record(0, isSlow ? 900 : 20);
      record(1, isSlow ? 600 : 45);
    }
    const effect = cell.effect();
    expect(effect.quantile).toBe(0.5);
    // 45 against 20, to the width of a bin on either side.
    const bin = 2 ** (SCALE.octaves / BINS);
    expect(effect.estimate! + 1).toBeGreaterThan(2.25 / bin);
    expect(effect.estimate! + 1).toBeLessThan(2.25 * bin);
  });
});
