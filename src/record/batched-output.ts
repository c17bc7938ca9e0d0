import { write, writeSync } from 'node:fs';
import type { Chars, Milliseconds } from '../core/units.ts';

/** Written at once when so much has gathered. */
const BATCH_CHARS: Chars = 128 * 1024;
/** Written after this at the latest, so that a quiet gateway's lines are seen. */
const MAX_DELAY: Milliseconds = 200;
/** A reader that is blocked for long must not fill the memory: what comes then is dropped, and the loss is told. */
const MAX_WAITING_CHARS: Chars = 8 * 1024 * 1024;
const RETRY_DELAY: Milliseconds = 5;

/**
 * Log lines to a file descriptor in batches, off the event loop. The logger's own buffered destination measures its
 * whole buffer again at each line, which costs more than everything else that is done for the line.
 */
export class BatchedOutput {
  private readonly descriptor: number;
  /** Used again for every batch: one allocation of this size per batch would leave the process ever larger. */
  private readonly page = Buffer.allocUnsafeSlow(2 * BATCH_CHARS);
  private waiting = '';
  private dropped = 0;
  private isWriting = false;
  private timer: NodeJS.Timeout | null = null;

  constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  write(line: string): void {
    if (this.waiting.length > MAX_WAITING_CHARS) {
      this.dropped++;
      return;
    }
    this.waiting += line;
    if (this.waiting.length >= BATCH_CHARS) this.writeBatch();
    else this.writeSoon();
  }

  /** Everything that waits, before the process ends. */
  flushSync(): void {
    const batch = Buffer.from(this.take(), 'utf8');
    for (let from = 0; from < batch.length;) {
      try {
        from += writeSync(this.descriptor, batch, from);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      }
    }
  }

  private writeSoon(): void {
    this.timer ??= setTimeout(() => {
      // Where a batch is still being written, what waits is timed anew behind it.
      this.timer = null;
      this.writeBatch();
    }, MAX_DELAY).unref();
  }

  private writeBatch(): void {
    if (!this.isWriting && this.waiting !== '') this.send(this.encode(this.take()));
  }

  /** Only while no batch is being written, whose page it is. */
  private encode(text: string): Buffer {
    if (Buffer.byteLength(text) > this.page.length) return Buffer.from(text, 'utf8');
    return this.page.subarray(0, this.page.write(text, 'utf8'));
  }

  private take(): string {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const loss =
      this.dropped === 0 ? '' : `{"level":40,"msg":"${this.dropped} log lines were dropped: the output was blocked"}\n`;
    const batch = this.waiting + loss;
    this.waiting = '';
    this.dropped = 0;
    return batch;
  }

  private send(batch: Buffer): void {
    this.isWriting = true;
    write(this.descriptor, batch, (error, written) => {
      const rest = batch.subarray(error === null ? written : 0);
      if (error !== null && error.code !== 'EAGAIN') this.sent();
      else if (rest.length === 0) this.sent();
      else if (error === null) this.send(rest);
      else setTimeout(() => this.send(rest), RETRY_DELAY).unref();
    });
  }

  private sent(): void {
    this.isWriting = false;
    if (this.waiting.length >= BATCH_CHARS) this.writeBatch();
    else if (this.waiting !== '') this.writeSoon();
  }
}
