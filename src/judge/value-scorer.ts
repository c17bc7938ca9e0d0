import { BINS, RankCounter, positionOf, quantileOf, valueAt, type LogScale } from './log-histogram.ts';

/** Quantiles of the stable arm whose excess is bet on. */
export const QUANTILES = [0.5, 0.9, 0.95, 0.99] as const;
/** Index of the quantile that guards are named after. */
export const P95 = 2;
/** Stable values after which the thresholds are set for good. */
const FREEZE_AFTER = 200;

export interface ScorerState {
  readonly ranks: readonly number[];
  readonly stable: readonly number[];
  readonly stableValues: number;
  /** In bins; null: not set yet. */
  readonly thresholds: readonly number[] | null;
}

/**
 * Turns a value into scores between -1 and 1 that later bets use: its rank among the values so far, and whether it
 * exceeds each of the stable arm's first quantiles. The canary's values are divided by the accepted ratio before.
 */
export class ValueScorer {
  readonly scale: LogScale;
  private readonly marginBins: number;
  private readonly ranks: RankCounter;
  private readonly stable: number[];
  private stableValues: number;
  private thresholds: readonly number[] | null;

  constructor(scale: LogScale, ratio: number, saved?: ScorerState) {
    this.scale = scale;
    this.marginBins = (Math.log2(ratio) * BINS) / scale.octaves;
    this.ranks = new RankCounter(saved?.ranks);
    this.stable = saved === undefined ? Array.from({ length: BINS }, () => 0) : [...saved.stable];
    this.stableValues = saved?.stableValues ?? 0;
    this.thresholds = saved?.thresholds ?? null;
  }

  get isFrozen(): boolean {
    return this.thresholds !== null;
  }

  /** The highest threshold as a value of the canary's; null before it is set. */
  get topThreshold(): number | null {
    return this.thresholds === null ? null : valueAt(this.scale, this.thresholds.at(-1)! + this.marginBins);
  }

  /** @param position as `positionOf` gives it. @param into rank, then one 0 or 1 per quantile */
  score(arm: number, position: number, into: number[]): void {
    const adjusted = this.adjusted(arm, position);
    into[0] = 2 * this.ranks.shareBelow(adjusted) - 1;
    for (let index = 0; index < QUANTILES.length; index++)
      into[index + 1] = this.thresholds !== null && adjusted > this.thresholds[index]! ? 1 : 0;
  }

  /** After all bets on the value. */
  learn(arm: number, position: number): void {
    this.ranks.add(Math.floor(this.adjusted(arm, position)));
    if (arm === 1 || this.thresholds !== null) return;
    this.stable[Math.floor(position)]!++;
    this.stableValues++;
    if (this.stableValues < FREEZE_AFTER) return;
    this.thresholds = QUANTILES.map((share) => positionOf(this.scale, quantileOf(this.scale, this.stable, share)!));
  }

  absorb(other: ValueScorer): void {
    this.ranks.absorb(other.ranks);
    this.thresholds = laterOf(this.thresholds, other.thresholds);
    for (let bin = 0; bin < BINS; bin++) this.stable[bin]! += other.stable[bin]!;
    this.stableValues += other.stableValues;
  }

  toJSON(): ScorerState {
    const { stable, stableValues, thresholds } = this;
    return { ranks: this.ranks.toJSON(), stable, stableValues, thresholds };
  }

  private adjusted(arm: number, position: number): number {
    if (arm === 0) return position;
    return Math.min(Math.max(position - this.marginBins, 0), BINS - 1e-9);
  }
}

/** Either will do; the higher ones are taken so that the order of merging does not matter. */
function laterOf(one: readonly number[] | null, other: readonly number[] | null): readonly number[] | null {
  if (one === null || other === null) return one ?? other;
  const differing = one.findIndex((threshold, index) => threshold !== other[index]);
  return differing < 0 || one[differing]! > other[differing]! ? one : other;
}
