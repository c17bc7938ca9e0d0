import { hash } from 'node:crypto';
import type { Rollout } from './rollout.ts';

/**
 * The place of a unit in [0, 1): `uint32BE(SHA-256(salt ‖ 0x00 ‖ unit)) / 2^32`. The same on every replica, with no
 * stored state; a salt of its own per rollout keeps rollouts independent of each other.
 */
export function unitPosition(salt: string, unit: string): number {
  return Number.parseInt(hash('sha256', `${salt}\0${unit}`, 'hex').slice(0, 8), 16) / 2 ** 32;
}

/**
 * The index into `spec.arms` that owns a position, or -1 where the unit takes no part.
 * A canary owns `[0, weight)`; arm i of an experiment owns `[cum_i, cum_i + coverage * weight_i)`: raising the weight or
 * the coverage only ever adds units.
 */
export function armAt(rollout: Rollout, position: number): number {
  const { spec, state } = rollout;
  if (spec.kind === 'canary') return position < state.weight / 100 ? 1 : 0;
  if (spec.kind === 'shadow') return -1;
  let start = 0;
  for (let index = 0; index < spec.arms.length; index++) {
    const share = spec.arms[index]!.weight / 100;
    if (position >= start && position < start + (state.weight / 100) * share) return index;
    start += share;
  }
  return -1;
}

/** The share of all traffic, in percent, that an arm gets now. */
export function armWeight(rollout: Rollout, index: number): number {
  const { spec, state } = rollout;
  if (spec.kind === 'canary') return index === 1 ? state.weight : 100 - state.weight;
  if (spec.kind === 'shadow') return 0;
  return (spec.arms[index]!.weight * state.weight) / 100;
}
