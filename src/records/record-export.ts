import type { Logger } from 'pino';
import type { RequestRecord } from '../core/recent.ts';
import type { RecordSink } from '../core/record-sink.ts';
import type { Milliseconds } from '../core/units.ts';

interface ExportOptions {
  readonly sink: RecordSink;
  /** Records that may wait. */
  readonly capacity: number;
  readonly log: Logger;
  /** `dropped`: there was no room, or the gateway stopped before the sink took them. */
  counted(result: 'written' | 'dropped', count: number): void;
}

const BATCH = 1_000;
/** What waits is written after this at the latest. */
const DELAY: Milliseconds = 500;
const FIRST_RETRY: Milliseconds = 500;
const LAST_RETRY: Milliseconds = 30_000;
const REMOVE_EVERY: Milliseconds = 10 * 60_000;

/**
 * Records on their way to a sink, in batches, one at a time. A sink that fails is tried again until it takes them; meanwhile
 * records wait, and what there is no room for is dropped and counted. Requests never wait.
 */
export class RecordExport {
  private readonly options: ExportOptions;
  private waiting: RequestRecord[] = [];
  /** Offered to the sink, and not yet taken. */
  private batch: RequestRecord[] = [];
  private writing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private retryDelay = FIRST_RETRY;
  private isDown = false;
  private isClosed = false;
  private readonly removal: NodeJS.Timeout;

  constructor(options: ExportOptions) {
    this.options = options;
    this.removal = setInterval(() => void this.removeOld(), REMOVE_EVERY).unref();
    void this.removeOld();
  }

  add(record: RequestRecord): void {
    if (this.isClosed || this.waiting.length + this.batch.length >= this.options.capacity) {
      this.options.counted('dropped', 1);
      return;
    }
    this.waiting.push(record);
    if (this.writing === null) this.writeLater(this.waiting.length >= BATCH && !this.isDown ? 0 : DELAY);
  }

  /** Writes what waits, for as long as there is time; what the sink does not take by then is lost, and told of. */
  async close(time: Milliseconds): Promise<void> {
    this.isClosed = true;
    clearInterval(this.removal);
    const timeUp = Promise.withResolvers<'time up'>();
    const timer = setTimeout(() => timeUp.resolve('time up'), time);
    while (this.writing !== null || this.left > 0) {
      if ((await Promise.race([this.write(), timeUp.promise])) === 'time up') break;
      if (this.isDown && (await Promise.race([pause(FIRST_RETRY), timeUp.promise])) === 'time up') break;
    }
    clearTimeout(timer);
    this.stopTimer();
    const { sink, log, counted } = this.options;
    const lost = this.left;
    if (lost > 0) {
      counted('dropped', lost);
      log.error({ sink: sink.name, lost }, 'records were lost: the gateway stopped before they could be written');
    }
    await sink.close();
  }

  private get left(): number {
    return this.waiting.length + this.batch.length;
  }

  private writeLater(delay: Milliseconds): void {
    if (this.timer !== null && delay > 0) return;
    this.stopTimer();
    this.timer = setTimeout(() => void this.write(), delay).unref();
  }

  private stopTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  /** Never rejects. */
  private write(): Promise<void> {
    this.stopTimer();
    if (this.writing !== null) return this.writing;
    if (this.batch.length === 0) this.batch = this.waiting.splice(0, BATCH);
    if (this.batch.length === 0) return Promise.resolve();
    this.writing = this.options.sink.write(this.batch).then(
      () => this.written(),
      (error: unknown) => this.failed(error),
    );
    return this.writing;
  }

  private written(): void {
    const { sink, log, counted } = this.options;
    counted('written', this.batch.length);
    this.batch = [];
    this.writing = null;
    if (this.isDown) log.info({ sink: sink.name }, 'records are written again');
    this.isDown = false;
    this.retryDelay = FIRST_RETRY;
    if (this.waiting.length > 0 && !this.isClosed) this.writeLater(this.waiting.length >= BATCH ? 0 : DELAY);
  }

  private failed(error: unknown): void {
    const { sink, log } = this.options;
    this.writing = null;
    if (!this.isDown) log.error({ sink: sink.name, err: error }, 'records cannot be written; they wait');
    this.isDown = true;
    if (!this.isClosed) this.writeLater(this.retryDelay);
    this.retryDelay = Math.min(2 * this.retryDelay, LAST_RETRY);
  }

  private async removeOld(): Promise<void> {
    const { sink, log } = this.options;
    try {
      await sink.removeOld();
    } catch (error) {
      log.warn({ sink: sink.name, err: error }, 'old records cannot be removed');
    }
  }
}

function pause(time: Milliseconds): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}
