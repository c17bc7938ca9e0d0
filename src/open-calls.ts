import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Exchange } from './core/exchange.ts';
import type { Grant } from './limits/admission.ts';
import type { Snapshot } from './snapshot.ts';

/** A request being served: what every step of the request path needs at hand. */
export interface OpenCall {
  readonly exchange: Exchange;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** It stays on the one that it began with. */
  readonly snapshot: Snapshot;
  /** Its index among the open calls; -1 where it is not, or no longer, among them. */
  slot: number;
  /** What it holds of its limits until its last byte; null: nothing. */
  grant: Grant | null;
  /** Of a hedged call: the request that was ended; null: it was sent once, or nothing is limited. */
  second: SecondRequest | null;
  /** Its last byte was handed over, and it was told of. */
  hasEnded: boolean;
  /** Once it has ended and was told of; null: nothing comes after it. */
  afterwards: (() => void) | null;
}

/** What a hedged call holds for the one of its two requests whose reply nobody reads. */
export interface SecondRequest {
  readonly grant: Grant;
  readonly provider: string;
  /** The upstream's name of it. */
  readonly model: string;
}

/**
 * The calls that are open. An array in which the last one fills a gap, and not a `Set`: each time a set's table is full
 * of removed entries V8 makes a new one, and the old table keeps the new one and its entries alive. A dead table that
 * has reached the old generation so carries every later call there with it (measured: a fifth of all that was allocated).
 */
export class OpenCalls {
  private readonly calls: OpenCall[] = [];

  add(call: OpenCall): void {
    call.slot = this.calls.length;
    this.calls.push(call);
  }

  /** False where it is not among them. */
  remove(call: OpenCall): boolean {
    const { calls } = this;
    const { slot } = call;
    if (slot < 0) return false;
    const last = calls.pop()!;
    if (last !== call) {
      calls[slot] = last;
      last.slot = slot;
    }
    call.slot = -1;
    return true;
  }

  /** A copy: a call may leave while it is looked at. */
  list(): readonly OpenCall[] {
    return [...this.calls];
  }
}
