import type { RequestResult } from '../core/outcome.ts';
import type { ArmCount } from './cell.ts';
import type { Effect } from './effect.ts';

/** A request's result and that of its copy, as far as they are compared. */
export interface ResultPair {
  readonly primary: RequestResult;
  readonly shadow: RequestResult;
}

/** What is known of one metric. */
export interface PairCellSummary {
  readonly logE: number;
  /** Against "beyond the margin"; null where nothing has to be shown harmless. */
  readonly logHarmless: number | null;
  /** Pairs that tell the metric. */
  readonly pairs: number;
  /** Of them, those whose sides differ. */
  readonly differing: number;
  /** Of the differing ones, those where the shadow has the event or the higher value; null: there is no higher. */
  readonly shadowHigher: number | null;
  readonly effect: Effect;
  readonly primary: ArmCount;
  readonly shadow: ArmCount;
}

/** One metric on pairs. All that it knows are counts, so merging is adding. */
export interface PairCell {
  /** @returns false where one side does not tell the metric */
  observe(pair: ResultPair): boolean;
  readonly logE: number;
  /** Whether the difference is large enough to matter, however certain it is. */
  isNotable(): boolean;
  summary(): PairCellSummary;
  absorb(other: this): void;
  toJSON(): unknown;
}
