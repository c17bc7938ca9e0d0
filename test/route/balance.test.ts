import { describe, expect, it } from 'vitest';
import type { BalancedTarget, Load } from '../../src/core/target.ts';
import { balanced } from '../../src/route/balance.ts';

const target = (provider: string, more: Partial<BalancedTarget> = {}): BalancedTarget => ({
  provider,
  model: 'm',
  weight: 1,
  priority: 0,
  ...more,
});

const IDLE: Load = { isOut: false, outstanding: 0, latency: null, waitingFor: 0 };

/** A sequence of numbers that looks random and is the same every time. */
function drawn(): () => number {
  let state = 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function order(
  targets: readonly BalancedTarget[],
  loads: Record<string, Partial<Load>> = {},
  random = drawn(),
): string {
  return balanced(targets, ({ provider }) => ({ ...IDLE, ...loads[provider] }), random)
    .map(({ provider }) => provider)
    .join('');
}

const AB = [target('a'), target('b')];

describe('equal targets', () => {
  it('are tried from the least busy to the busiest, and from the fastest to the slowest', () => {
    expect(order(AB, { a: { outstanding: 2 }, b: { outstanding: 1 } })).toBe('ba');
    expect(order(AB, { a: { latency: 900 }, b: { latency: 300 } })).toBe('ba');
    expect(order(AB, { a: { latency: 100, outstanding: 5 }, b: { latency: 300 } })).toBe('ba');
    expect(order(AB, { a: { latency: 100, outstanding: 1 }, b: { latency: 300 } })).toBe('ab');
    // It has hung since it was last heard of, or was never heard of.
    expect(order(AB, { a: { latency: 100, outstanding: 1, waitingFor: 4_000 }, b: { latency: 300 } })).toBe('ba');
    expect(order(AB, { a: { outstanding: 1, waitingFor: 4_000 }, b: { latency: 300, outstanding: 2 } })).toBe('ba');
  });

  it('of a higher number of priority come behind, whatever their load', () => {
    const targets = [target('a', { priority: 1 }), target('b')];
    expect(order(targets, { b: { latency: 9_000, outstanding: 50 } })).toBe('ba');
  });

  it('that are left alone come last, also where their priority is the best', () => {
    const targets = [target('a'), target('b', { priority: 1 })];
    expect(order(targets, { a: { isOut: true } })).toBe('ba');
    expect(order(targets, { a: { isOut: true }, b: { isOut: true } })).toBe('ab');
  });

  it('that are new are tried as if they were as fast as the fastest', () => {
    const firsts = Array.from({ length: 50 }, (_, seed) => order(AB, { a: { latency: 200 } }, drawnFrom(seed))[0]);
    expect(new Set(firsts)).toEqual(new Set(['a', 'b']));
  });

  it('that are alike share by their weights', () => {
    const targets = [target('a', { weight: 3 }), target('b')];
    const random = drawn();
    const loads = { a: { latency: 500 }, b: { latency: 510 } };
    const firsts = Array.from({ length: 4_000 }, () => order(targets, loads, random)[0]);
    const share = firsts.filter((first) => first === 'a').length / firsts.length;
    expect(share).toBeGreaterThan(0.7);
    expect(share).toBeLessThan(0.8);
  });

  it('with a larger weight bear more open requests', () => {
    const targets = [target('a', { weight: 4 }), target('b')];
    expect(order(targets, { a: { outstanding: 3 }, b: { outstanding: 1 } })).toBe('ab');
  });
});

function drawnFrom(seed: number): () => number {
  const random = drawn();
  for (let i = 0; i < seed; i++) random();
  return random;
}
