import { deepStrictEqual, strictEqual } from 'node:assert';
import * as fc from 'fast-check';
import type { Claim, ClaimState, Counters, Decision, Reservation } from '../../src/core/counters.ts';
import { CounterModel } from './model.ts';

/** One thing that happens to counters. Reservations are named by their number: which one, among those made so far. */
export type Step =
  | { readonly kind: 'reserve'; readonly claims: readonly Claim[]; readonly expiresIn: number }
  | { readonly kind: 'again'; readonly which: number }
  | { readonly kind: 'settle'; readonly which: number; readonly share: number }
  | { readonly kind: 'stranger'; readonly claims: readonly Claim[]; readonly share: number }
  | { readonly kind: 'renew'; readonly which: number; readonly expiresIn: number }
  | { readonly kind: 'peek'; readonly claims: readonly Claim[] }
  | { readonly kind: 'wait'; readonly time: number };

/** Time that a test sets. */
export interface SetClock {
  time: number;
}

export const START = Date.UTC(2026, 10, 30, 23, 59, 30); // near the end of a day and a month

const MINUTE = 60_000;
const RATES = [
  { counter: 'requests', limit: 5, per: MINUTE },
  { counter: 'tokens', limit: 2000, per: MINUTE },
  { counter: 'odd', limit: 7, per: 1000 },
] as const;
const PLACE_LIMITS = { gateway: 3, key: 2 } as const;
const DAYS = Array.from({ length: 3 }, (_, index) => {
  const end = START + 30_000 + (index - 1) * 24 * 3_600_000;
  return { name: `day-${index}`, end };
});
const WINDOWS = {
  day: { kind: 'calendar', windows: DAYS },
  rolling: { kind: 'rolling', length: 10 * MINUTE, parts: 5 },
} as const;
const BUDGET = 1_000_000_000;

const rate = fc
  .tuple(fc.constantFrom(...RATES), fc.nat({ max: 60 }))
  .map(([rate, percent]): Claim => ({ kind: 'rate', ...rate, amount: Math.ceil((rate.limit * percent) / 50) }));
const place = fc
  .constantFrom('gateway' as const, 'key' as const)
  .map((counter): Claim => ({ kind: 'place', counter, limit: PLACE_LIMITS[counter] }));
const budget = fc
  .tuple(fc.constantFrom('day' as const, 'rolling' as const), fc.nat({ max: 110 }))
  .map(([counter, percent]): Claim => {
    return {
      kind: 'budget',
      counter,
      limit: BUDGET,
      amount: (BUDGET / 100) * percent + (percent % 3),
      window: WINDOWS[counter],
    };
  });
const claims = fc.uniqueArray(fc.oneof(rate, place, budget), {
  minLength: 1,
  maxLength: 5,
  selector: ({ kind, counter }) => `${kind} ${counter}`,
});
const which = fc.nat({ max: 30 });
const expiresIn = fc.constantFrom(1000, 30_000, 5 * MINUTE);
const time = fc.oneof(
  fc.integer({ min: 1, max: 2000 }),
  fc.integer({ min: 1, max: 3 * MINUTE }),
  fc.constantFrom(999, 1000, 30_000, 2 * MINUTE, 12 * MINUTE, 61 * MINUTE),
);

/** @param most of what was reserved, in percent, that may turn out to be used */
export function histories(most: number): fc.Arbitrary<Step[]> {
  const share = fc.integer({ min: 0, max: most });
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('reserve' as const), claims, expiresIn }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('again' as const), which }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('settle' as const), which, share }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('renew' as const), which, expiresIn }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('peek' as const), claims }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), time }) },
    ...(most > 100
      ? [{ weight: 1, arbitrary: fc.record({ kind: fc.constant('stranger' as const), claims, share }) }]
      : []),
  );
  return fc.array(step, { maxLength: 60, size: 'max' });
}

/** Every counter that histories know, as a claim that takes nothing. */
export const ALL_CLAIMS: readonly Claim[] = [
  ...RATES.map((rate): Claim => ({ kind: 'rate', ...rate, amount: 0 })),
  { kind: 'place', counter: 'gateway', limit: PLACE_LIMITS.gateway },
  { kind: 'place', counter: 'key', limit: PLACE_LIMITS.key },
  { kind: 'budget', counter: 'day', limit: BUDGET, amount: 0, window: WINDOWS.day },
  { kind: 'budget', counter: 'rolling', limit: BUDGET, amount: 0, window: WINDOWS.rolling },
];

