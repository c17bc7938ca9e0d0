import type { Outcome } from '../core/outcome.ts';
import type { Milliseconds } from '../core/units.ts';
import type { Cell } from './cell.ts';
import type { GuardMetric } from './plan.ts';

/** One guarded metric: reads it from outcomes and bets on it. For each outcome: read, then bet, then learn. */
export interface Guard {
  readonly metric: GuardMetric;
  /** What the last outcome read came to; as many numbers for every outcome. */
  readonly scores: number[];
  /** All traffic, each unit's first requests. */
  readonly first: Cell;
  /** All traffic, the requests of a unit after its first. */
  readonly later: Cell;
  /** The e-value against "the canary is beyond its margin". */
  readonly harmlessness: number;
  /**
   * How long a request need be waited for: one that takes longer is over every threshold, so it may be told as an outcome
   * with the time that it took so far. Null where no time is guarded, or before the thresholds are set.
   */
  readonly patienceMs: Milliseconds | null;
  /** @returns false where the outcome does not tell the metric; then there is nothing to bet on */
  read(outcome: Outcome): boolean;
  bet(arm: number, weight: number): void;
  betInSegment(cell: Cell, arm: number, weight: number): void;
  betOnFollowUps(arm: number, weight: number, meanScores: readonly number[]): void;
  learn(arm: number): void;
  newCell(saved?: unknown): Cell;
  absorb(other: Guard): void;
  toJSON(): unknown;
}
