import type { ServerResponse } from 'node:http';
import { GatewayError } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Operation } from '../core/operation.ts';
import type { StreamFormat } from '../core/redaction.ts';
import { SseEventTooLargeError } from '../core/sse.ts';
import type { StreamTransform } from '../core/stream-transform.ts';
import { IdFilter } from '../stream/id-filter.ts';
import { StreamRelay } from '../stream/relay.ts';
import { OwnKeysFilter } from '../stream/own-keys-filter.ts';
import { UsageFilter } from '../stream/usage-filter.ts';
import { dialectOf, UsageMeter } from '../stream/usage-meter.ts';
import { isIdentity } from './inspect-reply.ts';
import { relayBytes } from './relay-bytes.ts';
import { sendHead, type IncomingReply, type ReplyFailure, type ReplySink, type RespondContext } from './reply.ts';
import { streamError } from './respond-error.ts';
import { StreamWriter } from './write-stream.ts';

const STREAM_FORMATS: Readonly<Partial<Record<Operation, StreamFormat>>> = {
  chat: 'chat',
  text_completion: 'completions',
  responses: 'responses',
  messages: 'messages',
  passthrough: 'any',
  models: 'any',
};

/** A stream of events: metered, redacted, unchanged events as the bytes that came. @throws GatewayError */
export function respondStream(
  outgoing: ServerResponse,
  exchange: Exchange,
  reply: IncomingReply,
  context: RespondContext,
): Promise<void> {
  exchange.isStream = true;
  const encoding = reply.header('content-encoding');
  if (!isIdentity(encoding)) return respondEncoded(outgoing, exchange, reply, context);
  return new Promise((resolve) => {
    const sink = new EventSink(outgoing, exchange, reply, context, resolve);
    sendHead(outgoing, exchange, reply, context.clock, true);
    reply.pipeTo(sink);
  });
}

/** Asked for identity, a provider may compress all the same: passed on where nothing has to be judged. */
function respondEncoded(
  outgoing: ServerResponse,
  exchange: Exchange,
  reply: IncomingReply,
  context: RespondContext,
): Promise<void> {
  if (!context.redactor.inspects('response')) return relayBytes(outgoing, exchange, reply, context);
  reply.stop('malformed_reply');
  exchange.uninspected('response', 'encoding');
  const message = 'The provider compressed its stream, so it cannot be redacted.';
  return Promise.reject(new GatewayError('upstream_unavailable', message));
}

/** Takes the provider's chunks through the relay to the client. A stream that cannot be completed never ends cleanly. */
class EventSink implements ReplySink {
  private readonly exchange: Exchange;
  private readonly reply: IncomingReply;
  private readonly context: RespondContext;
  private readonly done: () => void;
  private readonly meter: UsageMeter;
  private readonly relay: StreamRelay;
  private readonly writer: StreamWriter;
  private isOver = false;

  constructor(
    outgoing: ServerResponse,
    exchange: Exchange,
    reply: IncomingReply,
    context: RespondContext,
    done: () => void,
  ) {
    const { redactor, ownKeys, clock, stallTimeout, maxEventBytes } = context;
    const format = STREAM_FORMATS[exchange.operation];
    const mustRedact = format !== undefined && redactor.inspects('response');
    this.exchange = exchange;
    this.reply = reply;
    this.context = context;
    this.done = done;
    this.meter = new UsageMeter(exchange, dialectOf(exchange.operation), clock);
    const transforms: StreamTransform[] = [];
    // What other endpoints stream was counted when it was made.
    if (format !== 'any') transforms.push(this.meter);
    if (exchange.made !== null && exchange.translated === null) transforms.push(new IdFilter(exchange.made));
    if (exchange.hidesUsage) transforms.push(new UsageFilter());
    if (!ownKeys.isEmpty) transforms.push(new OwnKeysFilter(ownKeys));
    if (mustRedact) transforms.push(redactor.openStream(format, exchange));
    this.relay = new StreamRelay(transforms, maxEventBytes);
    this.writer = new StreamWriter(outgoing, reply, stallTimeout);
  }

  data(chunk: Buffer): void {
    if (this.isOver) return;
    this.exchange.replyBytes += chunk.length;
    try {
      const bytes = this.relay.push(chunk);
      if (bytes !== null) this.writer.write(bytes);
    } catch (error) {
      this.refuse(error);
    }
  }

  end(): void {
    if (this.isOver) return;
    if (this.exchange.aborted === 'client_gone') return this.leave();
    const rest = this.finish('end');
    if (rest === undefined) return;
    if (this.meter.isTruncated) {
      this.context.onCut();
      this.breakOff(new GatewayError('upstream_unavailable', 'The provider ended the stream before its end.'), rest);
      return;
    }
    this.context.onWhole();
    if (rest !== null) this.writer.write(rest);
    this.writer.end();
    this.done();
  }

  fail(failure: ReplyFailure): void {
    if (this.isOver) return;
    if (failure.kind === 'client_gone') return this.leave();
    this.context.onCut();
    const rest = this.finish('abort');
    if (rest !== undefined) this.breakOff(failure.toGatewayError(this.exchange.provider), rest);
  }

  /** Nobody reads it any more. */
  private leave(): void {
    this.isOver = true;
    this.writer.close();
    this.done();
  }

  /** What the transforms still hold; undefined where they refuse to let it go. */
  private finish(reason: 'end' | 'abort'): Buffer | null | undefined {
    this.isOver = true;
    try {
      return this.relay.finish(reason);
    } catch (error) {
      this.refuse(error);
      return undefined;
    }
  }

  /** A transform that throws ends the stream, closed: what it could not judge is not sent. */
  private refuse(error: unknown): void {
    // Before the stop, which calls `fail`: nothing that the transforms still hold may follow.
    this.isOver = true;
    this.reply.stop('malformed_reply');
    // A rule that blocks says nothing about the target's health.
    if (error instanceof SseEventTooLargeError) this.context.onCut();
    this.breakOff(toGatewayError(error), null);
  }

  private breakOff(error: GatewayError, rest: Buffer | null): void {
    this.exchange.fail('truncated', error.code);
    const event = streamError(this.exchange.operation, error, this.exchange.id);
    this.writer.breakOff(rest === null ? event : Buffer.concat([rest, event]));
    this.done();
  }
}

function toGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof SseEventTooLargeError) return new GatewayError('upstream_unavailable', error.message);
  return new GatewayError('internal_error', 'The stream could not be inspected.');
}
