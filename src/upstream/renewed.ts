import type { Clock } from '../core/clock.ts';
import type { Milliseconds } from '../core/units.ts';

/** A life is spent to this share before the next one is asked for. */
const REFRESH_AT = 0.8;
/** Credentials that end while the request is on its way would be refused. */
const MARGIN: Milliseconds = 10_000;
/** Between two attempts to renew what still holds, and between two that were forgotten. */
const PAUSE: Milliseconds = 10_000;

/** With its life from the moment at which it was asked for. */
export interface Lasting<T> {
  readonly value: T;
  readonly life: Milliseconds;
}

interface Kept<T> {
  readonly value: T;
  /** Monotonic. */
  readonly refreshAt: Milliseconds;
  readonly endsAt: Milliseconds;
}

/** Something that is asked for once for all requests, and again before it ends; requests wait only where there is none. */
export class Renewed<T extends string | object> {
  private readonly ask: () => Promise<Lasting<T>>;
  private readonly clock: Clock;
  private readonly onFailure: (error: unknown) => void;
  private kept: Kept<T> | null = null;
  private asking: Promise<T> | null = null;
  private retryAt: Milliseconds = -Infinity;
  private forgottenAt: Milliseconds = -Infinity;

  /** @param onFailure told where the old one is gone on with, and nobody else learns of it */
  constructor(ask: () => Promise<Lasting<T>>, clock: Clock, onFailure: (error: unknown) => void) {
    this.ask = ask;
    this.clock = clock;
    this.onFailure = onFailure;
  }

  /** A promise, which rejects as `ask` does, only where nothing holds. */
  current(): T | Promise<T> {
    const { kept } = this;
    const now = this.clock.now();
    if (kept === null || now >= kept.endsAt) return this.renew();
    if (now >= kept.refreshAt && now >= this.retryAt) this.renew().catch(this.onFailure);
    return kept.value;
  }

  /** The provider refuses it. @returns whether another one is worth asking for */
  forget(): boolean {
    const now = this.clock.now();
    if (now < this.forgottenAt + PAUSE) return false;
    this.forgottenAt = now;
    this.kept = null;
    return true;
  }

  private renew(): Promise<T> {
    this.asking ??= this.renewOnce().finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  private async renewOnce(): Promise<T> {
    // Before it is asked for: its life may have begun then.
    const started = this.clock.now();
    this.retryAt = started + PAUSE;
    const { value, life } = await this.ask();
    this.kept = { value, refreshAt: started + life * REFRESH_AT, endsAt: started + Math.max(0, life - MARGIN) };
    return value;
  }
}
