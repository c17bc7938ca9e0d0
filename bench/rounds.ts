import type { LoadResult, Usage } from './load.ts';
import type { PathName } from './paths.ts';
import type { LatencyResult } from './request-client.ts';
import type { StreamResult } from './stream-client.ts';

export const RATE = 1000; // requests a second of the open-loop measurement
export const GAP_MS = 20; // the upstream's own default

/** What the proxy suite measures on one path in one round. */
export interface ProxyRound {
  readonly path: PathName;
  readonly round: number;
  readonly load: LoadResult;
  readonly usage: Usage;
  /** Null without /proc. */
  readonly cpuMicrosPerRequest: number | null;
  readonly alone: LatencyResult;
  /** Null for a path that does not reach the rate. */
  readonly atRate: LatencyResult | null;
}

/** What the streams suite measures on one path in one round. */
export interface StreamRound {
  readonly path: PathName;
  readonly round: number;
  readonly firstToken: LatencyResult;
  readonly held: StreamResult;
  readonly usage: Usage;
  /** Resident memory before the streams and with all of them open; null without /proc. */
  readonly residentBefore: number | null;
  readonly residentOpen: number | null;
}
