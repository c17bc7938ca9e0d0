import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventCell } from '../../src/judge/event-cell.ts';
import { MixBet } from '../../src/judge/mix-bet.ts';
import { RankBet } from '../../src/judge/rank-bet.ts';
import { RatioBet, alternatives } from '../../src/judge/ratio-bet.ts';
import { SampleRatio } from '../../src/judge/sample-ratio.ts';
import { EventGuard } from '../../src/judge/event-guard.ts';
import { ValueGuard } from '../../src/judge/value-guard.ts';
import { newOutcome } from './outcomes.ts';

/** Room for the rounding of some thousand products. */
const ROUNDING = 1e-9;

interface Branch<T> {
  readonly chance: number;
  readonly arm: number;
  readonly value: T;
}

/** The exact mean of a bet's e-value after a number of steps, over everything that could have happened. */
function expectation<T>(
  steps: number,
  branches: (step: number) => readonly Branch<T>[],
  play: (path: readonly Branch<T>[]) => number,
): number {
  const walk = (path: readonly Branch<T>[], chance: number): number => {
    if (path.length === steps) return chance * play(path);
    let sum = 0;
    for (const branch of branches(path.length)) sum += walk([...path, branch], chance * branch.chance);
    return sum;
  };
  return walk([], 1);
}

/** Arm by weight, then event by the arm's rate. */
function events(weight: number, stable: number, canary: number): readonly Branch<number>[] {
  return [
    { chance: (1 - weight) * (1 - stable), arm: 0, value: 0 },
    { chance: (1 - weight) * stable, arm: 0, value: 1 },
    { chance: weight * (1 - canary), arm: 1, value: 0 },
    { chance: weight * canary, arm: 1, value: 1 },
  ];
}

/** Arm by weight, then one of three values by the arm's shares. */
function values(weight: number, stable: readonly number[], canary: readonly number[]): readonly Branch<number>[] {
  return [stable, canary].flatMap((shares, arm) =>
    shares.map((share, index) => ({
      chance: (arm === 1 ? weight : 1 - weight) * share,
      arm,
      value: 100 * 3 ** index,
    })),
  );
}

const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
const ratio = fc.double({ min: 0.5, max: 3, noNaN: true });
const settings = { seed: 20261120, numRuns: 300 };

describe('a bet on a ratio of rates', () => {
  const worse = alternatives([1.25, 1], [2, 1], [10, 1]);
  const better = alternatives([0.8, 1], [0.5, 1], [0.1, 1]);

  it('never gains in the mean while the canary is within the margin, whatever rate it was told', () => {
    fc.assert(
      fc.property(share, share, share, ratio, share, fc.boolean(), (weight, stable, part, nullRatio, told, isKnown) => {
        const canary = Math.min(1, nullRatio * stable) * part;
        const mean = expectation(
          1,
          () => events(weight, stable, canary),
          ([{ arm, value } = { arm: 0, value: 0 }]) => {
            const bet = new RatioBet(nullRatio, worse);
            bet.bet(arm, weight, value, isKnown ? told : 0);
            return bet.eValue;
          },
        );
        expect(mean).toBeLessThanOrEqual(1 + ROUNDING);
      }),
      settings,
    );
  });

  it('never gains in the mean in the other direction while the canary is beyond the margin', () => {
    fc.assert(
      fc.property(share, share, share, ratio, share, fc.boolean(), (weight, stable, part, nullRatio, told, isKnown) => {
        const least = nullRatio * stable;
        fc.pre(least < 1);
        const canary = least + (1 - least) * part;
        const mean = expectation(
          1,
          () => events(weight, stable, canary),
          ([{ arm, value } = { arm: 0, value: 0 }]) => {
            const bet = new RatioBet(nullRatio, better);
            bet.bet(arm, weight, value, isKnown ? told : 0);
            return bet.eValue;
          },
        );
        expect(mean).toBeLessThanOrEqual(1 + ROUNDING);
      }),
      settings,
    );
  });

  it('is fair at the margin where it bets on events only', () => {
    const [weight, stable, nullRatio] = [0.2, 0.04, 1.25];
    const mean = expectation(
      5,
      () => events(weight, stable, nullRatio * stable),
      (path) => {
        const bet = new RatioBet(nullRatio, worse);
        for (const { arm, value } of path) bet.bet(arm, weight, value, 0);
        return bet.eValue;
      },
    );
    expect(mean).toBeCloseTo(1, 12);
  });

  it('takes shares of an event as it takes events', () => {
    fc.assert(
      fc.property(share, share, share, (weight, told, part) => {
        const after = (value: number) => {
          const bet = new RatioBet(1, alternatives([2, 1]));
          bet.bet(1, weight, value, told);
          return bet.eValue;
        };
        expect(after(part)).toBeCloseTo((1 - part) * after(0) + part * after(1), 12);
      }),
      settings,
    );
  });

  it('gains in the mean where the canary is worse', () => {
    const mean = expectation(
      4,
      () => events(0.5, 0.1, 0.4),
      (path) => {
        const cell = new EventCell(1.25);
        for (const { arm, value } of path) cell.bet(arm, 0.5, [value]);
        return cell.eValue;
      },
    );
    expect(mean).toBeGreaterThan(1.1);
  });
});

