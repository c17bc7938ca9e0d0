import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { RolloutEvent } from '../core/stores.ts';
import { createApp } from './app.ts';
import { createGate } from './auth.ts';
import type { AdminDeps } from './deps.ts';
import { EventHub } from './event-hub.ts';
import { eventJson } from './event-json.ts';
import { ROUTES } from './routes.ts';

/** A client that does not read must not hold the process back. */
const CLOSE_DEADLINE_MS = 2_000;

export interface AdminServer {
  readonly host: string;
  /** As bound, where 0 was asked for. */
  readonly port: number;
  /** Sends an event to every listener of `GET /api/v1/events`. */
  publish(type: string, data: unknown): void;
  /** What happened to a rollout or a route, to the listeners of events. */
  publishEvent(event: RolloutEvent): void;
  /** Ends streams, lets other requests finish and stops listening. */
  close(): Promise<void>;
}

/** Serves the control plane. @throws Error where the address cannot be bound */
export async function startAdmin(deps: AdminDeps): Promise<AdminServer> {
  const events = new EventHub();
  const app = createApp({ ...deps, events }, createGate(deps), ROUTES);
  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  const close = async () => {
    events.close();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const deadline = setTimeout(() => server.closeAllConnections(), CLOSE_DEADLINE_MS);
    await closed;
    clearTimeout(deadline);
  };
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(deps.port, deps.host, resolve);
    });
  } catch (error) {
    events.close();
    throw error;
  }
  const { address, port } = server.address() as AddressInfo;
  const publishEvent = (event: RolloutEvent) => {
    const rollout = deps.rollouts.current().find(({ spec }) => spec.name === event.rollout) ?? null;
    events.publish(event.kind, eventJson(event, event.kind === 'rollout' ? rollout : null));
  };
  return { host: address, port, publish: (type, data) => events.publish(type, data), publishEvent, close };
}
