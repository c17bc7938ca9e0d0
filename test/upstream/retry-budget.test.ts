import { describe, expect, it } from 'vitest';
import { RetryBudget } from '../../src/upstream/retry-budget.ts';

function granted(budget: RetryBudget): number {
  let count = 0;
  while (budget.tryAcquire()) count++;
  return count;
}

describe('the retry budget', () => {
  it.each([
    [0, 3],
    [15, 3],
    [19, 3],
    [20, 4],
    [1_000, 200],
  ])('with %i requests in flight allows %i retries at one time', (inflight, expected) => {
    expect(granted(new RetryBudget({ fraction: 0.2, minimum: 3 }, () => inflight))).toBe(expected);
  });

  it('gives back what is released', () => {
    const budget = new RetryBudget({ fraction: 0, minimum: 2 }, () => 100);
    expect(granted(budget)).toBe(2);
    budget.release();
    expect(granted(budget)).toBe(1);
  });

  it('may forbid retries', () => {
    expect(new RetryBudget({ fraction: 0, minimum: 0 }, () => 100).tryAcquire()).toBe(false);
  });
});
