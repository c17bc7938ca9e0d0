import type { ClaimState, RateClaim } from '../core/counters.ts';
import type { Milliseconds } from '../core/units.ts';
import type { Leasable, LeaseUse } from './standing.ts';

/**
 * The generic cell rate algorithm in whole numbers. Debt is counted in fractions of a unit, `unit` of which make one, such
 * that a whole number of them, `flow`, flows off each millisecond: no rounding, however often it is added and taken away.
 */
interface RateScale {
  readonly unit: number;
  /** 0: of a limit of 0. */
  readonly flow: number;
}

export function rateScale(limit: number, per: Milliseconds): RateScale {
  const divisor = greatestCommonDivisor(limit, per);
  return { unit: per / divisor, flow: limit / divisor };
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b];
  return a;
}

/** What is owed to one rate limit. */
export class RateMeter implements Leasable {
  leased = 0;
  private limit: number;
  private per: Milliseconds;
  private scale: RateScale;
  private debt = 0;
  private at: Milliseconds;

  constructor(claim: RateClaim, now: Milliseconds) {
    this.limit = claim.limit;
    this.per = claim.per;
    this.scale = rateScale(claim.limit, claim.per);
    this.at = now;
  }

  /** Brings it up to now, and to the limit of this claim: the units that are owed stay the same. */
  update({ limit, per }: RateClaim, now: Milliseconds): void {
    this.flowOff(now);
    if (limit !== this.limit || per !== this.per) this.setLimit(limit, per);
  }

  /**
   * Brings it up to now, and leaves its limit: what is settled was reserved under a former one, perhaps. A clock that was
   * set back counts a time twice rather than locking everybody out.
   */
  flowOff(now: Milliseconds): void {
    this.debt = Math.max(0, this.debt - Math.max(0, now - this.at) * this.scale.flow);
    this.at = now;
  }

  isIdle(now: Milliseconds): boolean {
    this.flowOff(now);
    return this.debt === 0 && this.leased === 0;
  }

  /** Whether it was asked for last with this limit. */
  isOf({ limit, per }: RateClaim): boolean {
    return limit === this.limit && per === this.per;
  }

  free(): number {
    return Math.max(0, Math.floor(-this.excess(0) / this.scale.unit));
  }

  draw({ drawn, taken }: LeaseUse): void {
    this.leased -= drawn;
    this.add(taken);
  }

  fits(amount: number): boolean {
    return this.excess(amount) <= 0;
  }

  /** @returns when the debt has flowed off that there is now */
  take(amount: number): Milliseconds {
    this.add(amount);
    return this.at + this.until(this.debt);
  }

  /** @param freeAt what `take` told: older debts flow off first, so what is left of it flows off until then */
  settle(amount: number, actual: number, freeAt: Milliseconds): void {
    if (actual >= amount) return this.add(actual - amount);
    const { unit, flow } = this.scale;
    const left = Math.max(0, freeAt - this.at) * flow;
    this.debt -= Math.min((amount - actual) * unit, left, this.debt);
  }

  add(amount: number): void {
    if (this.scale.flow > 0) this.debt = Math.min(this.debt + amount * this.scale.unit, Number.MAX_SAFE_INTEGER);
  }

  /** Debt that was made elsewhere. */
  owe(amount: number): void {
    this.debt = Math.max(this.debt, amount * this.scale.unit);
  }

  state(amount: number): ClaimState {
    const free = this.limit * this.scale.unit - this.debt;
    return {
      remaining: Math.max(0, Math.floor(free / this.scale.unit)),
      resetAfter: this.until(this.debt),
      retryAfter: amount > this.limit ? null : this.until(Math.max(0, this.excess(amount))),
    };
  }

  private excess(amount: number): number {
    return this.debt + (this.leased + amount - this.limit) * this.scale.unit;
  }

  private until(debt: number): Milliseconds {
    return this.scale.flow === 0 ? 0 : Math.ceil(debt / this.scale.flow);
  }

  private setLimit(limit: number, per: Milliseconds): void {
    const { unit } = this.scale;
    this.limit = limit;
    this.per = per;
    this.scale = rateScale(limit, per);
    if (this.scale.unit !== unit) this.debt = Math.ceil((this.debt / unit) * this.scale.unit);
  }
}
