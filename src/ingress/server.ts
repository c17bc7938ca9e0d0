import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Server as NetServer, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { GatewayConfig } from '../core/config.ts';
import { ERRORS, GatewayError, type ErrorCode } from '../core/errors.ts';
import { errorBody } from './respond-error.ts';
import { findEndpoint, type HandleCall } from './routes.ts';

/** OpenAI documents 64 KiB; Node's own default is 16. */
const MAX_HEADER_BYTES = 64 * 1024;
const NO_HOST = /[^\w.:[\]~%!$&'()*+,;=-]/;
/** How often Node looks for connections that are over their header timeout. */
const TIMEOUT_CHECK_MS = 2_000;

export interface DataPlane {
  readonly host: string;
  readonly port: number;
  /** Stops accepting; open connections stay until `closeAll`. */
  stopAccepting(): void;
  closeAll(): void;
}

/** Serves the data plane. @throws Error where the address cannot be bound */
export async function listen(config: GatewayConfig, handle: HandleCall): Promise<DataPlane> {
  const server = createServer(
    {
      noDelay: true,
      keepAliveTimeout: config.timeouts.keepAlive,
      headersTimeout: config.timeouts.headers,
      // Bodies have their own deadline where they are read: uploads that are passed through may take longer.
      requestTimeout: 0,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Node's own answer to a missing Host has neither body nor request id.
      requireHostHeader: false,
      // Others, such as h2c, may be ignored by RFC 9110 section 7.8: the request is served as it is.
      shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
    },
    (incoming, outgoing) => route(incoming, outgoing, handle),
  );
  server.on('clientError', answerClientError);
  server.on('upgrade', (_request: IncomingMessage, socket: Duplex) => {
    answerRaw(socket, 'upgrade_not_supported', 'WebSocket is not served here; use HTTP with server-sent events.');
  });
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    answerRaw(socket, 'method_not_allowed', 'CONNECT is not served here.');
  });
  await bind(server, config);
  const { address, port } = server.address() as AddressInfo;
  return {
    host: address,
    port,
    stopAccepting() {
      // Not the close of http.Server: it destroys connections whose reply is written but still on its way, too.
      NetServer.prototype.close.call(server);
    },
    closeAll: () => server.closeAllConnections(),
  };
}

/** @source RFC 9112 section 3.2: a request of HTTP/1.1 without a Host, or with an invalid one, is answered 400 */
function route(incoming: IncomingMessage, outgoing: ServerResponse, handle: HandleCall): void {
  const { host } = incoming.headers;
  if (host === undefined ? incoming.httpVersion === '1.1' : NO_HOST.test(host)) {
    answerRaw(incoming.socket, 'malformed_http', 'The request has no valid Host header.');
    return;
  }
  handle(findEndpoint(incoming), incoming, outgoing);
}

function bind(server: Server, { host, port }: GatewayConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** What is no HTTP request gets an answer all the same, and the connection closes: its framing can no longer be trusted. */
function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  if (error.code === 'HPE_HEADER_OVERFLOW')
    answerRaw(socket, 'headers_too_large', 'The request headers exceed 64 KiB.');
  else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT')
    answerRaw(socket, 'request_timeout', 'The request headers did not arrive in time.');
  else answerRaw(socket, 'malformed_http', 'The request is not valid HTTP/1.1.');
}

function answerRaw(socket: Duplex, code: ErrorCode, message: string): void {
  const requestId = randomUUID();
  const body = errorText(code, message, requestId);
  const { status } = ERRORS[code];
  const head = [
    `HTTP/1.1 ${status} ${code}`,
    ...Object.entries(localHeaders(code, requestId)).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

/** For answers before there is an exchange. */
function localHeaders(code: ErrorCode, requestId: string): Record<string, string> {
  const { shouldRetry } = ERRORS[code];
  const headers = { 'content-type': 'application/json', 'x-sluice-request-id': requestId };
  return shouldRetry === null ? headers : { ...headers, 'x-should-retry': String(shouldRetry) };
}

function errorText(code: ErrorCode, message: string, requestId: string): string {
  return errorBody('openai', new GatewayError(code, message), requestId);
}
