import type { ServerResponse } from 'node:http';
import { GatewayError } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Bytes } from '../core/units.ts';
import type { BodyFilter } from './body-filter.ts';
import { sendHead, type IncomingReply, type ReplyFailure, type ReplySink, type RespondContext } from './reply.ts';
import { sendBuffered } from './respond-buffered.ts';
import { StreamWriter } from './write-stream.ts';

/** A reply of known length that is judged in full by then goes out with the length that it has. */
const MOST_KEPT: Bytes = 64 * 1024;

/** Text of any length: files, results of batches, pages. @throws GatewayError before the first byte */
export function relayFiltered(
  outgoing: ServerResponse,
  exchange: Exchange,
  reply: IncomingReply,
  filter: BodyFilter,
  context: RespondContext,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const sink = new FilteredSink(outgoing, exchange, reply, filter, context, { resolve, reject });
    sink.begin();
    reply.pipeTo(sink);
  });
}

interface Settle {
  resolve(): void;
  reject(error: unknown): void;
}

class FilteredSink implements ReplySink {
  private readonly outgoing: ServerResponse;
  private readonly exchange: Exchange;
  private readonly reply: IncomingReply;
  private readonly filter: BodyFilter;
  private readonly context: RespondContext;
  private readonly settle: Settle;
  private readonly writer: StreamWriter;
  /** Judged, and not sent while the head is not. */
  private kept: Buffer[] = [];
  /** As they came, while the head is not sent. */
  private original: Buffer[] = [];
  private originalBytes: Bytes = 0;
  private hasHead = false;
  private isOver = false;

  constructor(
    outgoing: ServerResponse,
    exchange: Exchange,
    reply: IncomingReply,
    filter: BodyFilter,
    context: RespondContext,
    settle: Settle,
  ) {
    this.outgoing = outgoing;
    this.exchange = exchange;
    this.reply = reply;
    this.filter = filter;
    this.context = context;
    this.settle = settle;
    this.writer = new StreamWriter(outgoing, reply, context.stallTimeout);
  }

  /** The head of a reply without a length need not wait for anything. */
  begin(): void {
    if (this.reply.header('content-length') === undefined) this.sendHead(true);
  }

  data(chunk: Buffer): void {
    if (this.isOver || !this.judge(() => this.filter.push(chunk))) return;
    if (!this.hasHead) this.delayHead(chunk);
    if (this.hasHead) this.flush();
  }

  end(): void {
    if (this.isOver || !this.judge(() => this.filter.finish(false))) return;
    this.isOver = true;
    this.context.onWhole();
    if (this.hasHead) {
      this.flush();
      this.writer.end();
    } else this.sendWhole();
    this.settle.resolve();
  }

  fail(failure: ReplyFailure): void {
    if (this.isOver) return;
    if (failure.kind === 'client_gone') {
      this.isOver = true;
      this.writer.close();
      this.settle.resolve();
      return;
    }
    this.context.onCut();
    if (!this.judge(() => this.filter.finish(true))) return;
    if (!this.hasHead) this.sendHead(true);
    this.breakOff(failure.toGatewayError(this.exchange.provider));
  }

  /** False where it may not pass, or cannot be judged: then the reply has ended. */
  private judge(inspect: () => readonly Buffer[]): boolean {
    try {
      this.kept.push(...inspect());
      return true;
    } catch (error) {
      this.isOver = true;
      this.reply.stop('malformed_reply');
      this.kept = [];
      if (this.hasHead) this.breakOff(told(error));
      else this.settle.reject(told(error));
      return false;
    }
  }

  private delayHead(chunk: Buffer): void {
    this.original.push(chunk);
    this.originalBytes += chunk.length;
    if (this.filter.isRaw) this.sendHead(!this.isUnchanged);
    else if (this.originalBytes > MOST_KEPT) this.sendHead(true);
  }

  private get isUnchanged(): boolean {
    return Buffer.concat(this.original).equals(Buffer.concat(this.kept));
  }

  private breakOff(error: GatewayError): void {
    this.isOver = true;
    this.exchange.fail('truncated', error.code);
    this.writer.breakOff(Buffer.concat(this.kept));
    this.settle.resolve();
  }

  private sendHead(isChanged: boolean): void {
    this.hasHead = true;
    this.original = [];
    sendHead(this.outgoing, this.exchange, this.reply, this.context.clock, isChanged);
  }

  private flush(): void {
    for (const piece of this.kept) this.writer.write(piece);
    this.kept = [];
  }

  private sendWhole(): void {
    const body = Buffer.concat(this.kept);
    const original = this.isUnchanged ? body : Buffer.concat(this.original);
    sendBuffered(this.outgoing, this.exchange, this.reply, original, body, this.context);
  }
}

function told(error: unknown): GatewayError {
  if (!(error instanceof GatewayError)) return new GatewayError('internal_error', 'The reply could not be inspected.');
  if (error.code !== 'body_too_large') return error;
  return new GatewayError('upstream_unavailable', 'The reply of the provider is too large to be inspected.');
}
