import { describe, expect, it } from 'vitest';
import type { BudgetClaim, Claim } from '../../src/core/counters.ts';
import { START } from './histories.ts';
import { LeasingWorld, TURN } from './leasing-world.ts';

const RATE = { kind: 'rate', counter: 'rate', limit: 1_000, per: 10_000, amount: 2 } as const;
const PLACE = { kind: 'place', counter: 'places', limit: 1_000 } as const;
const MIDNIGHT = START + 30_000;
const DAYS = [-1, 0, 1].map((day) => ({ name: `day${day}`, end: MIDNIGHT + day * 24 * 3_600_000 }));
const BUDGET: BudgetClaim = {
  kind: 'budget',
  counter: 'day',
  limit: 1_000_000,
  amount: 1_000,
  window: { kind: 'calendar', windows: DAYS },
};
const ALL: readonly Claim[] = [RATE, PLACE, BUDGET];

async function open(claims: readonly Claim[] = ALL, processes = 2): Promise<LeasingWorld> {
  const world = new LeasingWorld(processes);
  await world.warm(0, claims);
  return world;
}

const remaining = (world: LeasingWorld, claims: readonly Claim[] = ALL): number[] =>
  world.memory.peek(claims).map(({ remaining }) => remaining);

const leased = (world: LeasingWorld, claims: readonly Claim[] = ALL): number[] =>
  claims.map((claim) => world.memory.leasable(claim, world.clock.time)!.leased);

const isGranted = ({ decision }: { readonly decision: { readonly isGranted: boolean } | null }): boolean | undefined =>
  decision?.isGranted;

