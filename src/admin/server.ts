import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { RolloutEvent } from '../core/stores.ts';
import { createApp } from './app.ts';
import { createGate } from './auth.ts';
import type { AdminDeps } from './deps.ts';
import { EventHub, MAX_MISSED, type Frame } from './event-hub.ts';
import { eventJson } from './event-json.ts';
import { ROUTES } from './routes.ts';

/** A client that does not read must not hold the process back. */
const CLOSE_DEADLINE_MS = 2_000;

export interface AdminServer {
  readonly host: string;
  /** As bound, where 0 was asked for. */
  readonly port: number;
  /** Sends what is in no history to every listener of `GET /api/v1/events`. */
  publish(type: string, data: unknown): void;
  /** What happened to a rollout or a route, to the listeners of events. */
  publishEvent(event: RolloutEvent): void;
  /** Ends streams, lets other requests finish and stops listening. */
  close(): Promise<void>;
}

/** Serves the control plane. @throws Error where the address cannot be bound */
export async function startAdmin(deps: AdminDeps): Promise<AdminServer> {
  const frameOf = (event: RolloutEvent): Frame => {
    const rollout = deps.rollouts.current().find(({ spec }) => spec.name === event.rollout) ?? null;
    return { id: event.id, type: event.kind, data: eventJson(event, event.kind === 'rollout' ? rollout : null) };
  };
  const events = new EventHub(async (id) => {
    const missed = await deps.rollouts.eventsSince(id, MAX_MISSED);
    return { newest: missed.newest, frames: missed.events.map(frameOf) };
  });
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
  const publish = (type: string, data: unknown) => events.publish({ id: null, type, data });
  return { host: address, port, publish, publishEvent: (event) => events.publish(frameOf(event)), close };
}
