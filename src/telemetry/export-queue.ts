import type { Logger } from 'pino';
import type { Milliseconds } from '../core/units.ts';
import { CollectorError, type PartialSuccess } from './otlp-sender.ts';

/** `failed`: the collector did not take it, or rejected it out of a batch that it took. `dropped`: there was no room for it, or the gateway stopped before it was sent. */
export type ExportResult = 'sent' | 'failed' | 'dropped';

interface QueueOptions<Item> {
  /** For the log. */
  readonly what: string;
  readonly capacity: number;
  /** What waits is sent after this at the latest. */
  readonly delay: Milliseconds;
  readonly log: Logger;
  /** Rejects where the collector does not take the batch, which is lost then. */
  send(batch: Item[]): Promise<PartialSuccess>;
  counted(result: ExportResult, count: number): void;
}

/** Serialising more at one time would keep requests waiting. */
const BATCH = 256;
/** A collector that asks for more is asked again all the same. */
const LONGEST_PAUSE: Milliseconds = 5 * 60_000;

/**
 * Batches for a collector, one at a time. Bounded: a collector that is slow or away costs what is told of requests, never
 * the requests. An outage is logged at its beginning and at its end.
 */
export class ExportQueue<Item> {
  private readonly options: QueueOptions<Item>;
  private waiting: Item[] = [];
  private timer: NodeJS.Timeout | null = null;
  private sending: Promise<void> | null = null;
  private isDown = false;
  private isRejecting = false;
  /** A timer that the collector asked for: even a full batch waits for it. */
  private isPaused = false;
  private isClosed = false;

  constructor(options: QueueOptions<Item>) {
    this.options = options;
  }

  add(item: Item): void {
    if (this.isClosed || this.waiting.length >= this.options.capacity) {
      this.options.counted('dropped', 1);
      return;
    }
    this.waiting.push(item);
    if (this.sending === null) this.sendLater(this.waiting.length >= BATCH ? 0 : this.options.delay);
  }

  /** Sends what waits, for as long as there is time; the rest is dropped and told of. */
  async close(time: Milliseconds): Promise<void> {
    this.isClosed = true;
    this.stopTimer();
    const timeUp = Promise.withResolvers<'time up'>();
    const timer = setTimeout(() => timeUp.resolve('time up'), time);
    while (this.sending !== null || this.waiting.length > 0) {
      if ((await Promise.race([this.sendBatch(), timeUp.promise])) === 'time up') break;
    }
    clearTimeout(timer);
    const lost = this.waiting.length;
    this.waiting = [];
    if (lost === 0) return;
    const { log, what, counted } = this.options;
    counted('dropped', lost);
    log.warn({ what, lost }, 'telemetry was lost: the gateway stopped');
  }

  private sendLater(delay: Milliseconds): void {
    if (this.timer !== null && (delay > 0 || this.isPaused)) return;
    this.stopTimer();
    this.timer = setTimeout(() => void this.sendBatch(), delay).unref();
  }

  private stopTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.isPaused = false;
  }

  /** Never rejects. */
  private sendBatch(): Promise<void> {
    this.stopTimer();
    if (this.sending !== null) return this.sending;
    const batch = this.waiting.splice(0, BATCH);
    if (batch.length === 0) return Promise.resolve();
    this.sending = this.options.send(batch).then(
      (partial) => this.sent(batch.length, partial),
      (error: unknown) => this.failed(batch.length, error),
    );
    return this.sending;
  }

  private sent(count: number, partial: PartialSuccess): void {
    const { log, what, counted } = this.options;
    const rejected = Math.min(count, partial.rejected);
    if (count > rejected) counted('sent', count - rejected);
    if (rejected > 0) counted('failed', rejected);
    if (this.isDown) log.info({ what }, 'the telemetry collector answers again');
    this.isDown = false;
    const { message } = partial;
    const hasSaid = message !== '' || partial.rejected > 0;
    if (hasSaid && !this.isRejecting)
      log.warn(
        { what, rejected: partial.rejected, reason: short(message) },
        'the telemetry collector took only a part',
      );
    this.isRejecting = hasSaid;
    this.next(null);
  }

  private failed(count: number, error: unknown): void {
    const { log, what, counted, delay } = this.options;
    counted('failed', count);
    if (!this.isDown) log.warn({ what, reason: reasonOf(error) }, 'the telemetry collector does not take what is sent');
    this.isDown = true;
    const asked = error instanceof CollectorError ? error.retryAfter : null;
    this.next(Math.max(delay, Math.min(asked ?? 0, LONGEST_PAUSE)));
  }

  /** @param pause before anything else is sent; null: none is needed */
  private next(pause: Milliseconds | null): void {
    this.sending = null;
    if (this.isClosed) return;
    if (pause !== null && pause > 0) {
      this.sendLater(pause);
      this.isPaused = true;
    } else if (this.waiting.length > 0) this.sendLater(this.waiting.length >= BATCH ? 0 : this.options.delay);
  }
}

/** A short one: what a collector answers may be a page, and an error of the exporter may quote its options. */
function reasonOf(error: unknown): string {
  const { code, message } = error as { readonly code?: string | number; readonly message?: string };
  return short(String(code ?? message ?? 'unknown'));
}

function short(text: string): string {
  return text.slice(0, 100);
}
