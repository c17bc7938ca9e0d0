import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { Milliseconds } from '../core/units.ts';

/** Whoever sends made-up keys causes so many reads of the store at most, however many he sends. */
const GAP: Milliseconds = 10;
const AT_ONCE = 256;
const MAX_WAITING = 5_000;

/** Waits in real time; tests give their own. */
export type After = (delay: Milliseconds, callback: () => void) => unknown;

const systemAfter: After = (delay, callback) => setTimeout(callback, delay);

interface Waiting<Found> {
  readonly promise: Promise<Found>;
  resolve(found: Found): void;
  reject(error: unknown): void;
}

/** Reads of keys by digest: one for each digest however many ask, many digests at a time, a bounded number in a second. */
export class KeyReads<Found> {
  private readonly fetch: (digests: readonly string[]) => Promise<(digest: string) => Found>;
  private readonly clock: Clock;
  private readonly after: After;
  /** Queued or being read. */
  private readonly waiting = new Map<string, Waiting<Found>>();
  private queue: string[] = [];
  private isScheduled = false;
  private lastStart = Number.NEGATIVE_INFINITY;

  constructor(
    fetch: (digests: readonly string[]) => Promise<(digest: string) => Found>,
    clock: Clock,
    after: After = systemAfter,
  ) {
    this.fetch = fetch;
    this.clock = clock;
    this.after = after;
  }

  /** Rejects with what `fetch` rejects with; GatewayError `overloaded` */
  read(digest: string): Promise<Found> {
    const joined = this.waiting.get(digest);
    if (joined !== undefined) return joined.promise;
    if (this.waiting.size >= MAX_WAITING)
      return Promise.reject(
        new GatewayError('overloaded', 'Too many keys are being looked up; try again.', { retryAfterSeconds: 1 }),
      );
    const waiting = Promise.withResolvers<Found>();
    this.waiting.set(digest, waiting);
    this.queue.push(digest);
    this.schedule();
    return waiting.promise;
  }

  private schedule(): void {
    if (this.isScheduled || this.queue.length === 0) return;
    this.isScheduled = true;
    const delay = this.lastStart + GAP - this.clock.now();
    if (delay <= 0) void this.run();
    else this.after(delay, () => void this.run());
  }

  private async run(): Promise<void> {
    this.lastStart = this.clock.now();
    const digests = this.queue.slice(0, AT_ONCE);
    this.queue = this.queue.slice(AT_ONCE);
    try {
      const found = await this.fetch(digests);
      for (const digest of digests) this.take(digest).resolve(found(digest));
    } catch (error) {
      for (const digest of digests) this.take(digest).reject(error);
    }
    this.isScheduled = false;
    this.schedule();
  }

  private take(digest: string): Waiting<Found> {
    const waiting = this.waiting.get(digest)!;
    this.waiting.delete(digest);
    return waiting;
  }
}
