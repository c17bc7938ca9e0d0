import type { ServerResponse } from 'node:http';
import type { Transmission } from './transmission.ts';

const MAX_BATCH_CHARS = 64 * 1024; // of chunks that are due together, in one write

/** How a transmission ended. */
export interface Outcome {
  /** Chunks that were handed to the connection. */
  readonly sent: number;
  /** The client left before the simulator was done. */
  readonly aborted: boolean;
}

/** Sends at the transmission's pace and stops at once when the client leaves; `settled` is called exactly once. */
export function transmit(res: ServerResponse, plan: Transmission, settled: (outcome: Outcome) => void): void {
  new PacedWriter(res, plan, settled).start();
}

class PacedWriter {
  readonly #res: ServerResponse;
  readonly #plan: Transmission;
  readonly #settled: (outcome: Outcome) => void;
  readonly #resume = (): void => this.#pump();
  #timer: NodeJS.Timeout | null = null;
  #beganAt = 0;
  #sent = 0;
  /** The end came from here, not from the client. */
  #ended = false;

  constructor(res: ServerResponse, plan: Transmission, settled: (outcome: Outcome) => void) {
    this.#res = res;
    this.#plan = plan;
    this.#settled = settled;
  }

  start(): void {
    this.#res.once('close', () => this.#close());
    if (this.#plan.firstMs > 0) this.#timer = setTimeout(() => this.#begin(), this.#plan.firstMs);
    else this.#begin();
  }

  #begin(): void {
    const { status, headers } = this.#plan;
    if (headers !== null) this.#res.writeHead(status, headers);
    this.#beganAt = performance.now();
    this.#pump();
  }

  /** Writes all that is due. Chunks keep to the schedule of the first, so a late timer is caught up with. */
  #pump(): void {
    const { chunks, betweenMs, ending } = this.#plan;
    const due = betweenMs > 0 ? Math.floor((performance.now() - this.#beganAt) / betweenMs) + 1 : chunks.length;
    while (this.#sent < Math.min(due, chunks.length)) {
      const batch = this.#take(Math.min(due, chunks.length));
      if (this.#sent === chunks.length && ending === 'end') return this.#finish(batch);
      if (!this.#res.write(batch)) {
        this.#res.once('drain', this.#resume);
        return;
      }
    }
    if (this.#sent < chunks.length) this.#sleepUntilDue();
    else this.#finish();
  }

  #sleepUntilDue(): void {
    const dueAt = this.#beganAt + this.#sent * this.#plan.betweenMs;
    this.#timer = setTimeout(this.#resume, Math.max(1, dueAt - performance.now()));
  }

  /** The next chunk, joined with the due ones behind it as long as they are text. */
  #take(due: number): string | Uint8Array {
    const { chunks } = this.#plan;
    const first = chunks[this.#sent++]!;
    if (typeof first !== 'string') return first;
    let batch = first;
    while (this.#sent < due && batch.length < MAX_BATCH_CHARS) {
      const next = chunks[this.#sent];
      if (typeof next !== 'string') break;
      batch += next;
      this.#sent++;
    }
    return batch;
  }

  #finish(last?: string | Uint8Array): void {
    const { ending, headers } = this.#plan;
    const socket = this.#res.socket;
    if (ending === 'hold') {
      if (headers !== null) this.#res.flushHeaders();
      return;
    }
    this.#ended = true;
    if (ending === 'end') this.#res.end(last);
    else if (ending === 'cut') this.#afterFlush(() => socket?.destroySoon());
    else this.#afterFlush(() => socket?.resetAndDestroy());
  }

  /** An empty write is answered when all before it has left for the kernel; a reset would throw away the rest. */
  #afterFlush(then: () => void): void {
    if (this.#plan.headers !== null) this.#res.flushHeaders();
    this.#res.socket?.write('', then);
  }

  #close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#res.off('drain', this.#resume);
    this.#settled({ sent: this.#sent, aborted: !this.#ended });
  }
}
