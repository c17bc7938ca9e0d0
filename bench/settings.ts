import type { PathName } from './paths.ts';

/** How long everything is measured; times in seconds. */
export interface Settings {
  readonly isQuick: boolean;
  /** Of the proxy suite and of the streams suite; each round measures every path once. */
  readonly proxyRounds: number;
  readonly streamRounds: number;
  /** Whole, as wrk takes no fractions. Short ones show in the first round as the compiler's work. */
  readonly warmUpSeconds: number;
  readonly loadSeconds: number;
  readonly latencySeconds: number;
  readonly rateSeconds: number;
  readonly firstTokenSeconds: number;
  readonly streams: number;
  readonly rampSeconds: number;
  readonly holdSeconds: number;
  /** Requests after which resident memory is read, for the first and for the second time. */
  readonly memoryFrom: number;
  readonly memoryTo: number;
  readonly paths: readonly PathName[];
  /** Names of drills. */
  readonly drills: readonly string[];
}

export type Durations = Omit<Settings, 'isQuick' | 'paths' | 'drills'>;

/** About a minute a suite. */
export const QUICK: Durations = {
  proxyRounds: 2,
  streamRounds: 1,
  warmUpSeconds: 3,
  loadSeconds: 2,
  latencySeconds: 1,
  rateSeconds: 1,
  firstTokenSeconds: 2,
  streams: 1000,
  rampSeconds: 1.5,
  holdSeconds: 3,
  memoryFrom: 20_000,
  memoryTo: 60_000,
};

/** About six minutes for all suites together. */
export const FULL: Durations = {
  proxyRounds: 4,
  streamRounds: 2,
  warmUpSeconds: 5,
  loadSeconds: 4,
  latencySeconds: 2,
  rateSeconds: 2,
  firstTokenSeconds: 2,
  streams: 1000,
  rampSeconds: 2,
  holdSeconds: 5,
  memoryFrom: 100_000,
  memoryTo: 300_000,
};
