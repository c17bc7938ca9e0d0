import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BudgetClaim, CalendarWindow, Claim, Counters, PlaceClaim, RateClaim } from '../../src/core/counters.ts';
import { ALL_CLAIMS, follow, histories, LONG_AFTER, type SetClock, START, type Step } from './histories.ts';

/** What a test works on: counters that nobody has used under these names, and the time that they go by. */
export interface Opened {
  readonly counters: Counters;
  readonly clock: SetClock;
  /** Stands before all names. */
  readonly space: string;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** How all counters behave. @param runs of each property */
export function countersSuite(open: () => Opened, runs: number): void {
  it('never give out more than a limit while nothing is used beyond what was reserved', async () => {
    await fc.assert(
      fc.asyncProperty(histories(100), async (steps) => {
        const { counters, clock, space } = open();
        // Settled in time: what expires first may be given away, and is then spent all the same.
        await follow(counters, clock, steps.map(neverExpiring), space, (model) => {
          for (const claim of ALL_CLAIMS) expect(model.free(within(space, claim))).toBeGreaterThanOrEqual(0);
        });
      }),
      { numRuns: runs, seed: 11 },
    );
  });

  it('are free again in the end: nobody is locked out by what was left behind', async () => {
    await fc.assert(
      fc.asyncProperty(histories(150), async (steps) => {
        const { counters, clock, space } = open();
        await follow(counters, clock, steps, space);
        clock.time += LONG_AFTER;
        const free = ALL_CLAIMS.filter(({ counter }) => counter !== 'day').map((claim) => within(space, claim));
        expect((await counters.peek(free)).map(({ remaining }) => remaining)).toEqual(free.map(({ limit }) => limit));
      }),
      { numRuns: runs, seed: 12 },
    );
  });

  it('take all claims of a reservation or none', async () => {
    const { counters, space } = open();
    const claims = [rate(space, 1), place(space, 1), budget(space, 60)];
    expect((await counters.reserve({ id: `${space}1`, claims, expiresIn: MINUTE })).isGranted).toBe(true);
    const before = await counters.peek(claims);
    const refused = await counters.reserve({
      id: `${space}2`,
      claims: [rate(space, 1), budget(space, 60)],
      expiresIn: MINUTE,
    });
    expect(refused).toMatchObject({ isGranted: false, refusedBy: 1 });
    expect(await counters.peek(claims)).toEqual(before);
  });

  it('tell exactly when a refused rate could be granted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 10 }), async (first, second) => {
        fc.pre(first + second > 10);
        const { counters, clock, space } = open();
        const ask = (amount: number, id: string) =>
          counters.reserve({ id: `${space}${id}`, claims: [rate(space, amount)], expiresIn: MINUTE });
        await ask(first, 'first');
        const [state] = (await ask(second, 'refused')).states;
        expect(state!.retryAfter).toBe((first + second - 10) * (MINUTE / 10));
        clock.time += state!.retryAfter! - 1;
        expect((await ask(second, 'early')).isGranted).toBe(false);
        clock.time += 1;
        expect((await ask(second, 'now')).isGranted).toBe(true);
      }),
      { numRuns: Math.min(runs, 100), seed: 13 },
    );
  });

  it('tell exactly when a refused part of a rolling budget could be granted', async () => {
    const { counters, clock, space } = open();
    const ask = (id: string, amount: number) =>
      counters.reserve({ id: `${space}${id}`, claims: [rolling(space, amount)], expiresIn: MINUTE });
    const spend = async (id: string, amount: number) => {
      await ask(id, amount);
      await counters.settle({ id: `${space}${id}`, claims: [rolling(space, amount)], expiresIn: MINUTE }, [amount]);
    };
    await spend('a', 50);
    clock.time += 3 * MINUTE;
    await spend('b', 50);
    const [state] = (await ask('c', 30)).states;
    expect(state!.remaining).toBe(0);
    clock.time += state!.retryAfter! - 1;
    expect((await ask('d', 30)).isGranted).toBe(false);
    clock.time += 1;
    const [later] = (await ask('e', 30)).states;
    expect(later).toMatchObject({ remaining: 20 });
    // What is open may still be charged in the part that is now: eleven minutes less what of it is over.
    expect(later!.resetAfter).toBeGreaterThan(10 * MINUTE);
  });

  it('let what was spent leave a rolling budget no earlier because their clock was set back', async () => {
    const { counters, clock, space } = open();
    const spend = async (id: string) => {
      const reservation = { id: `${space}${id}`, claims: [rolling(space, 10)], expiresIn: MINUTE };
      await counters.reserve(reservation);
      await counters.settle(reservation, [10]);
    };
    const standing = async () => (await counters.peek([rolling(space, 0)]))[0]!;
    clock.time += 5 * MINUTE;
    await spend('ahead');
    clock.time -= 5 * MINUTE;
    await spend('back');
    const { remaining, resetAfter } = await standing();
    expect(remaining).toBe(80);
    clock.time += resetAfter - 1;
    expect((await standing()).remaining).toBe(80);
    clock.time += 1;
    expect((await standing()).remaining).toBe(100);
  });

  it('never tell when of what is larger than its limit', async () => {
    const { counters, space } = open();
    for (const claim of [rate(space, 11), budget(space, 101), rolling(space, 101)]) {
      const { states } = await counters.reserve({ id: `${space}${claim.counter}`, claims: [claim], expiresIn: MINUTE });
      expect(states[0]).toMatchObject({ retryAfter: null, remaining: claim.limit });
    }
  });

  it('charge a budget of the calendar in the window that was open when it was reserved', async () => {
    const { counters, clock, space } = open();
    const reservation = { id: `${space}1`, claims: [budget(space, 60)], expiresIn: 10 * MINUTE };
    await counters.reserve(reservation);
    clock.time += MINUTE; // a day has ended
    expect((await counters.peek([budget(space, 0)]))[0]).toMatchObject({ remaining: 100, resetAfter: DAY - 30_000 });
    await counters.settle(reservation, [60]);
    expect((await counters.peek([budget(space, 0)]))[0]).toMatchObject({ remaining: 100 });
  });

  it('fit nothing where all windows of a budget have ended by their clock', async () => {
    const { counters, clock, space } = open();
    clock.time += 40 * DAY;
    const decision = await counters.reserve({ id: `${space}1`, claims: [budget(space, 0)], expiresIn: MINUTE });
    expect(decision).toEqual({
      isGranted: false,
      refusedBy: 0,
      states: [{ remaining: 0, resetAfter: 0, retryAfter: null }],
    });
  });

  it('charge what was really spent also after the reservation has expired', async () => {
    const { counters, clock, space } = open();
    const reservation = { id: `${space}1`, claims: [budget(space, 60), place(space, 1)], expiresIn: 10_000 };
    await counters.reserve(reservation);
    clock.time += 10_000;
    expect((await counters.peek(reservation.claims)).map(({ remaining }) => remaining)).toEqual([100, 1]);
    await counters.settle(reservation, [45, 0]);
    await counters.settle(reservation, [45, 0]);
    expect((await counters.peek(reservation.claims)).map(({ remaining }) => remaining)).toEqual([55, 1]);
  });

  it('keep what a rate owes, in units, when its limit changes', async () => {
    const { counters, space } = open();
    const of = (limit: number, per: number): Claim => ({ ...rate(space, 0), limit, per });
    await counters.reserve({ id: `${space}1`, claims: [rate(space, 4)], expiresIn: MINUTE });
    expect((await counters.peek([of(70, MINUTE)]))[0]!.remaining).toBe(66);
    expect((await counters.peek([of(7, 1000)]))[0]!.remaining).toBe(3);
    expect((await counters.peek([of(3, MINUTE)]))[0]!.remaining).toBe(0);
  });

  it('keep a lowered limit when what was reserved under the former one is settled', async () => {
    const { counters, clock, space } = open();
    const of = (id: string, limit: number, per: number, amount: number) => ({
      id: `${space}${id}`,
      claims: [{ ...rate(space, amount), limit, per }],
      expiresIn: MINUTE,
    });
    const former = [of('1', 6_000, 1_000, 1), of('2', 6_000, 1_000, 1)];
    for (const reservation of former) await counters.reserve(reservation);
    expect((await counters.reserve(of('3', 100, DAY, 90))).isGranted).toBe(true);
    for (const reservation of former) {
      clock.time += 500;
      await counters.settle(reservation, [1]);
    }
    clock.time += 500;
    expect((await counters.reserve(of('4', 100, DAY, 20))).isGranted).toBe(false);
    expect((await counters.peek(of('4', 100, DAY, 0).claims))[0]!.remaining).toBe(8);
  });

  it('round what a rate owes up when its limit changes, and go by the new time', async () => {
    const { counters, clock, space } = open();
    const of = (limit: number, per: number): Claim => ({ ...rate(space, 0), limit, per });
    await counters.reserve({
      id: `${space}1`,
      claims: [{ ...rate(space, 1), limit: 7 }],
      expiresIn: MINUTE,
    });
    clock.time += 1;
    await counters.reserve({ id: `${space}2`, claims: [{ ...rate(space, 1), limit: 7 }], expiresIn: MINUTE });
    // 119,993 parts of 60,000 are owed, which are 39,997.67 of 20,000.
    expect((await counters.peek([of(3, MINUTE)]))[0]!.resetAfter).toBe(39_998);
    expect((await counters.peek([of(3, 10 * MINUTE)]))[0]!.resetAfter).toBeGreaterThan(390_000);
  });

  it('give nobody more than a limit because their clock was set back before a rate was settled', async () => {
    const { counters, clock, space } = open();
    const reservation = { id: `${space}1`, claims: [rate(space, 5)], expiresIn: 60 * MINUTE };
    await counters.reserve(reservation);
    clock.time += 12_000;
    await counters.peek([rate(space, 0)]);
    clock.time -= 30 * MINUTE;
    await counters.settle(reservation, [0]);
    await counters.reserve({ id: `${space}2`, claims: [rate(space, 10)], expiresIn: MINUTE });
    expect((await counters.reserve({ id: `${space}3`, claims: [rate(space, 1)], expiresIn: 1 })).isGranted).toBe(false);
  });

  it('give a budget out to its very last part, which nobody has to wait for', async () => {
    const { counters, space } = open();
    for (const claim of [budget(space, 60), rolling(space, 60)]) {
      const ask = (id: string, amount: number) =>
        counters.reserve({ id: `${space}${claim.counter}${id}`, claims: [{ ...claim, amount }], expiresIn: MINUTE });
      expect((await ask('a', 60)).isGranted).toBe(true);
      expect((await ask('b', 41)).isGranted).toBe(false);
      expect((await ask('c', 40)).isGranted).toBe(true);
      expect((await counters.peek([{ ...claim, amount: 0 }]))[0]).toMatchObject({ remaining: 0, retryAfter: 0 });
      expect((await ask('d', 1)).isGranted).toBe(false);
    }
  });

  it('tell that a rolling budget has room as soon as the oldest part that is enough has left it', async () => {
    const { counters, clock, space } = open();
    const spend = async (id: string) => {
      const reservation = { id: `${space}${id}`, claims: [rolling(space, 50)], expiresIn: MINUTE };
      await counters.reserve(reservation);
      await counters.settle(reservation, [50]);
    };
    await spend('a');
    clock.time += 3 * MINUTE;
    await spend('b');
    const ask = async (id: string) =>
      counters.reserve({ id: `${space}${id}`, claims: [rolling(space, 50)], expiresIn: MINUTE });
    const [state] = (await ask('c')).states;
    expect(state!.retryAfter).toBeLessThanOrEqual(8 * MINUTE);
    clock.time += state!.retryAfter!;
    expect((await ask('d')).isGranted).toBe(true);
  });

  it('count a budget whose rolling window was changed anew', async () => {
    const { counters, space } = open();
    const reservation = { id: `${space}1`, claims: [rolling(space, 70)], expiresIn: MINUTE };
    await counters.reserve(reservation);
    await counters.settle(reservation, [70]);
    const changed = (length: number, parts: number): Claim => ({
      ...rolling(space, 0),
      window: { kind: 'rolling', length, parts },
    });
    const standings = await counters.peek([changed(20 * MINUTE, 10), changed(10 * MINUTE, 5), rolling(space, 0)]);
    expect(standings.map(({ remaining }) => remaining)).toEqual([100, 100, 30]);
  });

  it('have nothing to wait for where nothing was spent', async () => {
    const { counters, space } = open();
    const reservation = { id: `${space}1`, claims: [rolling(space, 70)], expiresIn: MINUTE };
    await counters.reserve(reservation);
    await counters.settle(reservation, [0]);
    expect((await counters.peek([rolling(space, 0)]))[0]).toMatchObject({ remaining: 100, resetAfter: 0 });
  });

  it('refuse an id that is used up, but for one that takes nothing', async () => {
    const { counters, space } = open();
    for (const claims of [[], [rate(space, 1)]]) {
      const reservation = { id: `${space}${claims.length}`, claims, expiresIn: MINUTE };
      await counters.reserve(reservation);
      await counters.settle(reservation, claims.length === 0 ? [] : [1]);
      expect((await counters.reserve(reservation)).isGranted).toBe(claims.length === 0);
    }
  });

  it('do not lock out for long after their clock was far ahead', async () => {
    const { counters, clock, space } = open();
    clock.time += 365 * DAY;
    await counters.reserve({ id: `${space}1`, claims: [rate(space, 10)], expiresIn: MINUTE });
    clock.time -= 365 * DAY;
    await counters.reserve({ id: `${space}2`, claims: [rate(space, 1)], expiresIn: MINUTE });
    clock.time += MINUTE;
    expect((await counters.peek([rate(space, 0)]))[0]!.remaining).toBeGreaterThan(0);
  });
}

function neverExpiring(step: Step): Step {
  return step.kind === 'reserve' || step.kind === 'renew' ? { ...step, expiresIn: LONG_AFTER } : step;
}

const within = (space: string, claim: Claim): Claim => ({ ...claim, counter: `${space}/${claim.counter}` });

const rate = (space: string, amount: number): RateClaim => {
  return { kind: 'rate', counter: `${space}rate`, limit: 10, per: MINUTE, amount };
};

const place = (space: string, limit: number): PlaceClaim => ({ kind: 'place', counter: `${space}place`, limit });

const DAYS: readonly CalendarWindow[] = [0, 1].map((index) => ({
  name: `day-${index}`,
  end: START + 30_000 + index * DAY,
}));

const budget = (space: string, amount: number): BudgetClaim => {
  return { kind: 'budget', counter: `${space}day`, limit: 100, amount, window: { kind: 'calendar', windows: DAYS } };
};

const rolling = (space: string, amount: number): BudgetClaim => {
  const window = { kind: 'rolling', length: 10 * MINUTE, parts: 10 } as const;
  return { kind: 'budget', counter: `${space}rolling`, limit: 100, amount, window };
};
