import type { ServerResponse } from 'node:http';
import { ERRORS, type GatewayError } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Operation, Protocol } from '../core/operation.ts';
import { addOwnHeaders } from './reply-headers.ts';

/** How long a client that is still sending is listened to, so that it reads the answer before the connection closes. */
const LINGER_MS = 500;

/** The one place where an error of ours becomes HTTP. */
export function respondError(outgoing: ServerResponse, exchange: Exchange, error: GatewayError): void {
  const body = Buffer.from(errorBody(exchange.protocol, error, exchange.id), 'utf8');
  const headers = ['content-type', 'application/json', 'content-length', String(body.length)];
  addOwnHeaders(headers, exchange);
  const { shouldRetry } = ERRORS[error.code];
  if (shouldRetry !== null) headers.push('x-should-retry', String(shouldRetry));
  if (error.details.retryAfterSeconds !== undefined)
    headers.push('retry-after', String(error.details.retryAfterSeconds));
  exchange.status = error.status;
  if (error.details.closeConnection === true) endAfterLinger(outgoing, error.status, headers, body);
  else outgoing.writeHead(error.status, headers).end(body);
}

/**
 * Closing with unread input makes the kernel reset the connection, and the client may lose the answer: so the answer
 * goes out whole, and the input is thrown away for a moment before the connection is closed.
 */
function endAfterLinger(outgoing: ServerResponse, status: number, headers: string[], body: Buffer): void {
  const incoming = outgoing.req;
  outgoing.writeHead(status, [...headers, 'connection', 'close']);
  outgoing.write(body);
  const end = (): void => {
    clearTimeout(timer);
    outgoing.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  if (incoming.complete) end();
  else incoming.once('end', end).once('close', end).resume();
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
