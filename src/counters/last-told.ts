import type { BudgetClaim, ClaimState, NanoUsd, RateClaim } from '../core/counters.ts';
import type { Milliseconds } from '../core/units.ts';
import { budgetName } from './account.ts';
import { LateCache } from '../core/late-cache.ts';

interface SeenBudget {
  readonly remaining: NanoUsd;
  /** From then on all of it may be free again. */
  readonly until: Milliseconds;
}

interface SeenRate {
  readonly claim: RateClaim;
  /** When all that was taken has flowed off. */
  readonly until: Milliseconds;
}

const MOST = 10_000;

/** How budgets and rates stood when the shared counters last told. */
export class LastTold {
  private readonly budgets = new LateCache<string, SeenBudget>({ max: MOST });
  private readonly rates = new LateCache<string, SeenRate>({ max: MOST });

  sawBudget(claim: BudgetClaim, { remaining, resetAfter }: ClaimState, now: Milliseconds): void {
    this.budgets.set(budgetName(claim), { remaining, until: now + resetAfter });
  }

  sawRate(claim: RateClaim, { resetAfter }: ClaimState, now: Milliseconds): void {
    this.rates.set(claim.counter, { claim, until: now + resetAfter });
  }

  /** @returns the limit where nothing is known */
  remaining(claim: BudgetClaim, now: Milliseconds): NanoUsd {
    const seen = this.budgets.get(budgetName(claim));
    return seen === undefined || seen.until <= now ? claim.limit : Math.min(seen.remaining, claim.limit);
  }

  /** Rates of which something is taken. */
  takenRates(now: Milliseconds): readonly SeenRate[] {
    return [...this.rates.values()].filter(({ until }) => until > now);
  }
}
