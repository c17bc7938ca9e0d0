import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryCounters } from '../../src/counters/memory-counters.ts';
import { ALL_CLAIMS, follow, histories, LONG_AFTER, START } from './histories.ts';

function open() {
  const clock = { time: START, now: () => clock.time, wall: () => clock.time };
  return { clock, counters: new MemoryCounters(clock) };
}

describe('counters in memory', () => {
  it('answer as the model does, whatever is reserved, settled, renewed, left behind and asked again', async () => {
    await fc.assert(
      fc.asyncProperty(histories(150), async (steps) => {
        const { clock, counters } = open();
        await follow(counters, clock, steps, 'x');
      }),
      { numRuns: 3000, seed: 7 },
    );
  });

  it('are free again in the end, and forget everything', async () => {
    await fc.assert(
      fc.asyncProperty(histories(150), async (steps) => {
        const { clock, counters } = open();
        await follow(counters, clock, steps, 'x');
        clock.time += LONG_AFTER;
        for (let call = 0; call < 100; call++) counters.peek([]);
        expect(counters.size).toBe(0);
        const free = ALL_CLAIMS.filter(({ counter }) => counter !== 'day');
        expect(counters.peek(free).map(({ remaining }) => remaining)).toEqual(free.map(({ limit }) => limit));
      }),
      { numRuns: 300, seed: 8 },
    );
  });
});
