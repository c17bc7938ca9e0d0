import type { Milliseconds } from './units.ts';

/** `600/m`: so many units per time. */
export interface RateConfig {
  readonly amount: number;
  readonly per: Milliseconds;
}

/** What one subject may use; null: no such limit. */
interface LimitsConfig {
  readonly requests: RateConfig | null;
  readonly tokens: RateConfig | null;
  /** Requests at one time, streams to their last byte. */
  readonly concurrent: number | null;
}

export type BudgetPeriod = 'hour' | 'day' | 'week' | 'month';

/** `50 USD/month`: money of a calendar period in UTC (weeks begin on Monday), or of the time just gone by (`rolling`). */
export interface BudgetConfig {
  readonly usd: number;
  readonly per: BudgetPeriod;
  readonly isRolling: boolean;
}

/** What happens to a limit while the shared counters cannot be reached. */
export type CounterFailure =
  | { readonly kind: 'closed' }
  /** This gateway alone grants so much of it, 0 to 1. */
  | { readonly kind: 'local'; readonly share: number };

/** Limits and budgets of a key or a team. */
export interface Allowance {
  readonly limits: LimitsConfig;
  readonly budgets: readonly BudgetConfig[];
  readonly onCounterFailure: CounterFailure;
}

/** Keys of one team share what it may use, above what each may. */
export interface TeamConfig extends Allowance {
  readonly name: string;
  /** Model names or globs that keys of the team may use at most. */
  readonly models: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** A limit of its own: of a model, a provider, or for each value of something. */
export interface LimitRuleConfig extends Allowance {
  readonly name: string;
  /** Requests that it is for; null fields are for all. */
  readonly match: {
    /** Name or glob, of the model that the app asks for or of the one that the request goes to first. */
    readonly model: string | null;
    readonly provider: string | null;
    readonly metadata: Readonly<Record<string, string>>;
  };
  /** Counted apart for each value: `key`, `team`, `model`, `provider`, `metadata.NAME`; empty: one count for all. */
  readonly by: readonly string[];
}
