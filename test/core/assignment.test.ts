import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { armAt, armWeight, unitPosition } from '../../src/core/assignment.ts';
import { rollout } from '../rollout/fixtures.ts';

describe('the place of a unit', () => {
  it('is the first four bytes of SHA-256 over salt, a zero byte and the unit, as a share of 2^32', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (salt, unit) => {
        const digest = createHash('sha256')
          .update(salt, 'utf8')
          .update(Buffer.from([0]))
          .update(unit, 'utf8')
          .digest();
        expect(unitPosition(salt, unit)).toBe(digest.readUInt32BE(0) / 2 ** 32);
      }),
      { seed: 1 },
    );
  });
});

describe('the arm at a place', () => {
  it('is the canary below its weight and stable from there on', () => {
    const canary = rollout({}, { weight: 25 });
    expect([0, 0.2499, 0.25, 0.99].map((position) => armAt(canary, position))).toEqual([1, 1, 0, 0]);
    expect(armAt(rollout({}, { weight: 0 }), 0)).toBe(0);
    expect(armAt(rollout({}, { weight: 100 }), 0.999_999)).toBe(1);
  });

  it("takes part in an experiment only within its arm's covered share", () => {
    const experiment = rollout({ kind: 'experiment' }, { weight: 40 });
    expect([0, 0.199, 0.2, 0.499, 0.5, 0.699, 0.7, 0.999].map((position) => armAt(experiment, position))).toEqual([
      0, 0, -1, -1, 1, 1, -1, -1,
    ]);
    expect([0, 1].map((index) => armWeight(experiment, index))).toEqual([20, 20]);
  });

  it('never changes for a unit that already takes part when weight or coverage rises', () => {
    const weight = fc.integer({ min: 0, max: 100 });
    const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(weight, weight, place, fc.constantFrom('canary', 'experiment'), (one, other, position, kind) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const before = armAt(rollout({ kind }, { weight: low }), position);
        const takesPart = kind === 'canary' ? before === 1 : before >= 0;
        const after = armAt(rollout({ kind }, { weight: high }), position);
        expect(takesPart ? after : before).toBe(before);
      }),
      { seed: 2, numRuns: 1_000 },
    );
  });

  it('is never one of a shadow', () => {
    expect(armAt(rollout({ kind: 'shadow' }), 0)).toBe(-1);
  });

  it.each([5, 25, 50])('gives the canary %s percent of 200,000 units, within 0.3 points', (weight) => {
    const canary = rollout({}, { weight });
    let assigned = 0;
    for (let unit = 0; unit < 200_000; unit++)
      assigned += armAt(canary, unitPosition(canary.spec.salt, `user-${unit}`));
    expect(Math.abs((assigned / 200_000) * 100 - weight)).toBeLessThan(0.3);
  });

  it('is independent between rollouts with salts of their own', () => {
    const [one, other] = ['one', 'other'].map((name) => rollout({ name, salt: name }, { weight: 50 }));
    let both = 0;
    for (let unit = 0; unit < 20_000; unit++) {
      both += armAt(one!, unitPosition('one', `${unit}`)) * armAt(other!, unitPosition('other', `${unit}`));
    }
    expect(Math.abs(both / 20_000 - 0.25)).toBeLessThan(0.015);
  });
});
