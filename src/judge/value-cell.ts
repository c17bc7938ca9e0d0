import type { Cell, Counts } from './cell.ts';
import { UNKNOWN_EFFECT, type Effect } from './effect.ts';
import { BINS, quantileOf, type LogScale } from './log-histogram.ts';
import { MeanDifference, type MeanDifferenceState } from './mean-difference.ts';
import { DISPLAY_ALPHA } from './plan.ts';
import { quantileInterval } from './quantile-interval.ts';
import { RankBet, type RankBetState } from './rank-bet.ts';
import { RateEstimate, type RateState } from './rate-estimate.ts';
import { RatioBet, alternatives } from './ratio-bet.ts';
import { QUANTILES } from './value-scorer.ts';
import { sharesOf, type Wealth } from './wealth.ts';

/** How many times the odds of exceeding a threshold the canary may have. */
const WORSE = alternatives([1.5, 1], [2.5, 1], [5, 1]);
/** Of the e-value: the rank sees a shift of the whole, the excesses see a tail, the high ones best. */
const RANK_SHARE = 0.65;
const OVER_SHARES = sharesOf([1, 2, 4, 4]).map((share) => share * (1 - RANK_SHARE));
/** Imagined stable values that stand for what a quantile is by definition. */
const PRIOR_VALUES = 10;
const SHOWN_QUANTILE = 0.95;
const MEDIAN = 0.5;

export interface ValueCellState {
  readonly rank: RankBetState;
  readonly over: readonly { readonly wealth: Wealth; readonly stable: RateState }[];
  readonly units: readonly [number, number];
  readonly histograms: readonly [readonly number[], readonly number[]];
  readonly mean: MeanDifferenceState;
}

/** What is told of the difference: of the 95th percentiles, or of the means. */
export type ShownEffect = 'p95' | 'mean';

export class ValueCell implements Cell {
  private readonly rank: RankBet;
  /** One per quantile of the stable arm. */
  private readonly over: readonly { readonly bet: RatioBet; readonly stable: RateEstimate }[];
  private readonly units: [number, number];
  /** Values by arm; empty for the follow-ups of units. */
  private readonly histograms: readonly [number[], number[]];
  private readonly mean: MeanDifference;
  private readonly scale: LogScale;
  private readonly shown: ShownEffect;

  constructor(scale: LogScale, shown: ShownEffect, saved?: ValueCellState) {
    this.scale = scale;
    this.shown = shown;
    this.mean = new MeanDifference(saved?.mean);
    this.rank = new RankBet('higher', saved?.rank);
    this.over = QUANTILES.map((share, index) => ({
      bet: new RatioBet(1, WORSE, saved?.over[index]!.wealth),
      stable: new RateEstimate(1 - share, saved?.over[index]!.stable),
    }));
    this.units = saved === undefined ? [0, 0] : [...saved.units];
    this.histograms = [histogram(saved?.histograms[0]), histogram(saved?.histograms[1])];
  }

  get eValue(): number {
    let sum = RANK_SHARE * this.rank.eValue;
    for (let index = 0; index < OVER_SHARES.length; index++) sum += OVER_SHARES[index]! * this.over[index]!.bet.eValue;
    return sum;
  }

  /** The stable arm's rate of exceeding the threshold with this index. */
  rateAbove(quantile: number): number {
    return this.over[quantile]!.stable.rate;
  }

  bet(arm: number, weight: number, scores: readonly number[]): void {
    this.rank.bet(arm, weight, scores[0]!);
    this.units[arm]!++;
  }

  /** Once the thresholds are set. */
  betOnExcess(arm: number, weight: number, scores: readonly number[]): void {
    for (let index = 0; index < QUANTILES.length; index++) {
      const { bet, stable } = this.over[index]!;
      const share = scores[index + 1]!;
      bet.bet(arm, weight, share, stable.rate);
      if (arm === 0) stable.add(share, ESTIMATES[index]!);
    }
  }

  /** For display. */
  record(arm: number, weight: number, value: number, position: number): void {
    this.histograms[arm]![Math.floor(position)]!++;
    if (this.shown === 'mean') this.mean.add(arm, weight, value);
  }

  effect(): Effect {
    return this.shown === 'mean' ? this.mean.effect(DISPLAY_ALPHA) : this.effectOnP95();
  }

  counts(): Counts {
    return {
      stable: { units: this.units[0], events: null },
      canary: { units: this.units[1], events: null },
    };
  }

  absorb(other: ValueCell): void {
    this.rank.absorb(other.rank);
    for (const [index, { bet, stable }] of other.over.entries()) {
      this.over[index]!.bet.absorb(bet);
      this.over[index]!.stable.absorb(stable);
    }
    this.mean.absorb(other.mean);
    for (const arm of [0, 1] as const) {
      this.units[arm] += other.units[arm];
      for (let bin = 0; bin < BINS; bin++) this.histograms[arm][bin]! += other.histograms[arm][bin]!;
    }
  }

  toJSON(): ValueCellState {
    return {
      rank: this.rank.toJSON(),
      over: this.over.map(({ bet, stable }) => ({ wealth: bet.wealth, stable: stable.toJSON() })),
      units: this.units,
      histograms: this.histograms,
      mean: this.mean.toJSON(),
    };
  }

  /** Where the harm is in the bulk of the values and not in their tail, the median shows it. */
  private effectOnP95(): Effect {
    const tail = this.effectAt(SHOWN_QUANTILE, DISPLAY_ALPHA / 2);
    if (isAbove(tail.low)) return tail;
    const median = this.effectAt(MEDIAN, DISPLAY_ALPHA / 4);
    const isInBulk = isAbove(median.low) || (isAbove(median.estimate) && !isAbove(tail.estimate));
    return isInBulk ? { ...median, quantile: MEDIAN } : tail;
  }

  private effectAt(share: number, alpha: number): Effect {
    const [stable, canary] = this.histograms.map((counts) => quantileOf(this.scale, counts, share));
    if (stable === null || canary === null) return UNKNOWN_EFFECT;
    const bounds = this.histograms.map((counts) => quantileInterval(this.scale, counts, share, alpha));
    return {
      estimate: canary! / stable! - 1,
      low: relative(bounds[1]!.low, bounds[0]!.high),
      high: relative(bounds[1]!.high, bounds[0]!.low),
    };
  }
}

const ESTIMATES = QUANTILES.map(
  (share) =>
    ({ events, trials }: RateEstimate) =>
      (events + PRIOR_VALUES * (1 - share)) / (trials + PRIOR_VALUES),
);

function histogram(saved: readonly number[] | undefined): number[] {
  return saved === undefined ? Array.from({ length: BINS }, () => 0) : [...saved];
}

function isAbove(change: number | null): boolean {
  return change !== null && change > 0;
}

function relative(canary: number | null, stable: number | null): number | null {
  return canary === null || stable === null ? null : canary / stable - 1;
}
