import type { Seconds } from '../core/units.ts';

const BUCKET: Seconds = 5;
const BUCKETS = 60;

export interface TrafficRateState {
  readonly first: Seconds;
  readonly newest: number;
  readonly counts: readonly number[];
}

/** Requests a second over the last five minutes, or since the first one. */
export class TrafficRate {
  private first: Seconds;
  /** The number of the newest bucket since the epoch. */
  private newest: number;
  private readonly counts: number[];

  constructor(saved?: TrafficRateState) {
    this.first = saved?.first ?? Infinity;
    this.newest = saved?.newest ?? -Infinity;
    this.counts = saved === undefined ? Array.from({ length: BUCKETS }, () => 0) : [...saved.counts];
  }

  add(at: Seconds): void {
    this.first = Math.min(this.first, at);
    const bucket = Math.floor(at / BUCKET);
    this.advance(bucket);
    if (bucket > this.newest - BUCKETS) this.counts[bucket % BUCKETS]!++;
  }

  perSecond(now: Seconds): number {
    const span = Math.min(BUCKET * BUCKETS, Math.max(1, now - this.first));
    return this.count(now) / span;
  }

  /** Requests in the last five minutes. */
  count(now: Seconds): number {
    this.advance(Math.floor(now / BUCKET));
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** JSON knows no infinity: nothing was counted yet. */
  toJSON(): TrafficRateState | undefined {
    if (this.first === Infinity) return undefined;
    return { first: this.first, newest: this.newest, counts: this.counts };
  }

  private advance(bucket: number): void {
    if (bucket <= this.newest) return;
    const from = Math.max(this.newest + 1, bucket - BUCKETS + 1);
    for (let each = from; each <= bucket; each++) this.counts[each % BUCKETS] = 0;
    this.newest = bucket;
  }
}