describe('whole guards over several steps, weights changing on the way', () => {
  const weights = [0.1, 0.1, 0.3, 0.6, 0.5];

  it.each([
    [1, 0.3, 0.3],
    [1.25, 0.2, 0.25],
    [1.5, 0.4, 0.1],
  ])('an event guard of ratio %d has a mean e-value of 1 at most', (nullRatio, stable, canary) => {
    const mean = expectation(
      weights.length,
      (step) => events(weights[step]!, stable, canary),
      (path) => {
        const guard = new EventGuard('error_rate', nullRatio);
        for (const [step, { arm, value }] of path.entries()) {
          guard.read(newOutcome({ arm, error: value === 1 }));
          guard.bet(arm, weights[step]!);
          guard.learn();
        }
        return guard.first.eValue;
      },
    );
    expect(mean).toBeLessThanOrEqual(1 + ROUNDING);
  });

  it.each([
    ['the same', [0.5, 0.3, 0.2], [0.5, 0.3, 0.2]],
    ['lower', [0.3, 0.3, 0.4], [0.6, 0.3, 0.1]],
  ])('a value guard has a mean e-value of 1 at most where the canary is %s', (_, stable, canary) => {
    const mean = expectation(
      4,
      (step) => values(weights[step]!, stable, canary),
      (path) => {
        const guard = new ValueGuard('latency_p95', 1);
        for (const [step, { arm, value }] of path.entries()) {
          guard.read(newOutcome({ arm, latencyMs: value }));
          guard.bet(arm, weights[step]!);
          guard.learn(arm);
        }
        return guard.first.eValue;
      },
    );
    expect(mean).toBeLessThanOrEqual(1 + ROUNDING);
  });
});

describe('other bets', () => {
  const weight = 0.3;
  const scores = [-0.9, 0.1, 0.8];
  const same = [0.5, 0.3, 0.2];

  it.each(['higher', 'lower', 'either'] as const)('a bet on "%s" ranks is fair where the arms are the same', (way) => {
    const mean = expectation(
      4,
      () => values(weight, same, same),
      (path) => {
        const bet = new RankBet(way);
        for (const { arm, value } of path)
          bet.bet(arm, weight, scores[Math.round(Math.log(value / 100) / Math.log(3))]!);
        return bet.eValue;
      },
    );
    expect(mean).toBeCloseTo(1, 12);
  });

  it('a bet on a mix of kinds is fair where the arms are the same', () => {
    const mean = expectation(
      5,
      () => values(weight, same, same),
      (path) => {
        const bet = new MixBet();
        for (const { arm, value } of path) bet.bet(arm, weight, String(value));
        return bet.eValue;
      },
    );
    expect(mean).toBeCloseTo(1, 12);
  });

  it('a sample ratio test is fair while the shares change', () => {
    const shares = [0.05, 0.05, 0.5, 0.25, 0.9, 0.1];
    const mean = expectation(
      shares.length,
      (step) => [
        { chance: 1 - shares[step]!, arm: 0, value: null },
        { chance: shares[step]!, arm: 1, value: null },
      ],
      (path) => {
        const test = new SampleRatio(2);
        for (const [step, { arm }] of path.entries()) test.count(arm, [1 - shares[step]!, shares[step]!]);
        return Math.exp(test.logE);
      },
    );
    expect(mean).toBeCloseTo(1, 12);
  });
});
