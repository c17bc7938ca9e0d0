import type { ServerResponse } from 'node:http';
import type { Exchange } from '../core/exchange.ts';
import { relayBytes } from './relay-bytes.ts';
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
  if (reply.status >= 400) exchange.fail('error', `http_${reply.status}`);
  if (kept !== null) {
    sendBuffered(outgoing, exchange, reply, kept, kept, context);
    return Promise.resolve();
  }
  if (exchange.operation === 'passthrough' || exchange.operation === 'models')
    return relayBytes(outgoing, exchange, reply, context);
  if (reply.status < 400 && isEventStream(reply)) return respondStream(outgoing, exchange, reply, context);
  return respondBuffered(outgoing, exchange, reply, context);
}

function isEventStream(reply: IncomingReply): boolean {
  return reply.header('content-type')?.toLowerCase().startsWith('text/event-stream') === true;
}
