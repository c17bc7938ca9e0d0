import { describe, expect, it } from 'vitest';
import { logBetaBinomial, mixturePrecision } from '../../src/judge/bernoulli-interval.ts';
import { eventGrowth } from '../../src/judge/budget.ts';
import { rejectedCount } from '../../src/judge/e-bh.ts';
import { asymptoticHalfWidth } from '../../src/judge/mean-difference.ts';
import { jensenShannonDistance } from '../../src/judge/mix-bet.ts';
import { projectOnNull } from '../../src/judge/null-projection.ts';
import { SampleRatio } from '../../src/judge/sample-ratio.ts';

/** How far a number is from what a reference prints, relative to it. */
function off(actual: number, printed: number): number {
  return Math.abs(actual / printed - 1);
}

/** The printed digits are all that a reference tells. */
const PRINTED = 1e-5;

function zeroBetween(f: (x: number) => number, from: number, to: number): number {
  let [a, b] = [from, to];
  for (let step = 0; step < 100; step++) {
    const middle = (a + b) / 2;
    if (f(middle) > 0 === f(a) > 0) a = middle;
    else b = middle;
  }
  return a;
}

describe('confseq test/uniform_boundaries_unittest.cpp', () => {
  it('gives the two-sided normal mixture its precision', () => {
    expect(off(mixturePrecision(100, 0.05), 12.60056)).toBeLessThan(PRINTED);
  });

  it('gives the two-sided beta-binomial mixture its value', () => {
    // g = .2, h = .8, s = 10, v = 100: 135 events of 625 trials at a chance of .2, tuned for a variance of 100.
    expect(off(logBetaBinomial(135, 625, 0.2, 625), -0.6941012)).toBeLessThan(PRINTED);
  });

  it.each([
    [700, 1000, 100, 0.651629, 0.745949],
    [15, 50, 50, 0.129556, 0.511896],
    [5, 50, 50, 0.013021, 0.269264],
  ])('bounds the chance behind %i of %i', (events, trials, tuning, low, high) => {
    const excess = (p: number) => logBetaBinomial(events, trials, p, tuning) - Math.log(20);
    // The printed digits are cut off, not rounded.
    expect(off(zeroBetween(excess, 1e-9, events / trials), low)).toBeLessThan(1e-4);
    expect(off(zeroBetween(excess, events / trials, 1 - 1e-9), high)).toBeLessThan(1e-5);
  });
});

describe('GrowthBook packages/stats/tests/frequentist/test_tests.py', () => {
  it('bounds a relative difference at all times', () => {
    const [na, nb] = [3000, 3461];
    const [ma, mb] = [1396.87 / na, 2422.7 / nb];
    const variances = [(52377.9767 - na * ma * ma) / (na - 1), (134698.29 - nb * mb * mb) / (nb - 1)] as const;
    const variance = variances[1] / (nb * ma ** 2) + (variances[0] * mb ** 2) / (na * ma ** 4);
    const half = asymptoticHalfWidth(variance * (na + nb), na + nb, 0.05, 1000);
    expect(off(mb / ma - 1 - half, -0.55844)).toBeLessThan(PRINTED);
    expect(off(mb / ma - 1 + half, 1.56516)).toBeLessThan(PRINTED);
  });
});

describe('sample ratio mismatch', () => {
  it.each([
    ['savvi', [40, 129, 233], [0.1, 0.4, 0.5], 100, 1 / 0.0484559],
    ['ssrm', [2, 1, 7], [0.1, 0.5, 0.4], 10_000, 1.0017496],
  ] as const)('has the Bayes factor of %s', (_, counts, shares, concentration, bayesFactor) => {
    const test = new SampleRatio(shares.length, undefined, concentration);
    for (const [arm, count] of counts.entries()) for (let unit = 0; unit < count; unit++) test.count(arm, shares);
    expect(off(Math.exp(test.logE), bayesFactor)).toBeLessThan(concentration === 100 ? 1e-6 : 5e-8);
  });
});

describe('formulas', () => {
  it('the bet on a known pair of rates has the odds of the two against their mixture', () => {
    const [w, p0, p1] = [0.05, 0.01, 0.05];
    const both = projectOnNull(w, p0, p1, 1);
    expect(off(p1 / both, 4.166667)).toBeLessThan(1e-7);
    expect(off(p0 / both, 0.833333)).toBeLessThan(1e-6);
    expect(off((1 - p1) / (1 - both), 0.9615385)).toBeLessThan(1e-7);
    expect(off((1 - p0) / (1 - both), 1.0020243)).toBeLessThan(1e-7);
  });

  it('the Jensen-Shannon distance of one kind and an even mix', () => {
    expect(off(jensenShannonDistance([1, 0], [0.5, 0.5]), 0.4645014)).toBeLessThan(1e-7);
  });

  it('e-Benjamini-Hochberg rejects two of 120, 60, 10 and 1', () => {
    const weighted = [120, 60, 10, 1].map((eValue) => eValue / 4);
    expect(rejectedCount(weighted, 0.05)).toBe(2);
  });

  it.each([
    [0.05, [25_129, 7560, 2457, 728]],
    [0.25, [6714, 2097, 719, 230]],
    [0.5, [5341, 1727, 615, 205]],
  ])('the budgets at a weight of %d', (weight, budgets) => {
    const rates = [0.02, 0.03, 0.05, 0.1];
    const computed = rates.map((rate) => Math.round(Math.log(100) / eventGrowth(weight, 0.01, rate, 1)));
    expect(computed).toEqual(budgets);
  });
});
