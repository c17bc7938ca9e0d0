import { UNKNOWN_EFFECT, type Effect } from './effect.ts';

/** The bounds rest on a normal limit; before so many values they are not shown. */
const BURN_IN = 100;
/** Where the bounds are tightest, in values. */
const TUNING_VALUES = 5000;

export interface MeanDifferenceState {
  readonly values: number;
  readonly sum: number;
  readonly squares: number;
  readonly mean: number;
  readonly stable: readonly [number, number];
}

/**
 * Half the width of a confidence sequence for a mean: bounds that hold at all times together, in the limit.
 * @source Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, "Time-uniform central limit theory and asymptotic confidence
 *   sequences", arXiv 2103.06476v7, equations 9 and 161
 * @param variance of one value
 */
export function asymptoticHalfWidth(variance: number, values: number, alpha: number, tuningValues: number): number {
  const twice = -2 * Math.log(alpha);
  const rho2 = (twice + Math.log(1 + twice)) / tuningValues;
  const scaled = values * rho2 + 1;
  return Math.sqrt(((2 * variance * scaled) / (values * values * rho2)) * Math.log(Math.sqrt(scaled) / alpha));
}

/**
 * Mean of the canary less mean of stable, from values weighted by the inverse of their chance:
 * `D = (Y - m) (A / w - (1 - A) / (1 - w))` with `m` the mean of the values before. For display; actions use ranks.
 */
export class MeanDifference {
  private values: number;
  private sum: number;
  private squares: number;
  private mean: number;
  /** Values of the stable arm and the sum of their sizes: what differences are relative to, whatever the signs. */
  private readonly stable: [number, number];

  constructor(saved?: MeanDifferenceState) {
    this.values = saved?.values ?? 0;
    this.sum = saved?.sum ?? 0;
    this.squares = saved?.squares ?? 0;
    this.mean = saved?.mean ?? 0;
    this.stable = saved === undefined ? [0, 0] : [...saved.stable];
  }

  add(arm: number, weight: number, value: number): void {
    const center = this.values === 0 ? value : this.mean;
    const difference = (value - center) * (arm === 1 ? 1 / weight : -1 / (1 - weight));
    this.values++;
    this.sum += difference;
    this.squares += difference * difference;
    this.mean += (value - this.mean) / this.values;
    if (arm === 1) return;
    this.stable[0]++;
    this.stable[1] += Math.abs(value);
  }

  effect(alpha: number): Effect {
    const [count, total] = this.stable;
    if (this.values < BURN_IN || total === 0) return UNKNOWN_EFFECT;
    const estimate = this.sum / this.values;
    const variance = this.squares / this.values - estimate * estimate;
    const half = asymptoticHalfWidth(variance, this.values, alpha, TUNING_VALUES);
    const base = total / count;
    return { estimate: estimate / base, low: (estimate - half) / base, high: (estimate + half) / base };
  }

  absorb(other: MeanDifference): void {
    const values = this.values + other.values;
    if (values > 0) this.mean = (this.mean * this.values + other.mean * other.values) / values;
    this.values = values;
    this.sum += other.sum;
    this.squares += other.squares;
    this.stable[0] += other.stable[0];
    this.stable[1] += other.stable[1];
  }

  toJSON(): MeanDifferenceState {
    return { values: this.values, sum: this.sum, squares: this.squares, mean: this.mean, stable: this.stable };
  }
}
