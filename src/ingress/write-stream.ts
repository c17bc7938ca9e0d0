import type { ServerResponse } from 'node:http';
import type { Bytes, Milliseconds } from '../core/units.ts';

/** What a slow reader holds up. */
interface Source {
  pause(): void;
  resume(): void;
}

const EMPTY = Buffer.alloc(0);
const SMALL_REPLY: Bytes = 16 * 1024;

/**
 * Ends a reply; a client that takes nothing of what is left for `stallTimeout` is cut off. The socket's own timeout is
 * put off by every byte that the client takes, and Node replaces it by the keep-alive timeout when the reply is out.
 */
export function endReply(outgoing: ServerResponse, last: Buffer, stallTimeout: Milliseconds): void {
  // Node joins a head and a text to one write; a head and a buffer are two. Latin-1 is byte for byte.
  if (last.length <= SMALL_REPLY) outgoing.end(last.toString('latin1'), 'latin1');
  else outgoing.end(last);
  if (outgoing.writableLength > 0) outgoing.setTimeout(stallTimeout);
}

/**
 * Writes to a client at the client's speed: while the socket is full the source is paused, and a client that reads
 * nothing for `stallTimeout` is cut off.
 */
export class StreamWriter {
  private readonly outgoing: ServerResponse;
  private readonly source: Source;
  private readonly stallTimeout: Milliseconds;
  private stallTimer: NodeJS.Timeout | null = null;

  constructor(outgoing: ServerResponse, source: Source, stallTimeout: Milliseconds) {
    this.outgoing = outgoing;
    this.source = source;
    this.stallTimeout = stallTimeout;
  }

  write(bytes: Buffer): void {
    if (this.outgoing.destroyed || this.outgoing.write(bytes) || this.stallTimer !== null) return;
    this.source.pause();
    this.stallTimer = setTimeout(() => this.outgoing.destroy(), this.stallTimeout);
    this.outgoing.once('drain', () => {
      this.stopTimer();
      this.source.resume();
    });
  }

  end(): void {
    this.stopTimer();
    endReply(this.outgoing, EMPTY, this.stallTimeout);
  }

  /** Ends without the final chunk: the client must see that the reply is not complete. */
  breakOff(last: Buffer | null): void {
    this.stopTimer();
    const { socket } = this.outgoing;
    if (last === null || socket === null) {
      this.outgoing.destroy();
      return;
    }
    // A client that does not read cannot hold the connection open by not taking the last event either.
    const timer = setTimeout(() => socket.destroy(), this.stallTimeout);
    socket.once('close', () => clearTimeout(timer));
    this.outgoing.write(last, () => socket.end(() => socket.destroy()));
  }

  /** The client is gone; nothing will drain. */
  close(): void {
    this.stopTimer();
  }

  private stopTimer(): void {
    if (this.stallTimer !== null) clearTimeout(this.stallTimer);
    this.stallTimer = null;
  }
}
