import { LRUCache } from 'lru-cache';
import type { BudgetClaim, ClaimState, NanoUsd } from '../core/counters.ts';
import type { Milliseconds } from '../core/units.ts';
import { budgetName } from './account.ts';

interface Seen {
  readonly remaining: NanoUsd;
  /** From then on all of it may be free again. */
  readonly until: Milliseconds;
}

const MAX_BUDGETS = 10_000;

/** What was left of each budget when the shared counters last told. */
export class LastRemaining {
  private readonly seen = new LRUCache<string, Seen>({ max: MAX_BUDGETS });

  saw(claim: BudgetClaim, { remaining, resetAfter }: ClaimState, now: Milliseconds): void {
    this.seen.set(budgetName(claim), { remaining, until: now + resetAfter });
  }

  /** @returns the limit where nothing is known */
  of(claim: BudgetClaim, now: Milliseconds): NanoUsd {
    const seen = this.seen.get(budgetName(claim));
    return seen === undefined || seen.until <= now ? claim.limit : Math.min(seen.remaining, claim.limit);
  }
}
