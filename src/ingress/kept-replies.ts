import type { KeptReply } from '../core/reply-cache.ts';
import type { Bytes, Milliseconds } from '../core/units.ts';
import type { IncomingReply, ReplySink } from './reply.ts';
import { WrappedReply } from './wrapped-reply.ts';

/** A reply that was kept, as if it came from the provider: all that happens to replies happens to it. */
export class ReplayedReply implements IncomingReply {
  readonly status: number;
  readonly statusText: string;
  readonly rawHeaders: readonly Buffer[];
  readonly hasWaiting = true;
  private readonly kept: KeptReply;
  private isStopped = false;

  constructor(kept: KeptReply) {
    this.status = kept.status;
    this.statusText = kept.statusText;
    this.rawHeaders = kept.headers.map((text) => Buffer.from(text, 'latin1'));
    this.kept = kept;
  }

  header(name: string): string | undefined {
    const { headers } = this.kept;
    for (let i = 0; i + 1 < headers.length; i += 2) if (headers[i]!.toLowerCase() === name) return headers[i + 1]!;
    return undefined;
  }

  pipeTo(sink: ReplySink): void {
    if (this.kept.body.length > 0) sink.data(this.kept.body);
    // A sink that refuses what it got has ended its reply itself.
    if (!this.isStopped) sink.end();
  }

  pause(): void {}

  resume(): void {}

  stop(): void {
    this.isStopped = true;
  }
}

/** What belongs to one reply, or to the account at the moment it was given. */
const NOT_KEPT =
  /^(?:set-cookie|connection|keep-alive|transfer-encoding|x-ratelimit-.*|anthropic-ratelimit-.*|retry-after.*)$/;

/** Passes a reply on and keeps what it was, as far as it is not too large. */
export class RecordedReply extends WrappedReply {
  private readonly maxBytes: Bytes;
  private pieces: Buffer[] = [];
  private size = 0;
  private isWhole = false;

  constructor(reply: IncomingReply, maxBytes: Bytes) {
    super(reply);
    this.maxBytes = maxBytes;
  }

  pipeTo(sink: ReplySink): void {
    this.reply.pipeTo({
      data: (chunk) => {
        this.size += chunk.length;
        if (this.size <= this.maxBytes) this.pieces.push(chunk);
        else this.pieces = [];
        sink.data(chunk);
      },
      end: () => {
        this.isWhole = this.size <= this.maxBytes;
        sink.end();
      },
      fail: (failure) => sink.fail(failure),
    });
  }

  /** Null: it did not come to its end, or is too large. @param giver `provider/model` @param keptAt wall clock */
  kept(giver: string, keptAt: Milliseconds): KeptReply | null {
    if (!this.isWhole) return null;
    const headers: string[] = [];
    const { rawHeaders: raw, status, statusText } = this.reply;
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const name = raw[i]!.toString('latin1');
      if (!NOT_KEPT.test(name.toLowerCase())) headers.push(name, raw[i + 1]!.toString('latin1'));
    }
    return { status, statusText, headers, body: Buffer.concat(this.pieces, this.size), keptAt, giver };
  }
}
