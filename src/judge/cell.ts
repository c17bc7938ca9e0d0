import type { Effect } from './effect.ts';

/** What one arm contributed to a comparison. */
export interface ArmCount {
  /** Units, each counted once. */
  readonly units: number;
  /** Of them, or of their requests, those with the event; null where values are compared. */
  readonly events: number | null;
}

export interface Counts {
  readonly stable: ArmCount;
  readonly canary: ArmCount;
}

/** The comparison of one metric on one part of the traffic: all of it, or a segment. */
export interface Cell {
  readonly eValue: number;
  /** @param scores what the guard made of the outcome, or their means over a unit's requests */
  bet(arm: number, weight: number, scores: readonly number[]): void;
  effect(): Effect;
  counts(): Counts;
  absorb(other: this): void;
  toJSON(): unknown;
}
