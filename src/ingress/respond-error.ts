import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERRORS, type GatewayError } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Operation, Protocol } from '../core/operation.ts';
import type { Bytes } from '../core/units.ts';
import { discardRest } from './discard-rest.ts';
import { addOwnHeaders } from './reply-headers.ts';

/** The one place where an error of ours becomes HTTP. */
export function respondError(outgoing: ServerResponse, exchange: Exchange, error: GatewayError): void {
  const body = Buffer.from(errorBody(exchange.protocol, error, exchange.id), 'utf8');
  const headers = ['content-type', 'application/json', 'content-length', String(body.length)];
  addOwnHeaders(headers, exchange);
  const shouldRetry = error.details.shouldRetry ?? ERRORS[error.code].shouldRetry;
  if (shouldRetry !== null) headers.push('x-should-retry', String(shouldRetry));
  if (error.details.retryAfterSeconds !== undefined)
    headers.push('retry-after', String(error.details.retryAfterSeconds));
  exchange.status = error.status;
  outgoing.statusCode = error.status;
  const { req: incoming } = outgoing;
  if (error.details.closeConnection === true || isLargeUpload(incoming)) endAfterLinger(outgoing, headers, body);
  else {
    outgoing.writeHead(error.status, headers).end(body);
    discardRest(incoming);
  }
}

/** More than a few packets are not worth reading for an answer that has been given. */
const SMALL_UPLOAD: Bytes = 64 * 1024;

function isLargeUpload({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > SMALL_UPLOAD;
}

/** The connection closes when the client has sent all, or has had a moment to read the answer. */
function endAfterLinger(outgoing: ServerResponse, headers: string[], body: Buffer): void {
  const { req: incoming } = outgoing;
  outgoing.writeHead(outgoing.statusCode, [...headers, 'connection', 'close']);
  if (incoming.complete) {
    outgoing.end(body);
    return;
  }
  outgoing.write(body);
  incoming.once('end', () => outgoing.end());
  discardRest(incoming);
}

export function errorBody(protocol: Protocol, error: GatewayError, requestId: string): string {
  const { type, anthropicType } = ERRORS[error.code];
  if (protocol === 'anthropic') {
    return JSON.stringify({
      type: 'error',
      error: { type: anthropicType, message: error.message },
      request_id: requestId,
    });
  }
  return JSON.stringify({
    error: { message: error.message, type, param: error.details.param ?? null, code: error.code },
  });
}

/** The event that ends a stream which cannot be completed, in the form that the protocol's own clients understand. */
export function streamError(operation: Operation, error: GatewayError, requestId: string): Buffer {
  const { type, anthropicType } = ERRORS[error.code];
  const { message, code } = error;
  if (operation === 'messages') {
    const data = { type: 'error', error: { type: anthropicType, message }, request_id: requestId };
    return Buffer.from(`event: error\ndata: ${JSON.stringify(data)}\n\n`);
  }
  // The Responses API's clients look for `error` inside the event as well as for its type.
  const data = { ...(operation === 'responses' ? { type: 'error' } : {}), error: { message, type, param: null, code } };
  return Buffer.from(`${operation === 'responses' ? 'event: error\n' : ''}data: ${JSON.stringify(data)}\n\n`);
}
