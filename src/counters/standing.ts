import type { ClaimState } from '../core/counters.ts';
import type { Milliseconds } from '../core/units.ts';

/** A counter as it stands now, whatever is counted. */
export interface Standing {
  fits(amount: number, limit: number): boolean;
  /** @returns of a rate, when all of it has flowed off; else 0 */
  take(amount: number): Milliseconds;
  /** @param amount that is asked for; 0: none */
  state(amount: number, limit: number): ClaimState;
}

/**
 * A counter of which parts are leased: another process takes them without asking, and tells later. What is leased is neither
 * free nor taken, and does not flow off.
 */
export interface Leasable extends Standing {
  leased: number;
  /** What is neither taken nor leased; 0 or more. */
  free(limit: number): number;
  /** What became of leases. */
  draw(use: LeaseUse): void;
}

export interface LeaseUse {
  /** So much less is leased: it was taken or given back; below 0: what had been taken from it came back. */
  readonly drawn: number;
  /** Of a rate what was taken; of places and money so much more is reserved, or less. */
  readonly taken: number;
  /** Of money. */
  readonly spent: number;
}

export class Places implements Leasable {
  held = 0;
  leased = 0;

  get isIdle(): boolean {
    return this.held === 0 && this.leased === 0;
  }

  free(limit: number): number {
    return Math.max(0, limit - this.held - this.leased);
  }

  draw({ drawn, taken }: LeaseUse): void {
    this.leased -= drawn;
    this.held += taken;
  }

  fits(amount: number, limit: number): boolean {
    return this.held + this.leased + amount <= limit;
  }

  take(amount: number): Milliseconds {
    this.held += amount;
    return 0;
  }

  state(amount: number, limit: number): ClaimState {
    const remaining = Math.max(0, limit - this.held);
    return { remaining, resetAfter: 0, retryAfter: this.fits(amount, limit) ? 0 : null };
  }
}

/** A budget of which all windows have ended. */
export const NO_WINDOW: Standing = {
  fits: () => false,
  take: () => 0,
  state: () => ({ remaining: 0, resetAfter: 0, retryAfter: null }),
};