describe('limits that a process leases parts of', () => {
  it('are decided here at once where a lease has room, and asked for where it has not', async () => {
    const world = await open([PLACE]);
    expect(leased(world, [PLACE])).toEqual([Math.floor(998 / 8)]);
    const asked = Array.from({ length: 200 }, () => world.reserve(0, [PLACE]));
    expect(asked.filter(isGranted)).toHaveLength(124);
    await world.calm();
    expect(asked.filter(isGranted)).toHaveLength(200);
  });

  it('are asked for by requests that are few, and where little is left', async () => {
    const world = new LeasingWorld(2);
    for (let turn = 0; turn < 5; turn++) {
      world.reserve(0, ALL);
      await world.wait(TURN);
    }
    expect(leased(world)).toEqual([0, 0, 0]);
    const small = { ...PLACE, counter: 'small', limit: 100 };
    await world.warm(0, [small]);
    expect(leased(world, [small])).toEqual([0]);
    expect(world.fromLeases).toBe(0);
  });

  it('tell what is left as the control process knew it, less what was taken since', async () => {
    const world = await open();
    const states = world.reserve(0, ALL).decision!.states;
    expect(states.map(({ remaining }) => remaining)).toEqual([1_000 - 6, 1_000 - 3, 1_000_000 - 3_000]);
    expect(states[0]!.resetAfter).toBe(60);
    expect(states[2]!.resetAfter).toBe(30_000);
  });

  it('count as free what is leased and not used, and as used what was told of', async () => {
    const world = await open();
    expect(remaining(world)).toEqual([996, 998, 998_000]);
    for (let time = 0; time < 10; time++) world.reserve(0, ALL);
    expect(remaining(world)).toEqual([996, 998, 998_000]);
    world.turn(0);
    await world.calm();
    expect(remaining(world)).toEqual([976, 988, 988_000]);
  });

  it('charge what was really used, once, also to where it is kept over a restart', async () => {
    const world = await open();
    const asked = Array.from({ length: 10 }, () => world.reserve(0, ALL));
    for (const each of asked) world.settle(each, 25);
    for (const { reservation } of asked) void world.processes[0]!.leased.settle(reservation, [0, 0, 999]);
    await world.wait(TURN);
    expect(remaining(world, [PLACE, BUDGET])).toEqual([998, 1_000_000 - 2_000 - 10 * 250]);
    expect(world.spent.get('day')).toBe(10 * 250);
    for (const each of world.asked) world.settle(each, 50);
    await world.wait(TURN);
    expect(remaining(world, [PLACE, BUDGET])).toEqual([1_000, 1_000_000 - 2 * 500 - 10 * 250]);
    expect(world.spent.get('day')).toBe(2 * 500 + 10 * 250);
  });

  it('charge the window in which a request was reserved', async () => {
    const world = await open([BUDGET]);
    const asked = world.reserve(0, [BUDGET]);
    expect(isGranted(asked)).toBe(true);
    await world.wait(40_000);
    const next = world.reserve(0, [BUDGET]);
    expect(isGranted(next)).toBeUndefined();
    await world.calm();
    expect(isGranted(next)).toBe(true);
    world.settle(asked, 100);
    await world.wait(TURN);
    expect(remaining(world, [BUDGET])).toEqual([999_000]);
    world.clock.time = MIDNIGHT - 1;
    expect(remaining(world, [BUDGET])).toEqual([1_000_000 - 2_000 - 1_000]);
  });

  it('grant an id again that is held, and take nothing more', async () => {
    const world = await open();
    const { reservation } = world.reserve(0, ALL);
    expect(world.processes[0]!.leased.reserve(reservation)).toMatchObject({ isGranted: true });
    await world.wait(TURN);
    expect(remaining(world, [PLACE])).toEqual([997]);
  });

  it('refuse an id that was settled', async () => {
    const world = await open();
    const asked = world.reserve(0, ALL);
    world.settle(asked, 100);
    const again = Promise.resolve(world.processes[0]!.leased.reserve(asked.reservation));
    await world.calm();
    expect(await again).toMatchObject({ isGranted: false, refusedBy: 0 });
    expect(remaining(world, [PLACE])).toEqual([998]);
  });

  it('give nothing back of what has flowed off', async () => {
    const world = await open([RATE]);
    const asked = Array.from({ length: 10 }, () => world.reserve(0, [RATE]));
    await world.wait(500);
    const first = Array.from({ length: 300 }, () => world.reserve(1, [RATE]));
    await world.calm();
    for (const each of asked) world.settle(each, 0);
    world.turn(0);
    await world.calm();
    const more = [0, 1].flatMap((worker) => Array.from({ length: 300 }, () => world.reserve(worker, [RATE])));
    await world.calm();
    expect([...first, ...more].filter(isGranted)).toHaveLength(500);
    expect(world.excesses).toEqual([]);
  });

  it('give back what a request did not use of a rate', async () => {
    const world = await open([RATE]);
    const asked = Array.from({ length: 50 }, () => world.reserve(0, [RATE]));
    world.turn(0);
    await world.calm();
    expect(remaining(world, [RATE])).toEqual([1_000 - 104]);
    for (const each of asked) world.settle(each, 0);
    world.turn(0);
    await world.calm();
    expect(remaining(world, [RATE])).toEqual([1_000 - 4]);
  });

  it('take nothing of a rate for what was given back before it was told of, and all that was used beyond', async () => {
    const world = await open([RATE]);
    const asked = Array.from({ length: 50 }, () => world.reserve(0, [RATE]));
    for (const each of asked.slice(1)) world.settle(each, 0);
    world.settle(asked[0]!, 500);
    world.turn(0);
    await world.calm();
    expect(remaining(world, [RATE])).toEqual([1_000 - 4 - 10]);
  });

  it('charge what was used beyond what was reserved, and lend it to nobody', async () => {
    const world = await open([BUDGET]);
    const lent = leased(world, [BUDGET])[0]!;
    world.settle(world.reserve(0, [BUDGET]), 90_000);
    world.turn(0);
    await world.calm();
    expect(remaining(world, [BUDGET])).toEqual([1_000_000 - 2_000 - 900_000]);
    expect(leased(world, [BUDGET])[0]).toBeLessThan(lent);
    const more = Array.from({ length: 200 }, () => world.reserve(0, [BUDGET]));
    await world.calm();
    expect(more.filter(isGranted)).toHaveLength(98);
  });

  it('are called back before anybody is refused', async () => {
    const world = await open([PLACE]);
    expect(leased(world, [PLACE])).toEqual([124]);
    const others = Array.from({ length: 998 }, () => world.reserve(1, [PLACE]));
    await world.calm();
    expect(others.filter(isGranted)).toHaveLength(998);
    const more = world.reserve(1, [PLACE]);
    await world.calm();
    expect(isGranted(more)).toBe(false);
  });

  it('find a place that was free again a moment ago at another process', async () => {
    const world = await open([PLACE]);
    const held = Array.from({ length: 100 }, () => world.reserve(0, [PLACE]));
    expect(held.every(isGranted)).toBe(true);
    for (let time = 0; time < 898; time++) world.reserve(1, [PLACE]);
    await world.calm();
    expect(isGranted(await refusedOr(world, 1))).toBe(false);
    world.settle(held[0]!, 0);
    expect(isGranted(await refusedOr(world, 1))).toBe(true);
  });

  it('go on within what is leased while the control process hangs', async () => {
    const world = await open([PLACE]);
    const asked = Array.from({ length: 200 }, () => world.reserve(0, [PLACE]));
    for (let turn = 0; turn < 10; turn++) {
      world.clock.time += TURN;
      world.turn(0);
    }
    expect(world.processes[0]!.toControl.length).toBeLessThan(200 - 124 + 2);
    expect(asked.filter(isGranted)).toHaveLength(124);
    for (const each of asked.slice(0, 5)) world.settle(each, 0);
    expect(Array.from({ length: 6 }, () => world.reserve(0, [PLACE])).filter(isGranted)).toHaveLength(5);
  });

  it('tell how they stand beside what is leased, should the control process answer no more', async () => {
    const world = await open();
    const left = leased(world);
    expect(ALL.map(({ counter }) => world.stands.get(counter))).toEqual([
      996 - left[0]!,
      998 - left[1]!,
      998_000 - left[2]!,
    ]);
  });

  it('wait once only for a process that hangs, and ask it again when it answers', async () => {
    const world = await open([PLACE]);
    for (let time = 0; time < 874; time++) world.reserve(1, [PLACE]);
    await world.calm([0]);
    const hanging = world.reserve(1, [PLACE]);
    await world.calm([0]);
    expect(isGranted(hanging)).toBeUndefined();
    world.giveUpOn(0);
    await world.calm([0]);
    expect(isGranted(hanging)).toBe(false);
    const next = world.reserve(1, [PLACE]);
    await world.calm([0]);
    expect(isGranted(next)).toBe(false);
    await world.calm();
    expect(isGranted(await refusedOr(world, 1))).toBe(true);
  });

  it('hold by a new limit from the first request that has it', async () => {
    const world = await open([PLACE]);
    for (let time = 0; time < 20; time++) world.reserve(0, [PLACE]);
    const lower = { ...PLACE, limit: 25 };
    const asked = Array.from({ length: 10 }, () => world.reserve(0, [lower]));
    await world.calm();
    expect(asked.filter(isGranted)).toHaveLength(25 - 22);
  });

  it('lend a process that has not heard of a new limit nothing by the old one', async () => {
    const world = new LeasingWorld(2);
    const lower = { ...RATE, limit: 500 };
    for (let time = 0; time < 2; time++) world.reserve(0, [RATE]);
    await world.calm();
    world.reserve(1, [lower]);
    await world.calm();
    world.turn(0);
    await world.calm();
    expect(leased(world, [lower])).toEqual([0]);
  });

  it('free what a process that is gone had, and what its open requests held', async () => {
    const world = await open();
    for (let time = 0; time < 20; time++) world.reserve(0, ALL);
    world.turn(0);
    await world.calm();
    expect(remaining(world)).toEqual([956, 978, 978_000]);
    world.kill(0);
    expect(remaining(world)).toEqual([956, 1_000, 1_000_000]);
    expect(leased(world)).toEqual([0, 0, 0]);
  });

  it('come back when nobody asks any more, and are forgotten', async () => {
    const world = await open();
    await world.wait(60 * TURN);
    expect(leased(world)).toEqual([0, 0, 0]);
    expect(ALL.map(({ counter }) => world.processes[0]!.leases.holds(counter))).toEqual([false, false, false]);
    expect(world.processes[0]!.turn).toBeNull();
  });

  it('come back when the process closes, with what was not told yet', async () => {
    const world = await open();
    const asked = world.reserve(0, ALL);
    world.settle(asked, 100);
    await world.processes[0]!.leased.close();
    await world.calm();
    expect(leased(world)).toEqual([0, 0, 0]);
    expect(world.spent.get('day')).toBe(1_000);
  });
});

async function refusedOr(world: LeasingWorld, worker: number) {
  const asked = world.reserve(worker, [PLACE]);
  await world.calm();
  return asked;
}
