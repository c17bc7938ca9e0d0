import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryCounters } from '../../src/counters/memory-counters.ts';
import type { Claim } from '../../src/core/counters.ts';
import { countersSuite } from './counters-suite.ts';
import { ALL_CLAIMS, follow, histories, LONG_AFTER, START } from './histories.ts';
import { runsOf } from '../support/runs.ts';

function open() {
  const clock = { time: START, now: () => clock.time, wall: () => clock.time };
  return { clock, counters: new MemoryCounters(clock), space: 'x' };
}

describe('counters in memory', () => {
  it('answer as the model does, whatever is reserved, settled, renewed, left behind and asked again', async () => {
    await fc.assert(
      fc.asyncProperty(histories(150), async (steps) => {
        const { clock, counters, space } = open();
        await expect(follow(counters, clock, steps, space)).resolves.toBeInstanceOf(Array);
      }),
      { numRuns: runsOf(2000), seed: 7 },
    );
  });

  countersSuite(open, 300);

  it('forget what is over as others come', async () => {
    await fc.assert(
      fc.asyncProperty(histories(150), async (steps) => {
        const { clock, counters, space } = open();
        await follow(counters, clock, steps, space);
        clock.time += LONG_AFTER;
        for (let call = 0; call < 200; call++) {
          await follow(counters, clock, [{ kind: 'peek', claims: ALL_CLAIMS }], `${call}`);
          counters.settle({ id: `${call}`, claims: [], expiresIn: 1 }, []);
          clock.time += LONG_AFTER;
        }
        expect(counters.size).toBeLessThan(30);
      }),
      { numRuns: runsOf(50), seed: 8 },
    );
  });

  it('hold no more than a few minutes of settled requests', () => {
    const { clock, counters } = open();
    const claims = [{ kind: 'place', counter: 'p', limit: 1_000 }] as const;
    for (let request = 0; request < 120_000; request++) {
      clock.time += 100; // 1,200 requests in the time that ids are kept
      const reservation = { id: `${request}`, claims, expiresIn: 60_000 };
      counters.reserve(reservation);
      if (request % 10 > 0) counters.settle(reservation, [0]); // others are left behind, and known for an hour
    }
    expect(counters.size).toBeLessThan((1_200 + 3_600) * 1.3);
    expect(counters.size).toBeGreaterThan(1_080 + 3_600);
  });

  it('keep nothing of windows that have ended, nor of limits of nothing', async () => {
    const { clock, counters } = open();
    const charge = (id: string, claim: Claim) => counters.settle({ id, claims: [claim], expiresIn: 1 }, [1]);
    for (let day = 0; day < 200; day++) {
      const end = clock.time + 1_000;
      const window = { kind: 'calendar', windows: [{ name: `${day}`, end }] } as const;
      charge(`budget ${day}`, { kind: 'budget', counter: `budget ${day}`, limit: 10, amount: 0, window });
      charge(`rate ${day}`, { kind: 'rate', counter: `rate ${day}`, limit: 0, per: 60_000, amount: 0 });
      clock.time += LONG_AFTER;
    }
    expect(counters.size).toBeLessThan(30);
  });
});
