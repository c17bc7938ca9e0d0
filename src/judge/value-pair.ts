import type { RequestResult } from '../core/outcome.ts';
import { UNKNOWN_EFFECT, type Effect } from './effect.ts';
import { BINS, positionOf, quantileOf, type LogScale } from './log-histogram.ts';
import type { PairCell, PairCellSummary, ResultPair } from './pair-cell.ts';
import { logPairEvidence } from './pair-evidence.ts';
import { DISPLAY_ALPHA } from './plan.ts';
import { quantileInterval } from './quantile-interval.ts';

/** Ratios of shadow to primary from 1/256 to 256, sixteen bins to a doubling; 1 is in the middle of a bin. */
const RATIOS: LogScale = { smallest: 2 ** -(8 + 1 / 32), octaves: 16 };

/** What is asked of a value: not higher than the margin allows, or neither higher nor lower. */
export type ValueDirection = 'higher' | 'either';

export interface ValuePairState {
  /** Against the primary's value times the ratio: pairs above, pairs below. */
  readonly upper: readonly [number, number];
  /** Against the primary's value divided by the ratio. */
  readonly lower: readonly [number, number];
  readonly higher: number;
  readonly same: number;
  readonly histogram: readonly number[];
}

/**
 * A value, by its sign: given that the shadow's is not exactly the primary's times the margin, it is above that with a
 * chance of one half at most. That says nothing but that the median of the ratio is within the margin, so neither the
 * form of the distributions nor how pairs differ from each other matters.
 * @source Dixon, Mood, "The statistical sign test", JASA 1946; as an e-process by `logPairEvidence`
 */
export class ValuePairCell implements PairCell {
  private readonly read: (result: RequestResult) => number | undefined;
  private readonly ratio: number;
  private readonly direction: ValueDirection;
  private readonly upper: [number, number];
  private readonly lower: [number, number];
  private higher: number;
  private same: number;
  private readonly histogram: number[];

  constructor(
    read: (result: RequestResult) => number | undefined,
    ratio: number,
    direction: ValueDirection,
    saved?: ValuePairState,
  ) {
    this.read = read;
    this.ratio = ratio;
    this.direction = direction;
    this.upper = saved === undefined ? [0, 0] : [...saved.upper];
    this.lower = saved === undefined ? [0, 0] : [...saved.lower];
    this.higher = saved?.higher ?? 0;
    this.same = saved?.same ?? 0;
    this.histogram = saved === undefined ? Array.from({ length: BINS }, () => 0) : [...saved.histogram];
  }

  /** In both directions: the mean of the two e-values. */
  get logE(): number {
    const above = logSign(this.upper);
    return this.direction === 'higher' ? above : logMean(above, logSign(reversed(this.lower)));
  }

  observe({ primary, shadow }: ResultPair): boolean {
    const [before, after] = [this.read(primary), this.read(shadow)];
    if (before === undefined || after === undefined) return false;
    count(this.upper, after - before * this.ratio);
    count(this.lower, after - before / this.ratio);
    if (after > before) this.higher++;
    else if (after === before) this.same++;
    this.histogram[Math.floor(positionOf(RATIOS, before === after ? 1 : after / before))]!++;
    return true;
  }

  isNotable(): boolean {
    return true;
  }

  summary(): PairCellSummary {
    const pairs = this.histogram.reduce((sum, each) => sum + each, 0);
    const both = { units: pairs, events: null };
    return {
      logE: this.logE,
      logHarmless: this.logHarmless(),
      pairs,
      differing: pairs - this.same,
      shadowHigher: this.higher,
      effect: this.effect(),
      primary: both,
      shadow: both,
    };
  }

  absorb(other: ValuePairCell): void {
    for (const side of [0, 1] as const) {
      this.upper[side] += other.upper[side];
      this.lower[side] += other.lower[side];
    }
    this.higher += other.higher;
    this.same += other.same;
    for (const [bin, counted] of other.histogram.entries()) this.histogram[bin]! += counted;
  }

  toJSON(): ValuePairState {
    const { upper, lower, higher, same, histogram } = this;
    return { upper, lower, higher, same, histogram };
  }

  /** In both directions both must be refuted, so the smaller e-value counts. */
  private logHarmless(): number {
    const below = logSign(reversed(this.upper));
    return this.direction === 'higher' ? below : Math.min(below, logSign(this.lower));
  }

  /** Of the median of the ratio. */
  private effect(): Effect {
    const estimate = quantileOf(RATIOS, this.histogram, 0.5);
    if (estimate === null) return UNKNOWN_EFFECT;
    const { low, high } = quantileInterval(RATIOS, this.histogram, 0.5, DISPLAY_ALPHA);
    return { estimate: estimate - 1, low: low === null ? null : low - 1, high: high === null ? null : high - 1 };
  }
}

function count(sides: [number, number], difference: number): void {
  if (difference > 0) sides[0]++;
  else if (difference < 0) sides[1]++;
}

function logSign([above, below]: readonly [number, number]): number {
  return logPairEvidence({ one: above, other: below, both: 0 }, 1);
}

function reversed([above, below]: readonly [number, number]): readonly [number, number] {
  return [below, above];
}

function logMean(a: number, b: number): number {
  const largest = Math.max(a, b);
  return largest + Math.log((Math.exp(a - largest) + Math.exp(b - largest)) / 2);
}
