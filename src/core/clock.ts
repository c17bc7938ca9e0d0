import type { Milliseconds } from './units.ts';

/** Time as an argument, so that tests decide what time it is. */
export interface Clock {
  /** Monotonic: for durations and deadlines; never jumps with the wall clock. */
  now(): Milliseconds;
  /** Milliseconds since the Unix epoch: for records that people read. */
  wall(): Milliseconds;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
};
