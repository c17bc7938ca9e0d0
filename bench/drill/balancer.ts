import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Milliseconds } from '../../src/core/units.ts';
import type { DrilledGateway } from './gateway.ts';

/** As a load balancer that is set up with care does. */
const PROBE_EVERY: Milliseconds = 250;

/**
 * Deals connections out among those gateways that say that they are ready. It knows nothing of HTTP, tries nothing a second
 * time, and leaves open connections where they are.
 */
export class Balancer implements Disposable {
  readonly url: string;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private gateways: readonly DrilledGateway[] = [];
  private ready: readonly DrilledGateway[] = [];
  private turn = 0;
  private isClosed = false;

  private constructor(server: Server) {
    this.server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket) => this.accept(socket));
    void this.probe();
  }

  static async start(): Promise<Balancer> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Balancer(server);
  }

  use(gateways: readonly DrilledGateway[]): void {
    this.gateways = gateways;
  }

  /** It knows of so many that are ready. */
  async untilReady(count: number): Promise<void> {
    while (this.ready.length < count) await sleep(PROBE_EVERY);
  }

  [Symbol.dispose](): void {
    this.isClosed = true;
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private async probe(): Promise<void> {
    for (; !this.isClosed; await sleep(PROBE_EVERY)) {
      const { gateways } = this;
      const isReady = await Promise.all(gateways.map((gateway) => gateway.isReady()));
      this.ready = gateways.filter((_, index) => isReady[index]);
    }
  }

  private accept(client: Socket): void {
    const gateway = this.ready[this.turn++ % Math.max(1, this.ready.length)];
    if (gateway === undefined) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: gateway.port, host: gateway.host, allowHalfOpen: true, noDelay: true });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.resetAndDestroy());
      from.on('close', () => this.sockets.delete(from));
    }
  }
}
