import type { ServerResponse } from 'node:http';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Operation } from '../core/operation.ts';
import type { Redactor, StreamFormat } from '../core/redaction.ts';
import { SseEventTooLargeError } from '../core/sse.ts';
import type { Milliseconds } from '../core/units.ts';
import { StreamRelay } from '../stream/relay.ts';
import { dialectOf, UsageMeter } from '../stream/usage-meter.ts';
import { inspectReply, MAX_REPLY_BYTES } from './inspect-reply.ts';
import { replyHeaders } from './reply-headers.ts';
import { streamError } from './respond-error.ts';
import { endReply, StreamWriter } from './write-stream.ts';

/** A provider's reply as this stage needs it: `upstream/attempt.ts` is one. */
export interface IncomingReply {
  readonly status: number;
  readonly statusText: string;
  readonly rawHeaders: readonly Buffer[];
  /** Part of the body has already arrived. */
  readonly hasWaiting: boolean;
  header(name: string): string | undefined;
  pipeTo(sink: { data(chunk: Buffer): void; end(): void; fail(failure: ReplyFailure): void }): void;
  pause(): void;
  resume(): void;
  stop(kind: 'malformed_reply'): void;
}

export interface ReplyFailure extends Error {
  readonly kind: string;
  toGatewayError(provider: string): GatewayError;
}

export interface RespondContext {
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly stallTimeout: Milliseconds;
  /** The reply broke off after it had begun: its target's health must know. */
  onCut(): void;
}

const STREAM_FORMATS: Readonly<Partial<Record<Operation, StreamFormat>>> = {
  chat: 'chat',
  text_completion: 'completions',
  responses: 'responses',
  messages: 'messages',
};

/**
 * Sends the reply on.
 * @param kept the body of an error reply that was read while other targets were tried; null where it is still to come
 * @returns when its last byte has been handed over or the client has gone
 * @throws GatewayError before the first byte
 */
export async function respond(
  outgoing: ServerResponse,
  exchange: Exchange,
  reply: IncomingReply,
  kept: Buffer | null,
  context: RespondContext,
): Promise<void> {
  exchange.status = reply.status;
  if (reply.status >= 400) exchange.fail('error', `http_${reply.status}`);
  if (kept !== null) return finishBuffered(outgoing, exchange, reply, kept, false, context);
  const type = reply.header('content-type')?.toLowerCase() ?? '';
  if (exchange.operation === 'passthrough' || exchange.operation === 'models')
    return relayBytes(outgoing, exchange, reply, context);
  if (reply.status >= 400 || !type.startsWith('text/event-stream'))
    return respondBuffered(outgoing, exchange, reply, context);
  exchange.isStream = true;
  return respondStream(outgoing, exchange, reply, context);
}

async function respondBuffered(
  outgoing: ServerResponse,
  exchange: Exchange,
  reply: IncomingReply,
  context: RespondContext,
): Promise<void> {
  const started = context.clock.now();
  const bytes = await collect(reply, exchange);
  exchange.upstreamMs += context.clock.now() - started;
  // Errors of the provider pass back unmodified: SDKs and people act on their wording.
  const inspected =
    reply.status >= 400
      ? bytes
      : await inspectReply(bytes, reply.header('content-encoding'), exchange, context.redactor);
  finishBuffered(outgoing, exchange, reply, inspected, inspected !== bytes, context);
}

function finishBuffered(
  outgoing: ServerResponse,
  exchange: Exchange,
  reply: IncomingReply,
  body: Buffer,
  isChanged: boolean,
  { clock, stallTimeout }: RespondContext,
): void {
  const headers = replyHeaders(reply.rawHeaders, exchange, isChanged);
  if (isChanged || reply.header('content-length') === undefined) headers.push('content-length', String(body.length));
  exchange.overheadMs = Math.max(0, clock.now() - exchange.receivedAt - exchange.upstreamMs);
  const timing = `sluice;dur=${exchange.overheadMs.toFixed(3)}, upstream;dur=${exchange.upstreamMs.toFixed(3)}`;
  headers.push('server-timing', timing);
  endReply(outgoing.writeHead(reply.status, reasonPhrase(reply), headers), body, stallTimeout);
}

function collect(reply: IncomingReply, exchange: Exchange): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    reply.pipeTo({
      data(chunk) {
        size += chunk.length;
        if (size > MAX_REPLY_BYTES) reply.stop('malformed_reply');
        else chunks.push(chunk);
      },
      end: () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)),
      fail: (failure) => reject(failure.kind === 'client_gone' ? failure : failure.toGatewayError(exchange.provider)),
    });
  });
}

