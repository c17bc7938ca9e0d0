import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ERRORS, GatewayError, type ErrorCode } from '../core/errors.ts';
import { errorBody } from './respond-error.ts';
import { endpointProtocol } from './routes.ts';

/** What is known of a request that came to nothing. */
type RefusedRequest = Pick<IncomingMessage, 'url' | 'headers'>;

/** Told of every refusal, so that it is counted and logged like any other request. */
export type OnRefused = (code: ErrorCode, request: RefusedRequest, requestId: string) => void;

/** Nothing of the request could be read. */
const UNREAD: RefusedRequest = { url: '', headers: {} };

/** Headers that go with a status. */
const EXTRA_HEADERS: Readonly<Partial<Record<ErrorCode, readonly string[]>>> = {
  // @source RFC 9110 section 15.5.22: a 426 names what is spoken instead
  upgrade_not_supported: ['upgrade: HTTP/1.1', 'connection: close, upgrade'],
  method_not_allowed: ['allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS', 'connection: close'],
};

/** What is no HTTP request gets an answer all the same; its framing can no longer be trusted, so the connection closes. */
export function refuseUnreadable(socket: Duplex, error: NodeJS.ErrnoException, onRefused: OnRefused): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  if (error.code === 'HPE_HEADER_OVERFLOW')
    refuse(socket, UNREAD, 'headers_too_large', 'The request headers exceed 64 KiB.', onRefused);
  else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT')
    refuse(socket, UNREAD, 'request_timeout', 'The request headers did not arrive in time.', onRefused);
  else refuse(socket, UNREAD, 'malformed_http', 'The request is not valid HTTP/1.1.', onRefused);
}

/** Answers on the connection itself, where there is no response object, and closes it. */
export function refuse(
  socket: Duplex,
  request: RefusedRequest,
  code: ErrorCode,
  message: string,
  onRefused: OnRefused,
): void {
  const requestId = randomUUID();
  const { status, shouldRetry } = ERRORS[code];
  const body = errorBody(endpointProtocol(request), new GatewayError(code, message), requestId);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-sluice-request-id: ${requestId}`,
    ...(shouldRetry === null ? [] : [`x-should-retry: ${shouldRetry}`]),
    ...(EXTRA_HEADERS[code] ?? ['connection: close']),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  onRefused(code, request, requestId);
}
