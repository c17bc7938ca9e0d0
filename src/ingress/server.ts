import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Server as NetServer, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { GatewayConfig } from '../core/config.ts';
import { isReplying, isServed, OpenConnections, type ReplyingSocket } from './open-connections.ts';
import { refuse, refuseUnreadable, type OnRefused } from './refuse-connection.ts';
import { findEndpoint, type HandleCall } from './routes.ts';

/** OpenAI documents 64 KiB; Node's own default is 16. */
const MAX_HEADER_BYTES = 64 * 1024;
const NO_HOST = /[^\w.:[\]~%!$&'()*+,;=-]/;
/** How often Node looks for connections that are over their header timeout. */
const TIMEOUT_CHECK_MS = 2_000;

export interface DataPlane {
  readonly host: string;
  readonly port: number;
  /** Takes over the timeouts of another configuration, for open connections too; host and port stay. */
  apply(config: GatewayConfig): void;
  /** From now on each reply says that its connection ends with it: the process is about to stop. */
  leave(): void;
  /** Stops accepting and ends connections that rest; those that are in use stay until `closeAll`. */
  stopAccepting(): void;
  closeAll(): void;
}

/**
 * Serves the data plane.
 * @param isShared others listen at the same address: the kernel gives each connection to one of them
 * @throws Error where the address cannot be bound
 */
export async function listen(
  config: Pick<GatewayConfig, 'host' | 'port' | 'timeouts'>,
  handle: HandleCall,
  onRefused: OnRefused,
  isShared = false,
): Promise<DataPlane> {
  const route = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    connections.replies(incoming, outgoing);
    handle(hasValidHost(incoming) ? findEndpoint(incoming) : 'bad_host', incoming, outgoing);
  };
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
    route,
  );
  const connections = new OpenConnections(server);
  // An expectation that we do not know may be ignored; `100-continue` is Node's own doing.
  server.on('checkExpectation', route);
  answerRefusals(server, onRefused);
  await bind(server, config, isShared);
  const { address, port } = server.address() as AddressInfo;
  return {
    host: address,
    port,
    apply({ timeouts }) {
      server.keepAliveTimeout = timeouts.keepAlive;
      server.headersTimeout = timeouts.headers;
    },
    leave: () => connections.leave(),
    stopAccepting() {
      // Not the close of http.Server: it destroys connections whose reply is written but still on its way, too.
      NetServer.prototype.close.call(server);
      connections.endIdle();
    },
    closeAll: () => server.closeAllConnections(),
  };
}

/** @source RFC 9112 section 3.2: a request of HTTP/1.1 without a Host, or with an invalid one, is answered 400 */
function hasValidHost({ headers: { host }, httpVersion }: IncomingMessage): boolean {
  return host === undefined ? httpVersion !== '1.1' : !NO_HOST.test(host);
}

/** What is no call for the gateway: unreadable bytes, WebSocket, CONNECT. */
function answerRefusals(server: Server, onRefused: OnRefused): void {
  const alone = (socket: Duplex, refusal: () => void): void => {
    if (isReplying(socket as ReplyingSocket)) socket.destroy();
    else refusal();
  };
  server.on('clientError', (error, socket: ReplyingSocket) => {
    alone(socket, () => refuseUnreadable(socket, error, isServed(socket) ? () => {} : onRefused));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    const message = 'WebSocket is not served here; use HTTP with server-sent events.';
    alone(socket, () => refuse(socket, request, 'upgrade_not_supported', message, onRefused));
  });
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    alone(socket, () => refuse(socket, request, 'method_not_allowed', 'CONNECT is not served here.', onRefused));
  });
}

function bind(server: Server, { host, port }: Pick<GatewayConfig, 'host' | 'port'>, isShared: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen({ port, host, reusePort: isShared }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