/** Longer than any reservation, window and debt lasts. */
export const LONG_AFTER = 100 * 24 * 3_600_000;

/** What the counters answered, in order. */
export type Answer = Decision | readonly ClaimState[];

/**
 * Runs a history on counters and on the model, and compares all that can be seen.
 * @param space makes names its own
 * @param after each step; given, only what was granted is settled, as a gateway does it: others would be charged in full
 */
export async function follow(
  counters: Counters,
  clock: SetClock,
  steps: readonly Step[],
  space: string,
  after: ((model: CounterModel) => void) | null = null,
) {
  const run = new History(counters, clock, space, after !== null);
  for (const step of steps) {
    await run.take(step);
    after?.(run.model);
  }
  await run.compareAll();
  return run.answers;
}

class History {
  readonly answers: Answer[] = [];
  private readonly counters: Counters;
  private readonly clock: SetClock;
  private readonly space: string;
  readonly model: CounterModel;
  private readonly made: Reservation[] = [];
  private readonly granted = new Set<string>();
  private readonly isOrderly: boolean;
  private strangers = 0;

  constructor(counters: Counters, clock: SetClock, space: string, isOrderly: boolean) {
    this.isOrderly = isOrderly;
    this.counters = counters;
    this.clock = clock;
    this.space = space;
    this.model = new CounterModel(clock.time);
  }

  async take(step: Step): Promise<void> {
    if (step.kind === 'wait') this.model.now = this.clock.time += step.time;
    else if (step.kind === 'peek') await this.compare(this.own(step.claims));
    else if (step.kind === 'reserve') await this.reserve(this.make(step.claims, step.expiresIn));
    else if (step.kind === 'stranger') await this.settle(this.stranger(step.claims), step.share);
    else await this.takeKnown(step);
  }

  async compareAll(): Promise<void> {
    await this.compare(this.own(ALL_CLAIMS));
  }

  private async takeKnown(step: Extract<Step, { which: number }>): Promise<void> {
    const reservation = this.made.at(-1 - (step.which % Math.max(1, this.made.length)));
    if (reservation === undefined) return;
    if (step.kind === 'again') await this.reserve(reservation);
    if (step.kind === 'settle') await this.settleKnown(reservation, step.share);
    if (step.kind === 'renew') {
      this.model.renew([reservation.id], step.expiresIn);
      await this.counters.renew([reservation], step.expiresIn);
    }
  }

  private async reserve(reservation: Reservation): Promise<void> {
    const expected = this.model.reserve(reservation);
    const decision = await this.counters.reserve(reservation);
    this.answers.push(decision);
    strictEqual(decision.refusedBy, expected);
    strictEqual(decision.isGranted, expected < 0);
    if (decision.isGranted) this.granted.add(reservation.id);
    this.expectStates(reservation.claims, decision.states);
  }

  private async settleKnown(reservation: Reservation, share: number): Promise<void> {
    if (!this.isOrderly) return this.settle(reservation, share);
    if (!this.granted.delete(reservation.id)) return;
    await this.settle(reservation, share);
    await this.settle(reservation, 100); // changes nothing
  }

  private async settle(reservation: Reservation, share: number): Promise<void> {
    const actual = reservation.claims.map((claim) =>
      claim.kind === 'place' ? 0 : Math.floor((claim.amount * share) / 100),
    );
    this.model.settle(reservation, actual);
    await this.counters.settle(reservation, actual);
  }

  private async compare(claims: readonly Claim[]): Promise<void> {
    const states = await this.counters.peek(claims);
    this.answers.push(states);
    this.expectStates(claims, states);
  }

  private expectStates(claims: readonly Claim[], states: readonly ClaimState[]): void {
    const free = claims.map((claim) => Math.max(0, this.model.free(claim)));
    deepStrictEqual(
      states.map(({ remaining }) => remaining),
      free,
    );
  }

  private make(claims: readonly Claim[], expiresIn: number): Reservation {
    const reservation = { id: `${this.space}/${this.made.length}`, claims: this.own(claims), expiresIn };
    this.made.push(reservation);
    return reservation;
  }

  private stranger(claims: readonly Claim[]): Reservation {
    return { id: `${this.space}/stranger-${this.strangers++}`, claims: this.own(claims), expiresIn: 1000 };
  }

  private own(claims: readonly Claim[]): Claim[] {
    return claims.map((claim) => ({ ...claim, counter: `${this.space}/${claim.counter}` }));
  }
}
