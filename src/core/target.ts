import type { Milliseconds } from './units.ts';

/** A place that a request can go to. `model: null` keeps the name that the app asked for. */
export interface Target {
  readonly provider: string;
  readonly model: string | null;
}

/** One of several that serve the same name. */
export interface BalancedTarget extends Target {
  /** Its share where nothing else tells them apart. */
  readonly weight: number;
  /** Those of the lowest number are used as long as one of them can be. */
  readonly priority: number;
}

/** How a target fares. */
export interface Load {
  /** It is left alone: its circuit is open, or it limits. */
  readonly isOut: boolean;
  readonly outstanding: number;
  /** To the first byte; null: not known. */
  readonly latency: Milliseconds | null;
  /** How long the request that waits longest for its first byte has waited; 0: none does. */
  readonly waitingFor: Milliseconds;
}
