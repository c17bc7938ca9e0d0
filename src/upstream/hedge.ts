import type { HedgeConfig } from '../core/config.ts';
import type { Milliseconds } from '../core/units.ts';

const KEPT = 256;
/** Fewer times say too little of their tail. */
const FEWEST = 50;
/** The percentile is worked out anew after so many. */
const RENEWED_EVERY = 16;
/** A pause of the traffic saves up no more than so many second requests. */
const MOST_SAVED = 10;

/** When a second request is worth it, of one route: requests that a target keeps waiting go to another one as well. */
export class Hedge {
  private readonly config: HedgeConfig;
  private readonly streamed = new Times();
  private readonly buffered = new Times();
  private saved = 1;

  constructor(config: HedgeConfig) {
    this.config = config;
  }

  /** Once for each request. @returns how long to wait for its first target; null: as long as it takes */
  delay(isStream: boolean): Milliseconds | null {
    this.saved = Math.min(MOST_SAVED, this.saved + this.config.budget / 100);
    const { after } = this.config;
    return after === 'p95' ? this.timesOf(isStream).p95 : after;
  }

  /** Whether the budget has one. */
  tryAcquire(): boolean {
    if (this.saved < 1) return false;
    this.saved--;
    return true;
  }

  /** It was not sent after all. */
  giveBack(): void {
    this.saved++;
  }

  /** @param time of a first target to its first byte */
  answered(time: Milliseconds, isStream: boolean): void {
    this.timesOf(isStream).add(time);
  }

  private timesOf(isStream: boolean): Times {
    return isStream ? this.streamed : this.buffered;
  }
}

/** The latest times of one kind. */
class Times {
  /** Null: too few are known. */
  p95: Milliseconds | null = null;
  private readonly latest = new Float64Array(KEPT);
  private count = 0;

  add(time: Milliseconds): void {
    this.latest[this.count++ % KEPT] = time;
    if (this.count < FEWEST || this.count % RENEWED_EVERY !== 0) return;
    const sorted = this.latest.slice(0, Math.min(this.count, KEPT)).sort();
    this.p95 = sorted[Math.ceil(sorted.length * 0.95) - 1]!;
  }
}
