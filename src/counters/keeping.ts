import type { Milliseconds } from '../core/units.ts';

/** Whoever did not hear that a reservation was settled asks again within this time. */
export const SETTLED_KEPT: Milliseconds = 120_000;
/** A reservation that has expired is still known: its gateway may only have been asleep. */
export const EXPIRED_KEPT: Milliseconds = 3_600_000;
