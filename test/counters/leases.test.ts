import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Claim } from '../../src/core/counters.ts';
import { START } from './histories.ts';
import { LeasingWorld, TURN } from './leasing-world.ts';

const WORKERS = 3;
const RUNS = 120;
/** Where the machine has other work, too. */
const PATIENT = 120_000;
const REQUESTS = { kind: 'rate', counter: 'requests', limit: 400, per: 5_000, amount: 1 } as const;
const TOKENS = { kind: 'rate', counter: 'tokens', limit: 40_000, per: 7_000 } as const;
const PLACES = { kind: 'place', counter: 'places', limit: 300 } as const;
const DAYS = [-1, 0, 1].map((day) => ({ name: `day${day}`, end: START + 400 + day * 24 * 3_600_000 }));
const DAY = { kind: 'budget', counter: 'day', limit: 1_000_000, window: { kind: 'calendar', windows: DAYS } } as const;
const HOUR = {
  kind: 'budget',
  counter: 'rolling',
  limit: 1_000_000,
  window: { kind: 'rolling', length: 3_000, parts: 10 },
} as const;

const CALENDAR = { ...DAY, amount: 0 };
const ALL: readonly Claim[] = [REQUESTS, { ...TOKENS, amount: 0 }, PLACES, CALENDAR, { ...HOUR, amount: 0 }];
/** After so long without use leases are given back. */
const IDLE = 100 * TURN;
const LONG_AFTER = 3_600_000;

const KINDS = ['requests', 'tokens', 'places', 'day', 'rolling'] as const;
type Kinds = readonly (typeof KINDS)[number][];

/** What a request of so many tokens asks for. */
function claimsOf(kinds: Kinds, tokens: number): Claim[] {
  const all = {
    requests: REQUESTS,
    tokens: { ...TOKENS, amount: tokens },
    places: PLACES,
    day: { ...DAY, amount: tokens * 25 },
    rolling: { ...HOUR, amount: tokens * 25 },
  };
  return kinds.map((kind) => all[kind]);
}

type Step =
  | { readonly kind: 'burst' | 'warm'; readonly worker: number; readonly count: number; readonly tokens: number }
  | { readonly kind: 'settle'; readonly count: number; readonly share: number }
  | { readonly kind: 'turn'; readonly worker: number }
  | { readonly kind: 'deliver'; readonly worker: number; readonly isToControl: boolean; readonly count: number }
  | { readonly kind: 'wait'; readonly time: number };

interface Schedule {
  /** Of each request. */
  readonly kinds: Kinds;
  readonly steps: readonly Step[];
}

const worker = fc.nat({ max: WORKERS - 1 });
const count = fc.integer({ min: 1, max: 60 });
const tokens = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 100 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 3_000, 39_000) },
);
const time = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 200, max: 6_000 }));
const constant = <T extends string>(kind: T): fc.Arbitrary<T> => fc.constant(kind);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: constant('burst'), worker, count, tokens }) },
  { weight: 2, arbitrary: fc.record({ kind: constant('warm'), worker, count, tokens }) },
  { weight: 4, arbitrary: fc.record({ kind: constant('settle'), count, share: fc.integer({ min: 0, max: 100 }) }) },
  { weight: 5, arbitrary: fc.record({ kind: constant('turn'), worker }) },
  { weight: 8, arbitrary: fc.record({ kind: constant('deliver'), worker, isToControl: fc.boolean(), count }) },
  { weight: 2, arbitrary: fc.record({ kind: constant('wait'), time }) },
);
const schedules: fc.Arbitrary<Schedule> = fc.record({
  kinds: fc.subarray([...KINDS], { minLength: 1 }),
  steps: fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }),
});

/** Settles in turn what was asked for. */
class Settling {
  private readonly world: LeasingWorld;
  private next = 0;

  constructor(world: LeasingWorld) {
    this.world = world;
  }

  settle(count: number, share: number): void {
    const { asked } = this.world;
    for (const end = Math.min(this.next + count, asked.length); this.next < end; this.next++)
      this.world.settle(asked[this.next]!, share);
  }
}

