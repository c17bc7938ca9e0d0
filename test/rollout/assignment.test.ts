import { describe, expect, it } from 'vitest';
import { armAt, unitPosition } from '../../src/core/assignment.ts';
import { rollout } from './fixtures.ts';

const UNITS = 200_000;

describe('assignment of 200,000 units', () => {
  const positions = Float64Array.from({ length: UNITS }, (_, unit) => unitPosition('fast-v2', `user-${unit}`));
  const inCanary = (weight: number) => {
    const at = rollout({}, { weight });
    return Uint8Array.from(positions, (position) => armAt(at, position));
  };

  it.each([5, 25, 50])('gives the canary %d %% within 0.3 points', (weight) => {
    const share = (100 * inCanary(weight).reduce((sum, arm) => sum + arm, 0)) / UNITS;
    expect(Math.abs(share - weight)).toBeLessThan(0.3);
  });

  it('keeps everybody in the canary as the weight rises', () => {
    let before = inCanary(0);
    for (const weight of [0.01, 1, 5, 25, 50, 99.99, 100]) {
      const after = inCanary(weight);
      expect(before.every((arm, unit) => arm <= after[unit]!)).toBe(true);
      before = after;
    }
    expect(before.every((arm) => arm === 1)).toBe(true);
  });

  it('keeps everybody on their arm of an experiment as more take part', () => {
    const arms = (weight: number) => {
      const at = rollout({ kind: 'experiment' }, { weight });
      return Int8Array.from(positions, (position) => armAt(at, position));
    };
    const few = arms(20);
    const all = arms(100);
    expect(few.every((arm, unit) => arm === -1 || arm === all[unit])).toBe(true);
    expect(all.every((arm) => arm >= 0)).toBe(true);
  });
});
