import type { RequestResult } from '../core/outcome.ts';
import type { PairCell, PairCellSummary, ResultPair } from './pair-cell.ts';
import { logPairEvidence, logReverseEvidence, ratioBounds, type PairCounts } from './pair-evidence.ts';
import { DISPLAY_ALPHA } from './plan.ts';

/** Pairs by what happened: on neither side, on the shadow only, on the primary only, on both. */
export type EventPairState = readonly [neither: number, shadow: number, primary: number, both: number];

/** The rate of an event: the shadow's is at most `ratio` times the primary's. */
export class EventPairCell implements PairCell {
  private readonly read: (result: RequestResult) => boolean | undefined;
  private readonly ratio: number;
  private readonly counts: [number, number, number, number];

  constructor(read: (result: RequestResult) => boolean | undefined, ratio: number, saved?: EventPairState) {
    this.read = read;
    this.ratio = ratio;
    this.counts = saved === undefined ? [0, 0, 0, 0] : [...saved];
  }

  get logE(): number {
    return logPairEvidence(this.sides, this.ratio);
  }

  observe({ primary, shadow }: ResultPair): boolean {
    const [before, after] = [this.read(primary), this.read(shadow)];
    if (before === undefined || after === undefined) return false;
    this.counts[(before ? 2 : 0) + (after ? 1 : 0)]!++;
    return true;
  }

  isNotable(): boolean {
    return true;
  }

  summary(): PairCellSummary {
    const [neither, shadow, primary, both] = this.counts;
    const pairs = neither + shadow + primary + both;
    const { low, high } = ratioBounds(this.sides, DISPLAY_ALPHA);
    const estimate = primary + both === 0 ? null : (shadow + both) / (primary + both) - 1;
    return {
      logE: this.logE,
      logHarmless: logReverseEvidence(this.sides, this.ratio),
      pairs,
      differing: shadow + primary,
      shadowHigher: shadow,
      effect: { estimate, low: low === null ? null : low - 1, high: high === null ? null : high - 1 },
      primary: { units: pairs, events: primary + both },
      shadow: { units: pairs, events: shadow + both },
    };
  }

  absorb(other: EventPairCell): void {
    for (const [kind, count] of other.counts.entries()) this.counts[kind]! += count;
  }

  toJSON(): EventPairState {
    return this.counts;
  }

  private get sides(): PairCounts {
    const [, shadow, primary, both] = this.counts;
    return { one: shadow, other: primary, both };
  }
}
