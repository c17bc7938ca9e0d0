import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestRecord } from '../../src/core/recent.ts';
import { RequestRing } from '../../src/record/recent-requests.ts';

function entry(requestId: string, rollout = '', arm = ''): RequestRecord {
  return { requestId, rollout, arm } as RequestRecord;
}

describe('the recent requests', () => {
  it('are the newest that fit, newest first, by rollout and arm where asked', () => {
    const names = fc.constantFrom('', 'a', 'b');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(names, names), { maxLength: 30 }),
        fc.integer({ min: 1, max: 8 }),
        fc.nat({ max: 10 }),
        fc.option(names, { nil: undefined }),
        fc.option(names, { nil: undefined }),
        (added, capacity, limit, rollout, arm) => {
          const ring = new RequestRing(capacity);
          const all = added.map(([its, itsArm], index) => entry(String(index), its, itsArm));
          for (const each of all) ring.add(each);
          const expected = all
            .slice(-capacity)
            .toReversed()
            .filter(
              (each) => (rollout === undefined || each.rollout === rollout) && (arm === undefined || each.arm === arm),
            )
            .slice(0, limit);
          const query = { limit, ...(rollout === undefined ? {} : { rollout }), ...(arm === undefined ? {} : { arm }) };
          expect(ring.query(query)).toEqual(expected);
        },
      ),
      { seed: 41, numRuns: 500 },
    );
  });
});
