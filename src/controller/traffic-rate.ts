import type { Seconds } from '../core/units.ts';
import { areCounts } from './saved-counts.ts';

const BUCKET: Seconds = 5;
const BUCKETS = 60;
/** How far the clocks of gateways may be ahead. Nothing of now would be counted beside what is further ahead. */
const AHEAD: Seconds = 60;

export interface TrafficRateState {
  readonly first: Seconds;
  readonly newest: number;
  readonly counts: readonly number[];
}

/** Requests a second over the last five minutes, or since the first one. */
export class TrafficRate {
  private first: Seconds = Infinity;
  /** The number of the newest bucket since the epoch. */
  private newest = -Infinity;
  private readonly counts: number[] = Array.from({ length: BUCKETS }, () => 0);

  /** @param saved what cannot be read, as other software made it, is as if nothing was saved */
  constructor(saved?: TrafficRateState) {
    if (!isTrafficRateState(saved)) return;
    this.first = saved.first;
    this.newest = saved.newest;
    this.counts = [...saved.counts];
  }

  add(at: Seconds): void {
    this.first = Math.min(this.first, at);
    const bucket = Math.floor(at / BUCKET);
    this.advance(bucket);
    if (bucket > this.newest - BUCKETS) this.counts[bucket % BUCKETS]!++;
  }

  perSecond(now: Seconds): number {
    const count = this.count(now);
    return count / Math.min(BUCKET * BUCKETS, Math.max(1, now - this.first));
  }

  /** Requests in the last five minutes. */
  count(now: Seconds): number {
    if (this.newest * BUCKET > now + AHEAD) this.restart();
    this.advance(Math.floor(now / BUCKET));
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** JSON knows no infinity: nothing was counted yet. */
  toJSON(): TrafficRateState | undefined {
    if (this.first === Infinity) return undefined;
    return { first: this.first, newest: this.newest, counts: this.counts };
  }

  private restart(): void {
    this.first = Infinity;
    this.newest = -Infinity;
    this.counts.fill(0);
  }

  private advance(bucket: number): void {
    if (bucket <= this.newest) return;
    const from = Math.max(this.newest + 1, bucket - BUCKETS + 1);
    for (let each = from; each <= bucket; each++) this.counts[each % BUCKETS] = 0;
    this.newest = bucket;
  }
}

export function isTrafficRateState(saved: unknown): saved is TrafficRateState {
  const { first, newest, counts } = (saved ?? {}) as Partial<Record<keyof TrafficRateState, unknown>>;
  return Number.isFinite(first) && Number.isInteger(newest) && areCounts(counts, BUCKETS);
}
