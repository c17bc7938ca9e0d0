import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  armAt,
  armWeight,
  isInLayer,
  placeUnit,
  pseudonymOf,
  saltOf,
  unitHash,
  unitPosition,
} from '../../src/core/assignment.ts';
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

describe('the salt', () => {
  it('is the declared one until the units are reshuffled, then another each time', () => {
    expect([0, 1, 2].map((saltTurn) => saltOf(rollout({}, { saltTurn })))).toEqual([
      'fast-v2',
      'fast-v2#1',
      'fast-v2#2',
    ]);
  });
});

describe('a pseudonym', () => {
  it('shares no digit of the hash with the place, so that it does not tell it', () => {
    const hashed = unitHash('salt', 'unit');
    expect(hashed.slice(8)).toMatch(new RegExp(`^${pseudonymOf(hashed)}[0-9a-f]{40}$`));
  });
});

describe('a range of a layer', () => {
  const ranges = [0, 30, 30.5].map((from, index, all) => ({ name: 'l', from, to: all[index + 1] ?? 100 }));

  it('has each unit in exactly one of ranges that follow one another', () => {
    for (let unit = 0; unit < 5_000; unit++)
      expect(ranges.filter((range) => isInLayer(range, `u${unit}`))).toHaveLength(1);
  });

  it('leaves a unit outside without an arm, whatever its place in the rollout', () => {
    const narrow = rollout({ layer: { name: 'l', from: 0, to: 30 } }, { weight: 100 });
    for (let unit = 0; unit < 200; unit++) {
      const { arm, position } = placeUnit(narrow, `u${unit}`);
      expect(arm).toBe(isInLayer(ranges[0]!, `u${unit}`) ? 1 : -1);
      expect(position).toBe(unitPosition('fast-v2', `u${unit}`));
    }
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

  it('is everywhere the arm that won', () => {
    const won = rollout({ kind: 'experiment' }, { winner: 'b', weight: 100 });
    expect([0, 0.3, 0.999].map((position) => armAt(won, position))).toEqual([1, 1, 1]);
    expect([0, 1].map((index) => armWeight(won, index))).toEqual([0, 100]);
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
