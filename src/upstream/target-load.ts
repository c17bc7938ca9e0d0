import type { Clock } from '../core/clock.ts';
import type { Load } from '../core/target.ts';
import type { Milliseconds } from '../core/units.ts';

/** What was measured counts for 1/e of it after so long. */
const MEMORY: Milliseconds = 10_000;
/** A failure weighs as much as a reply that took so long: a target that fails fast must not look like a fast one. */
const FAILURE: Milliseconds = 5_000;
/** After 429 without a time, and at most. */
const LIMITED: Milliseconds = 5_000;
const LONGEST_LIMITED: Milliseconds = 60_000;

/** A request that waits for its first byte, in the order in which they began. */
export interface Waiting {
  readonly since: Milliseconds;
  before: Waiting | null;
  after: Waiting | null;
}

/**
 * How busy and how fast one of several equal targets is: open requests, and the time to the first byte as a moving average
 * that follows a rise at once and a fall slowly. @source Finagle's peak EWMA balancer
 */
export class TargetLoad implements Load {
  outstanding = 0;
  private readonly clock: Clock;
  private readonly isCircuitOpen: () => boolean;
  private average: Milliseconds = 0;
  private measuredAt: Milliseconds = -Infinity;
  private limitedUntil: Milliseconds = -Infinity;
  private oldest: Waiting | null = null;
  private newest: Waiting | null = null;

  constructor(clock: Clock, isCircuitOpen: () => boolean) {
    this.clock = clock;
    this.isCircuitOpen = isCircuitOpen;
  }

  get isOut(): boolean {
    return this.clock.now() < this.limitedUntil || this.isCircuitOpen();
  }

  /** Null: nothing is known of it. What is long past fades, so that a slow target is tried again. */
  get latency(): Milliseconds | null {
    if (this.measuredAt === -Infinity) return null;
    return this.average * Math.exp(-(this.clock.now() - this.measuredAt) / MEMORY);
  }

  get waitingFor(): Milliseconds {
    return this.oldest === null ? 0 : this.clock.now() - this.oldest.since;
  }

  began(): Waiting {
    this.outstanding++;
    const waiting: Waiting = { since: this.clock.now(), before: this.newest, after: null };
    if (this.newest === null) this.oldest = waiting;
    else this.newest.after = waiting;
    this.newest = waiting;
    return waiting;
  }

  /** Its first byte is there, or none will come. Once. */
  heard({ before, after }: Waiting): void {
    if (before === null) this.oldest = after;
    else before.after = after;
    if (after === null) this.newest = before;
    else after.before = before;
  }

  ended(): void {
    this.outstanding--;
  }

  answered(time: Milliseconds): void {
    const now = this.clock.now();
    const weight = this.measuredAt === -Infinity ? 0 : Math.exp(-(now - this.measuredAt) / MEMORY);
    this.average = Math.max(time, this.average * weight + time * (1 - weight));
    this.measuredAt = now;
  }

  failed(time: Milliseconds): void {
    this.answered(Math.max(time, FAILURE));
  }

  /** @param asked how long to leave it alone; null: the provider does not say */
  limited(asked: Milliseconds | null): void {
    this.limitedUntil = this.clock.now() + Math.min(asked ?? LIMITED, LONGEST_LIMITED);
  }
}
