import type { Clock } from '../core/clock.ts';
import type {
  BudgetClaim,
  Claim,
  ClaimState,
  Counters,
  Decision,
  NanoUsd,
  PlaceClaim,
  RateClaim,
  Reservation,
} from '../core/counters.ts';
import type { Milliseconds } from '../core/units.ts';
import { type Account, Budget } from './account.ts';
import { IdMap } from './id-map.ts';
import { EXPIRED_KEPT, SETTLED_KEPT } from './keeping.ts';
import { RateMeter } from './rate.ts';
import { type Leasable, NO_WINDOW, Places, type Standing } from './standing.ts';
import { Sweep } from './sweep.ts';

/** What a reservation took. */
interface Held {
  readonly id: string;
  readonly claims: readonly Claim[];
  readonly reservedAt: Milliseconds;
  expiresAt: Milliseconds;
  /** By the order of the claims: what `RateMeter.take` told; 0 for others. */
  readonly freeAt: readonly Milliseconds[];
}

/** Entries of each map that are looked at for each new one: what is idle leaves faster than others come. */
const SWEPT = 4;
/** The same of tables, of which at least a fourth is in use. */
const SWEPT_SLOTS = 16;

/** Limits and budgets of one process, exact. */
export class MemoryCounters implements Counters {
  private readonly clock: Clock;
  private readonly held = new IdMap<Held | null>(null);
  /** Reservations that have expired and are not settled yet. */
  private readonly expired = new IdMap<Held | null>(null);
  /** Until when a settled id is known; 0: it is not. The longest of all: numbers only. */
  private readonly settled = new IdMap<Milliseconds>(0);
  private readonly rates = new Map<string, RateMeter>();
  private readonly places = new Map<string, Places>();
  private readonly budgets = new Map<string, Budget>();
  private readonly counterSweeps = [
    new Sweep(this.rates, (meter, now) => meter.isIdle(now)),
    new Sweep(this.places, ({ isIdle }) => isIdle),
    new Sweep(this.budgets, (budget, now) => budget.isIdle(now)),
  ] as const;
  /** Counters that are new since idle ones were last looked for. */
  private fresh = 0;
  /** No reservation expires earlier. */
  private nextExpiry: Milliseconds = Infinity;

  /** @param clock its wall time counts */
  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Counters and ids in memory. */
  get size(): number {
    const { held, expired, settled, rates, places, budgets } = this;
    return held.size + expired.size + settled.size + rates.size + places.size + budgets.size;
  }

  /** Whether the reservation was made here, and is still to be settled. */
  holds(id: string): boolean {
    return this.held.get(id) !== null || this.expired.get(id) !== null;
  }

  /** Whether it was settled, as far as ids are remembered. */
  isSettled(id: string): boolean {
    return this.wasSettled(id, Math.floor(this.clock.wall()));
  }

  reserve({ id, claims, expiresIn }: Reservation): Decision {
    const now = this.begin();
    const standings = this.standings(claims, now);
    if (this.held.get(id) !== null) return decision(-1, claims, standings);
    const refusedBy = this.isUsedUp(id, now) && claims.length > 0 ? 0 : firstMisfit(claims, standings);
    if (refusedBy >= 0) return decision(refusedBy, claims, standings);
    const freeAt: Milliseconds[] = [];
    for (let index = 0; index < claims.length; index++) freeAt.push(standings[index]!.take(amountOf(claims[index]!)));
    this.held.set(id, { id, claims, reservedAt: now, expiresAt: now + expiresIn, freeAt });
    this.nextExpiry = Math.min(this.nextExpiry, now + expiresIn);
    return decision(-1, claims, standings);
  }

  settle({ id, claims }: Reservation, actual: readonly number[]): void {
    const now = this.begin();
    if (this.wasSettled(id, now)) return;
    const held = this.held.take(id);
    if (held !== null) this.release(held, now);
    const known = held ?? this.takeExpired(id, now);
    if (known === null) this.chargeInFull(claims, actual, now);
    else this.charge(known, actual, now);
    this.settled.set(id, now + SETTLED_KEPT);
    this.settled.sweep(SWEPT_SLOTS, isOver, now);
  }

  /** What was spent before this process began; of one budget the oldest first. @param at Unix time */
  restore(claim: BudgetClaim, spent: NanoUsd, at: Milliseconds): void {
    this.account(claim, at, at)?.charge(spent);
  }

  /** As much of a rate is taken at least. */
  owe(claim: RateClaim, amount: number): void {
    this.meter(claim, this.begin()).owe(amount);
  }

  renew(reservations: readonly Reservation[], expiresIn: Milliseconds): void {
    const now = this.begin();
    for (const { id } of reservations) {
      const held = this.held.get(id);
      if (held !== null) held.expiresAt = Math.max(held.expiresAt, now + expiresIn);
    }
  }

  peek(claims: readonly Claim[]): readonly ClaimState[] {
    return states(claims, this.standings(claims, this.begin()), false);
  }

