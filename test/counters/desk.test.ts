import { describe, expect, it } from 'vitest';
import type { BudgetClaim, Claim } from '../../src/core/counters.ts';
import { CountersDesk } from '../../src/counters/desk.ts';
import { MemoryCounters } from '../../src/counters/memory-counters.ts';
import { START } from './histories.ts';

const RATE: Claim = { kind: 'rate', counter: 'r', limit: 10, per: 60_000, amount: 2 };
const PLACE: Claim = { kind: 'place', counter: 'p', limit: 5 };
const BUDGET: BudgetClaim = {
  kind: 'budget',
  counter: 'b',
  limit: 100,
  amount: 30,
  window: { kind: 'rolling', length: 600_000, parts: 10 },
};
const CLAIMS = [RATE, PLACE, BUDGET];

function open() {
  const clock = { time: START, now: () => clock.time, wall: () => clock.time };
  const counters = new MemoryCounters(clock);
  const spent: [string, number, number][] = [];
  const spending = {
    spent: ({ counter }: BudgetClaim, amount: number, at: number) => void spent.push([counter, amount, at]),
  };
  const desks = [0, 1].map(() => new CountersDesk(counters, spending, clock));
  const free = (): number[] => counters.peek(CLAIMS).map(({ remaining }) => remaining);
  const reserve = (desk: number, id: string): boolean =>
    desks[desk]!.reserve({ id, claims: CLAIMS, expiresIn: 60_000 }).isGranted;
  return { clock, desks, spent, free, reserve };
}

describe('the desk of a process that counts elsewhere', () => {
  it('frees at once the places and the money of a process that is gone, and nothing of the others', () => {
    const { desks, free, reserve } = open();
    for (const id of ['a', 'b']) reserve(0, id);
    reserve(1, 'c');
    expect(free()).toEqual([4, 2, 10]);
    expect(desks[0]!.release()).toBe(2);
    expect(free()).toEqual([4, 4, 70]);
    expect(desks[0]!.release()).toBe(0);
  });

  it('takes nothing for a process that is gone', () => {
    const { desks, free, reserve } = open();
    desks[0]!.release();
    expect(reserve(0, 'a')).toBe(false);
    expect(free()).toEqual([10, 5, 100]);
    expect(reserve(1, 'a')).toBe(true);
  });

  it('charges what a process has settled before it was gone', () => {
    const { desks, free, reserve } = open();
    reserve(0, 'a');
    desks[0]!.settle({ id: 'a', claims: CLAIMS, expiresIn: 0 }, [2, 0, 12]);
    expect(desks[0]!.release()).toBe(0);
    expect(free()).toEqual([8, 5, 88]);
  });

  it('tells what was spent once, at the time when it was reserved', () => {
    const { clock, desks, spent, reserve } = open();
    reserve(0, 'a');
    clock.time += 5_000;
    for (let time = 0; time < 2; time++) desks[0]!.settle({ id: 'a', claims: CLAIMS, expiresIn: 0 }, [2, 0, 12]);
    expect(spent).toEqual([['b', 12, START]]);
  });

  it('takes nothing of a refused reservation, nor holds it', () => {
    const { desks, free, reserve } = open();
    expect(['a', 'b', 'c', 'd'].map((id) => reserve(0, id))).toEqual([true, true, true, false]);
    expect(desks[0]!.release()).toBe(3);
    expect(free()).toEqual([4, 5, 100]);
  });
});
