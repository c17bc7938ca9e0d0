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

export class Places implements Standing {
  held = 0;

  fits(amount: number, limit: number): boolean {
    return this.held + amount <= limit;
  }

  take(amount: number): Milliseconds {
    this.held += amount;
    return 0;
  }

  state(amount: number, limit: number): ClaimState {
    const remaining = Math.max(0, limit - this.held);
    return { remaining, resetAfter: 0, retryAfter: amount > remaining ? null : 0 };
  }
}

/** A budget of which all windows have ended. */
export const NO_WINDOW: Standing = {
  fits: () => false,
  take: () => 0,
  state: () => ({ remaining: 0, resetAfter: 0, retryAfter: null }),
};
