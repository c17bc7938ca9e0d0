import type { BudgetClaim, Claim, NanoUsd, PlaceClaim, RateClaim, WhenDown } from '../core/counters.ts';
import type { Allowance, BudgetConfig, CounterFailure, RateConfig } from '../core/limits.ts';
import type { Milliseconds } from '../core/units.ts';
import { OpenWindow } from './windows.ts';

export const NANO_PER_USD = 1e9;

/** What a request may take at most. */
export interface Amounts {
  readonly tokens: number;
  readonly nanoUsd: NanoUsd;
}

export type ClaimKind = 'requests' | 'tokens' | 'concurrent' | 'budget';

/** A claim, and what it is for people. */
export interface NamedClaim {
  readonly claim: Claim;
  readonly kind: ClaimKind;
  readonly subject: Subject;
}

interface Budget {
  readonly config: BudgetConfig;
  readonly window: OpenWindow;
  readonly base: Omit<BudgetClaim, 'amount' | 'window'>;
}

/** One key, team or value of a limit rule: its claims, made once, but for the amounts. */
export class Subject {
  /** `key:dev`; the `rule` of metrics. */
  readonly label: string;
  readonly budgets: readonly Budget[];
  readonly countsTokens: boolean;
  private readonly requests: NamedClaim | null;
  private readonly place: NamedClaim | null;
  private readonly tokens: Omit<RateClaim, 'amount'> | null;

  /** @param counter the same on all gateways, and after a restart */
  constructor(label: string, counter: string, { limits, budgets, onCounterFailure }: Allowance) {
    const whenDown = toWhenDown(onCounterFailure);
    const { requests, tokens, concurrent } = limits;
    this.label = label;
    this.requests =
      requests === null
        ? null
        : { claim: { ...rate(`${counter}/requests`, requests, whenDown), amount: 1 }, kind: 'requests', subject: this };
    this.tokens = tokens === null ? null : rate(`${counter}/tokens`, tokens, whenDown);
    this.countsTokens = tokens !== null;
    this.place = concurrent === null ? null : this.placeClaim(`${counter}/concurrent`, concurrent, whenDown);
    this.budgets = budgets.map((config) => ({
      config,
      window: new OpenWindow(config),
      base: {
        kind: 'budget',
        counter: `${counter}/${config.isRolling ? 'rolling-' : ''}${config.per}`,
        limit: Math.round(config.usd * NANO_PER_USD),
        whenDown,
      },
    }));
  }

  get isEmpty(): boolean {
    return this.requests === null && this.tokens === null && this.place === null && this.budgets.length === 0;
  }

  addClaims(claims: NamedClaim[], { tokens, nanoUsd }: Amounts, wall: Milliseconds): void {
    if (this.requests !== null) claims.push(this.requests);
    if (this.tokens !== null) claims.push({ claim: { ...this.tokens, amount: tokens }, kind: 'tokens', subject: this });
    if (this.place !== null) claims.push(this.place);
    for (const budget of this.budgets)
      claims.push({ claim: budgetClaim(budget, nanoUsd, wall), kind: 'budget', subject: this });
  }

  budgetClaims(amount: NanoUsd, wall: Milliseconds): BudgetClaim[] {
    return this.budgets.map((budget) => budgetClaim(budget, amount, wall));
  }

  private placeClaim(counter: string, limit: number, whenDown: WhenDown): NamedClaim {
    const claim: PlaceClaim = { kind: 'place', counter, limit, whenDown };
    return { claim, kind: 'concurrent', subject: this };
  }
}

function budgetClaim({ base, window }: Budget, amount: NanoUsd, wall: Milliseconds): BudgetClaim {
  return { ...base, amount, window: window.at(wall) };
}

function rate(counter: string, { amount, per }: RateConfig, whenDown: WhenDown): Omit<RateClaim, 'amount'> {
  return { kind: 'rate', counter, limit: amount, per, whenDown };
}

function toWhenDown(failure: CounterFailure): WhenDown {
  return failure.kind === 'closed' ? 'closed' : { localShare: failure.share };
}
