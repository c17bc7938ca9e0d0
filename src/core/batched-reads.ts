import type { Clock } from './clock.ts';
import { GatewayError } from './errors.ts';
import type { Milliseconds } from './units.ts';

/** Whoever sends made-up names causes so many reads of the store at most, however many he sends. */
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

/** Reads by name: one for each name however many ask, many names at a time, a bounded number in a second. */
export class BatchedReads<Found> {
  private readonly fetch: (names: readonly string[]) => Promise<(name: string) => Found>;
  private readonly clock: Clock;
  private readonly after: After;
  /** Queued or being read. */
  private readonly waiting = new Map<string, Waiting<Found>>();
  private queue: string[] = [];
  private isScheduled = false;
  private lastStart = Number.NEGATIVE_INFINITY;

  constructor(
    fetch: (names: readonly string[]) => Promise<(name: string) => Found>,
    clock: Clock,
    after: After = systemAfter,
  ) {
    this.fetch = fetch;
    this.clock = clock;
    this.after = after;
  }

  /** Rejects with what `fetch` rejects with; GatewayError `overloaded` */
  read(name: string): Promise<Found> {
    const joined = this.waiting.get(name);
    if (joined !== undefined) return joined.promise;
    if (this.waiting.size >= MAX_WAITING)
      return Promise.reject(
        new GatewayError('overloaded', 'Too much is being looked up; try again.', { retryAfterSeconds: 1 }),
      );
    const waiting = Promise.withResolvers<Found>();
    this.waiting.set(name, waiting);
    this.queue.push(name);
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
    const names = this.queue.slice(0, AT_ONCE);
    this.queue = this.queue.slice(AT_ONCE);
    try {
      const found = await this.fetch(names);
      for (const name of names) this.take(name).resolve(found(name));
    } catch (error) {
      for (const name of names) this.take(name).reject(error);
    }
    this.isScheduled = false;
    this.schedule();
  }

  private take(name: string): Waiting<Found> {
    const waiting = this.waiting.get(name)!;
    this.waiting.delete(name);
    return waiting;
  }
}
