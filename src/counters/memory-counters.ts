import type { Clock } from '../core/clock.ts';
import type {
  BudgetClaim,
  Claim,
  ClaimState,
  Counters,
  Decision,
  PlaceClaim,
  RateClaim,
  Reservation,
} from '../core/counters.ts';
import type { Milliseconds } from '../core/units.ts';
import { type Account, Budget, NO_WINDOW } from './account.ts';
import { EXPIRED_KEPT, SETTLED_KEPT } from './keeping.ts';
import { RateMeter } from './rate.ts';
import { Sweep } from './sweep.ts';

/** What a reservation took. */
interface Held {
  readonly claims: readonly Claim[];
  readonly reservedAt: Milliseconds;
  expiresAt: Milliseconds;
  /** By the order of the claims: what `RateMeter.take` told; 0 for others. */
  readonly freeAt: readonly Milliseconds[];
}

/** Ids that are used up: settled (nothing else is kept), or expired and not yet settled. */
interface Past {
  readonly forgetAt: Milliseconds;
  readonly expired: Held | null;
}

interface Place {
  held: number;
}

/** Of each map, for each call: idle entries leave faster than new ones come. */
const SWEPT_ENTRIES = 4;

/** Limits and budgets of one process, exact. */
export class MemoryCounters implements Counters {
  private readonly clock: Clock;
  private readonly held = new Map<string, Held>();
  private readonly past = new Map<string, Past>();
  private readonly rates = new Map<string, RateMeter>();
  private readonly places = new Map<string, Place>();
  private readonly budgets = new Map<string, Budget>();
  private readonly sweeps = [
    new Sweep(this.past, ({ forgetAt }, now) => forgetAt <= now),
    new Sweep(this.rates, (meter, now) => meter.isIdle(now)),
    new Sweep(this.places, ({ held }) => held === 0),
    new Sweep(this.budgets, (budget, now) => budget.isIdle(now)),
  ] as const;
  /** No reservation expires earlier. */
  private nextExpiry: Milliseconds = Infinity;

  /** @param clock its wall time counts */
  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Counters and ids in memory. */
  get size(): number {
    return this.held.size + this.past.size + this.rates.size + this.places.size + this.budgets.size;
  }

  /** Whether the reservation was made here, and is still to be settled. */
  holds(id: string): boolean {
    return this.held.has(id) || (this.past.get(id)?.expired ?? null) !== null;
  }

  reserve({ id, claims, expiresIn }: Reservation): Decision {
    const now = this.begin();
    if (this.held.has(id)) return decision(-1, this.states(claims, -1, now));
    const refusedBy = this.isUsedUp(id, now) && claims.length > 0 ? 0 : this.firstMisfit(claims, now);
    if (refusedBy >= 0) return decision(refusedBy, this.states(claims, refusedBy, now));
    const freeAt = claims.map((claim) => this.take(claim, now));
    this.held.set(id, { claims, reservedAt: now, expiresAt: now + expiresIn, freeAt });
    this.nextExpiry = Math.min(this.nextExpiry, now + expiresIn);
    return decision(-1, this.states(claims, -1, now));
  }

  settle({ id, claims }: Reservation, actual: readonly number[]): void {
    const now = this.begin();
    const held = this.held.get(id);
    if (held !== undefined) {
      this.held.delete(id);
      this.release(held, now);
      this.charge(held, actual, now);
    } else if (this.isUsedUp(id, now)) {
      const { expired } = this.past.get(id)!;
      if (expired === null) return;
      this.charge(expired, actual, now);
    } else this.chargeInFull(claims, actual, now);
    this.past.set(id, { forgetAt: now + SETTLED_KEPT, expired: null });
  }

  renew(reservations: readonly Reservation[], expiresIn: Milliseconds): void {
    const now = this.begin();
    for (const { id } of reservations) {
      const held = this.held.get(id);
      if (held !== undefined) held.expiresAt = Math.max(held.expiresAt, now + expiresIn);
    }
  }

