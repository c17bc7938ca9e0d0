import type { AdminServer } from './admin/server.ts';
import type { ReloadResult } from './config/watch.ts';
import type { DataPlane } from './ingress/server.ts';

export interface RunningGateway {
  readonly dataPlane: Pick<DataPlane, 'host' | 'port'>;
  readonly admin: AdminServer;
  reload(): Promise<ReloadResult>;
  /** Finishes open requests within the time to drain, then ends the rest, and closes everything. */
  stop(): Promise<void>;
}
