/**
 * How much worse the canary is, relative to stable: 0.25 is 25 % more. The bounds hold at all times together with a
 * chance of 95 %; null: there is no such bound yet, or nothing to estimate from.
 */
export interface Effect {
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Of values: which quantile is compared, where it is another than the guard is named after. */
  readonly quantile?: number;
}

export const UNKNOWN_EFFECT: Effect = { estimate: null, low: null, high: null };