  peek(claims: readonly Claim[]): readonly ClaimState[] {
    return this.states(claims, -1, this.begin());
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
    for (const sweep of this.sweeps) sweep.step(SWEPT_ENTRIES, now);
    return now;
  }

  private expire(now: Milliseconds): void {
    this.nextExpiry = Infinity;
    for (const [id, held] of this.held) {
      if (held.expiresAt > now) {
        this.nextExpiry = Math.min(this.nextExpiry, held.expiresAt);
        continue;
      }
      this.held.delete(id);
      this.release(held, now);
      this.past.set(id, { forgetAt: held.expiresAt + EXPIRED_KEPT, expired: held });
    }
  }

  private isUsedUp(id: string, now: Milliseconds): boolean {
    const past = this.past.get(id);
    return past !== undefined && past.forgetAt > now;
  }

  private firstMisfit(claims: readonly Claim[], now: Milliseconds): number {
    for (let index = 0; index < claims.length; index++) if (!this.fits(claims[index]!, now)) return index;
    return -1;
  }

  private fits(claim: Claim, now: Milliseconds): boolean {
    if (claim.kind === 'rate') return this.meter(claim, now).fits(claim.amount);
    if (claim.kind === 'place') return this.place(claim).held < claim.limit;
    return this.account(claim, now, now)?.fits(claim.amount, claim.limit) ?? false;
  }

  private take(claim: Claim, now: Milliseconds): Milliseconds {
    if (claim.kind === 'rate') return this.meter(claim, now).take(claim.amount);
    if (claim.kind === 'place') this.place(claim).held++;
    else this.account(claim, now, now)!.reserved += claim.amount;
    return 0;
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
      if (claim.kind === 'rate') this.meter(claim, now).settle(claim.amount, actual[index]!, freeAt[index]!);
      else if (claim.kind === 'budget') this.account(claim, reservedAt, now)!.charge(actual[index]!);
    }
  }

  private chargeInFull(claims: readonly Claim[], actual: readonly number[], now: Milliseconds): void {
    for (let index = 0; index < claims.length; index++) {
      const claim = claims[index]!;
      if (claim.kind === 'rate') this.meter(claim, now).add(actual[index]!);
      else if (claim.kind === 'budget') this.account(claim, now, now)?.charge(actual[index]!);
    }
  }

  /** @param refusedBy below 0: the amounts do not count */
  private states(claims: readonly Claim[], refusedBy: number, now: Milliseconds): ClaimState[] {
    return claims.map((claim) => this.state(claim, refusedBy >= 0, now));
  }

  private state(claim: Claim, isAsked: boolean, now: Milliseconds): ClaimState {
    if (claim.kind === 'place') return placeState(this.place(claim).held, claim.limit, isAsked);
    const amount = isAsked ? claim.amount : 0;
    if (claim.kind === 'rate') return this.meter(claim, now).state(amount);
    return this.account(claim, now, now)?.state(amount, claim.limit) ?? NO_WINDOW;
  }

  private meter(claim: RateClaim, now: Milliseconds): RateMeter {
    let meter = this.rates.get(claim.counter);
    if (meter === undefined) this.rates.set(claim.counter, (meter = new RateMeter(claim, now)));
    else meter.update(claim, now);
    return meter;
  }

  private place({ counter }: PlaceClaim): Place {
    let place = this.places.get(counter);
    if (place === undefined) this.places.set(counter, (place = { held: 0 }));
    return place;
  }

  private account(claim: BudgetClaim, when: Milliseconds, now: Milliseconds): Account | null {
    let budget = this.budgets.get(claim.counter);
    if (budget === undefined) this.budgets.set(claim.counter, (budget = new Budget()));
    return budget.accountAt(claim, when, now);
  }
}

function decision(refusedBy: number, states: readonly ClaimState[]): Decision {
  return { isGranted: refusedBy < 0, refusedBy, states };
}

function placeState(held: number, limit: number, isAsked: boolean): ClaimState {
  const remaining = Math.max(0, limit - held);
  return { remaining, resetAfter: 0, retryAfter: isAsked && remaining === 0 ? null : 0 };
}
