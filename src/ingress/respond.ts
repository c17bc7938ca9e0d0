import type { ServerResponse } from 'node:http';
import type { Exchange } from '../core/exchange.ts';
import type { Inspection } from './body-filter.ts';
import type { ReplyJudge } from '../core/policy.ts';
import { fileFilter } from './file-filter.ts';
import { inspectDocument, inspectError } from './inspect-other.ts';
import { inspectReply, isIdentity, MAX_REPLY_BYTES } from './inspect-reply.ts';
import { mediaKind } from './media-kind.ts';
import { relayBytes } from './relay-bytes.ts';
import { relayFiltered } from './relay-filtered.ts';
import type { IncomingReply, RespondContext } from './reply.ts';
import { respondBuffered, sendBuffered } from './respond-buffered.ts';
import { respondStream } from './respond-stream.ts';

/**
 * Sends the reply on: as bytes, as events, or whole.
 * @param kept the body of an error reply that was read while other targets were tried; null where it is still to come
 * @returns when its last byte has been handed over or the client has gone
 * @throws GatewayError before the first byte
 */
export function respond(
  outgoing: ServerResponse,
  exchange: Exchange,
  reply: IncomingReply,
  kept: Buffer | null,
  context: RespondContext,
): Promise<void> {
  exchange.status = reply.status;
  if (reply.status < 400 && exchange.tally !== null) exchange.tally.hasBegun = true;
  if (reply.status >= 400) exchange.fail('error', `http_${reply.status}`);
  const isParsed = exchange.operation !== 'passthrough' && exchange.operation !== 'models';
  if (kept !== null) return sendKept(outgoing, exchange, reply, kept, context);
  if (reply.status >= 400 && (isParsed || isReadable(outgoing, reply)))
    return respondBuffered(outgoing, exchange, reply, context, (bytes) =>
      inspectError(bytes, reply, exchange, context),
    );
  if (!isParsed) return respondOther(outgoing, exchange, reply, context);
  const { judge } = context;
  if (isEventStream(reply)) {
    const streamed = respondStream(outgoing, exchange, reply, context);
    return judge === null ? streamed : streamed.then(() => judge.streamed());
  }
  return respondBuffered(outgoing, exchange, reply, context, (bytes) => {
    const inspected = inspectReply(bytes, reply.header('content-encoding'), exchange, context);
    return judge === null ? inspected : judged(inspected, judge);
  });
}

/** Judged last: by then its usage and outcome are read. */
function judged(inspected: Buffer | Promise<Buffer>, judge: ReplyJudge): Buffer | Promise<Buffer> {
  if (inspected instanceof Promise) return inspected.then((bytes) => judged(bytes, judge));
  judge.buffered();
  return inspected;
}

async function sendKept(
  outgoing: ServerResponse,
  exchange: Exchange,
  reply: IncomingReply,
  kept: Buffer,
  context: RespondContext,
): Promise<void> {
  const body = await inspectError(kept, reply, exchange, context);
  sendBuffered(outgoing, exchange, reply, kept, body, context);
}

function isEventStream(reply: IncomingReply): boolean {
  return reply.header('content-type')?.toLowerCase().startsWith('text/event-stream') === true;
}

function hasBody(outgoing: ServerResponse, reply: IncomingReply): boolean {
  return outgoing.req.method !== 'HEAD' && reply.status !== 204 && reply.status !== 304;
}

/** It has a body, and by what it says that may be text. */
function isReadable(outgoing: ServerResponse, reply: IncomingReply): boolean {
  return hasBody(outgoing, reply) && mediaKind(reply.header('content-type')) !== 'media';
}

/** Of an endpoint that is passed through: inspected as far as it can be read. */
function respondOther(
  outgoing: ServerResponse,
  exchange: Exchange,
  reply: IncomingReply,
  context: RespondContext,
): Promise<void> {
  const { redactor, editor } = context;
  const isInspected = redactor.inspects('response');
  if ((!isInspected && editor === null) || !hasBody(outgoing, reply))
    return relayBytes(outgoing, exchange, reply, context);
  const kind = mediaKind(reply.header('content-type'));
  if (kind === 'json')
    return respondBuffered(outgoing, exchange, reply, context, (bytes) =>
      inspectDocument(bytes, reply, exchange, context),
    );
  if (!isInspected) return relayBytes(outgoing, exchange, reply, context);
  if (kind === 'media') {
    exchange.uninspected('response', 'media');
    return relayBytes(outgoing, exchange, reply, context);
  }
  if (isEncoded(reply)) return relayEncoded(outgoing, exchange, reply, context);
  if (kind === 'events') return respondStream(outgoing, exchange, reply, context);
  const inspection: Inspection = { redactor, direction: 'response', log: exchange, maxBytes: MAX_REPLY_BYTES };
  return relayFiltered(outgoing, exchange, reply, fileFilter(kind, false, inspection, ''), context);
}

function isEncoded(reply: IncomingReply): boolean {
  const encoding = reply.header('content-encoding');
  return !isIdentity(encoding);
}

/** Asked for identity, a server may compress all the same. */
function relayEncoded(
  outgoing: ServerResponse,
  exchange: Exchange,
  reply: IncomingReply,
  context: RespondContext,
): Promise<void> {
  try {
    context.redactor.uninspected('response', 'encoding', exchange);
  } catch (error) {
    reply.stop('malformed_reply');
    return Promise.reject(error);
  }
  return relayBytes(outgoing, exchange, reply, context);
}