function respondStream(
  outgoing: ServerResponse,
  exchange: Exchange,
  reply: IncomingReply,
  context: RespondContext,
): Promise<void> {
  const mustRedact = context.redactor.inspects('response');
  const encoding = reply.header('content-encoding');
  if (encoding !== undefined && encoding !== 'identity') {
    if (!mustRedact) return relayBytes(outgoing, exchange, reply, context);
    reply.stop('malformed_reply');
    throw new GatewayError(
      'upstream_unavailable',
      'The stream of the provider is compressed, so it cannot be redacted.',
    );
  }
  const format = STREAM_FORMATS[exchange.operation];
  const meter = new UsageMeter(exchange, dialectOf(exchange.operation), context.clock);
  const redact = mustRedact && format !== undefined ? [context.redactor.openStream(format, exchange)] : [];
  const relay = new StreamRelay([meter, ...redact]);
  return new Promise((resolve) => {
    const writer = new StreamWriter(outgoing, reply, context.stallTimeout);
    const breakOff = (error: GatewayError, rest: Buffer | null): void => {
      exchange.fail('truncated', error.code);
      const event = streamError(exchange.operation, error, exchange.id);
      writer.breakOff(rest === null ? event : Buffer.concat([rest, event]));
      resolve();
    };
    let isOver = false;
    /** A transform that throws ends the stream, closed: what it could not judge is not sent. */
    const guarded = (step: () => Buffer | null): Buffer | null | undefined => {
      try {
        return step();
      } catch (error) {
        // Before the stop, which calls `fail`: nothing that the transforms still hold may follow.
        isOver = true;
        reply.stop('malformed_reply');
        // A rule that blocks says nothing about the target's health.
        if (error instanceof SseEventTooLargeError) context.onCut();
        breakOff(toGatewayError(error), null);
        return undefined;
      }
    };
    sendHead(outgoing, exchange, reply, context, true);
    reply.pipeTo({
      data(chunk) {
        if (isOver) return;
        const bytes = guarded(() => relay.push(chunk));
        if (bytes !== undefined && bytes !== null) writer.write(bytes);
      },
      end() {
        if (isOver) return;
        isOver = true;
        const rest = guarded(() => relay.finish('end'));
        if (rest === undefined) return;
        if (meter.isTruncated) {
          context.onCut();
          breakOff(
            new GatewayError('upstream_unavailable', 'The provider ended the stream before it was complete.'),
            rest,
          );
          return;
        }
        if (rest !== null) writer.write(rest);
        writer.end();
        resolve();
      },
      fail(failure) {
        if (isOver) return;
        isOver = true;
        if (failure.kind === 'client_gone') {
          writer.close();
          resolve();
          return;
        }
        context.onCut();
        const rest = guarded(() => relay.finish('abort'));
        if (rest !== undefined) breakOff(failure.toGatewayError(exchange.provider), rest);
      },
    });
  });
}

function toGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof SseEventTooLargeError) return new GatewayError('upstream_unavailable', error.message);
  return new GatewayError('internal_error', 'The stream could not be inspected.');
}

/** Bytes as they come, whatever they are: unknown paths, files, audio. */
function relayBytes(
  outgoing: ServerResponse,
  exchange: Exchange,
  reply: IncomingReply,
  context: RespondContext,
): Promise<void> {
  return new Promise((resolve) => {
    const writer = new StreamWriter(outgoing, reply, context.stallTimeout);
    sendHead(outgoing, exchange, reply, context, false);
    reply.pipeTo({
      data: (chunk) => writer.write(chunk),
      end() {
        writer.end();
        resolve();
      },
      fail(failure) {
        if (failure.kind === 'client_gone') writer.close();
        else {
          exchange.fail('truncated', failure.toGatewayError(exchange.provider).code);
          writer.breakOff(null);
          context.onCut();
        }
        resolve();
      },
    });
  });
}

function sendHead(
  outgoing: ServerResponse,
  exchange: Exchange,
  reply: IncomingReply,
  context: RespondContext,
  isChanged: boolean,
): void {
  exchange.overheadMs = Math.max(0, context.clock.now() - exchange.receivedAt - exchange.upstreamMs);
  outgoing.writeHead(reply.status, reasonPhrase(reply), replyHeaders(reply.rawHeaders, exchange, isChanged));
  // With no chunk at hand the headers go first, so that the client knows the call was accepted; else both in one packet.
  if (!reply.hasWaiting) outgoing.flushHeaders();
}

/** Providers may put bytes there that Node refuses to write; the phrase means nothing, so any stand-in will do. */
function reasonPhrase({ statusText }: IncomingReply): string {
  return statusText.replace(/[^\x20-\x7e]/g, '?');
}