/** Messages are delivered when the schedule says so, or much later. */
async function follow(world: LeasingWorld, { kinds, steps }: Schedule): Promise<void> {
  const settling = new Settling(world);
  for (const step of steps) {
    if (step.kind === 'burst')
      for (let left = step.count; left > 0; left--) world.reserve(step.worker, claimsOf(kinds, step.tokens));
    else if (step.kind === 'warm') await world.warm(step.worker, claimsOf(kinds, step.tokens));
    else if (step.kind === 'settle') settling.settle(step.count, step.share);
    else if (step.kind === 'turn') world.turn(step.worker);
    else if (step.kind === 'wait') world.clock.time += step.time;
    else if (step.kind === 'deliver')
      for (let left = step.count; left > 0; left--) await world.deliver(step.worker, step.isToControl);
  }
}

/**
 * Messages are delivered at once, and processes tell when it is time to.
 * @returns requests that were refused while the exact counter had room
 */
async function followCalmly(world: LeasingWorld, { kinds, steps }: Schedule): Promise<readonly string[]> {
  const settling = new Settling(world);
  const wrong: string[] = [];
  for (const step of steps) {
    if (step.kind === 'warm') await world.warm(step.worker, claimsOf(kinds, step.tokens));
    else if (step.kind === 'wait') await world.wait(step.time);
    else if (step.kind === 'settle') settling.settle(step.count, step.share);
    else if (step.kind === 'burst')
      for (let left = step.count; left > 0; left--) {
        const claims = claimsOf(kinds, step.tokens);
        const hasRoom = claims.every((claim) => world.free(claim) - lagOf(claim) >= amountOf(claim));
        const asked = world.reserve(step.worker, claims);
        await world.calm();
        if (asked.decision?.isGranted === false && hasRoom) wrong.push(asked.reservation.id);
      }
    await world.calm();
  }
  return wrong;
}

const amountOf = (claim: Claim): number => (claim.kind === 'place' ? 1 : claim.amount);

/** What a process has taken of a rate flows off from when it told. */
const lagOf = (claim: Claim): number => (claim.kind === 'rate' ? Math.ceil((TURN * claim.limit) / claim.per) + 1 : 0);

describe('limits of which processes lease parts', () => {
  it(
    'are never exceeded, however late what they tell each other arrives',
    async () => {
      const seen = { fromLeases: 0, refused: 0 };
      await fc.assert(
        fc.asyncProperty(schedules, async (schedule) => {
          const world = new LeasingWorld(WORKERS);
          await follow(world, schedule);
          await world.calm();
          seen.fromLeases += world.fromLeases;
          seen.refused += world.asked.filter(({ decision }) => decision?.isGranted === false).length;
          expect(world.excesses).toEqual([]);
        }),
        { numRuns: RUNS, seed: 21 },
      );
      expect(seen.fromLeases).toBeGreaterThan(20 * RUNS);
      expect(seen.refused).toBeGreaterThan(5 * RUNS);
    },
    PATIENT,
  );

  it(
    'refuse nobody while there is room: what others have to spare is called back first',
    async () => {
      const seen = { fromLeases: 0, refused: 0 };
      await fc.assert(
        fc.asyncProperty(schedules, async (schedule) => {
          const world = new LeasingWorld(WORKERS, true);
          expect(await followCalmly(world, schedule)).toEqual([]);
          expect(world.excesses).toEqual([]);
          seen.fromLeases += world.fromLeases;
          seen.refused += world.asked.filter(({ decision }) => decision?.isGranted === false).length;
        }),
        { numRuns: RUNS, seed: 22 },
      );
      expect(seen.fromLeases).toBeGreaterThan(20 * RUNS);
      expect(seen.refused).toBeGreaterThan(5 * RUNS);
    },
    PATIENT,
  );

  it(
    'are free again in the end, and no more is charged than was used',
    async () => {
      await fc.assert(
        fc.asyncProperty(schedules, async (schedule) => {
          const world = new LeasingWorld(WORKERS);
          await follow(world, schedule);
          await world.calm();
          new Settling(world).settle(Infinity, 50);
          await world.wait(IDLE);
          const leased = ALL.map((claim) => world.memory.leasable(claim, world.clock.time)!.leased);
          expect(leased).toEqual(ALL.map(() => 0));
          expect(world.memory.peek([CALENDAR])[0]!.remaining).toBe(world.free(CALENDAR));
          world.clock.time += LONG_AFTER;
          const flowing = ALL.filter(({ counter }) => counter !== 'day');
          expect(world.memory.peek(flowing).map(({ remaining }) => remaining)).toEqual(
            flowing.map(({ limit }) => limit),
          );
        }),
        { numRuns: RUNS, seed: 23 },
      );
    },
    PATIENT,
  );
});