  /**
   * The counter of a claim, for parts of it to be leased. Good until anything else is called: a counter at rest is forgotten.
   * @param when of a budget: a moment of its window
   * @returns null: its windows have ended
   */
  leasable(claim: Claim, when: Milliseconds): Leasable | null {
    const now = this.begin();
    if (claim.kind === 'rate') return this.settledMeter(claim, now);
    return claim.kind === 'place' ? this.place(claim) : this.account(claim, when, now);
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private begin(): Milliseconds {
    const now = Math.floor(this.clock.wall());
    if (now >= this.nextExpiry) this.expire(now);
    if (this.fresh > 0) this.sweepCounters(now);
    return now;
  }

  /** Before a call, never within it: it works on counters that are still idle. */
  private sweepCounters(now: Milliseconds): void {
    for (const sweep of this.counterSweeps) sweep.step(this.fresh * SWEPT, now);
    this.fresh = 0;
  }

  private expire(now: Milliseconds): void {
    const due: Held[] = [];
    this.nextExpiry = Infinity;
    for (const held of this.held)
      if (held!.expiresAt <= now) due.push(held!);
      else this.nextExpiry = Math.min(this.nextExpiry, held!.expiresAt);
    for (const held of due) {
      this.held.take(held.id);
      this.release(held, now);
      this.expired.set(held.id, held);
      this.expired.sweep(SWEPT_SLOTS, isForgotten, now);
    }
  }

  private isUsedUp(id: string, now: Milliseconds): boolean {
    const expired = this.expired.get(id);
    return this.wasSettled(id, now) || (expired !== null && !isForgotten(expired, now));
  }

  private wasSettled(id: string, now: Milliseconds): boolean {
    return this.settled.get(id) > now;
  }

  private takeExpired(id: string, now: Milliseconds): Held | null {
    const held = this.expired.take(id);
    return held === null || isForgotten(held, now) ? null : held;
  }

  private standings(claims: readonly Claim[], now: Milliseconds): Standing[] {
    const standings: Standing[] = [];
    for (const claim of claims) standings.push(this.standing(claim, now));
    return standings;
  }

  private standing(claim: Claim, now: Milliseconds): Standing {
    if (claim.kind === 'rate') return this.meter(claim, now);
    if (claim.kind === 'place') return this.place(claim);
    return this.account(claim, now, now) ?? NO_WINDOW;
  }

  private release({ claims, reservedAt }: Held, now: Milliseconds): void {
    for (const claim of claims) {
      if (claim.kind === 'place') this.place(claim).held--;
      else if (claim.kind === 'budget') this.account(claim, reservedAt, now)!.reserved -= claim.amount;
    }
  }

  /** Of a reservation whose places and money are released. */
  private charge({ claims, reservedAt, freeAt }: Held, actual: readonly number[], now: Milliseconds): void {
    for (let index = 0; index < claims.length; index++) {
      const claim = claims[index]!;
      if (claim.kind === 'rate') this.settledMeter(claim, now).settle(claim.amount, actual[index]!, freeAt[index]!);
      else if (claim.kind === 'budget') this.account(claim, reservedAt, now)!.charge(actual[index]!);
    }
  }

  private chargeInFull(claims: readonly Claim[], actual: readonly number[], now: Milliseconds): void {
    for (let index = 0; index < claims.length; index++) {
      const claim = claims[index]!;
      if (claim.kind === 'rate') this.settledMeter(claim, now).add(actual[index]!);
      else if (claim.kind === 'budget') this.account(claim, now, now)?.charge(actual[index]!);
    }
  }

  private meter(claim: RateClaim, now: Milliseconds): RateMeter {
    const known = this.rates.get(claim.counter);
    if (known !== undefined) {
      known.update(claim, now);
      return known;
    }
    this.fresh++;
    const meter = new RateMeter(claim, now);
    this.rates.set(claim.counter, meter);
    return meter;
  }

  /** With the limit that it has by now: a request that is settled may have been reserved under a former one. */
  private settledMeter(claim: RateClaim, now: Milliseconds): RateMeter {
    const known = this.rates.get(claim.counter);
    if (known === undefined) return this.meter(claim, now);
    known.flowOff(now);
    return known;
  }

  private place({ counter }: PlaceClaim): Places {
    const known = this.places.get(counter);
    if (known !== undefined) return known;
    this.fresh++;
    const places = new Places();
    this.places.set(counter, places);
    return places;
  }

  private account(claim: BudgetClaim, when: Milliseconds, now: Milliseconds): Account | null {
    let budget = this.budgets.get(claim.counter);
    if (budget === undefined) {
      this.fresh++;
      this.budgets.set(claim.counter, (budget = new Budget()));
    }
    return budget.accountAt(claim, when, now);
  }
}

const isOver = (until: Milliseconds, now: Milliseconds): boolean => until <= now;
const isForgotten = (held: Held | null, now: Milliseconds): boolean => held!.expiresAt + EXPIRED_KEPT <= now;

const amountOf = (claim: Claim): number => (claim.kind === 'place' ? 1 : claim.amount);

function firstMisfit(claims: readonly Claim[], standings: readonly Standing[]): number {
  for (let index = 0; index < claims.length; index++) {
    const claim = claims[index]!;
    if (!standings[index]!.fits(amountOf(claim), claim.limit)) return index;
  }
  return -1;
}

function decision(refusedBy: number, claims: readonly Claim[], standings: readonly Standing[]): Decision {
  return { isGranted: refusedBy < 0, refusedBy, states: states(claims, standings, refusedBy >= 0) };
}

/** @param isAsked whether the amounts count */
function states(claims: readonly Claim[], standings: readonly Standing[], isAsked: boolean): ClaimState[] {
  const states: ClaimState[] = [];
  for (let index = 0; index < claims.length; index++) {
    const claim = claims[index]!;
    states.push(standings[index]!.state(isAsked ? amountOf(claim) : 0, claim.limit));
  }
  return states;
}
