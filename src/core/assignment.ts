import { hash } from 'node:crypto';
import type { LayerRange, Rollout } from './rollout.ts';

/**
 * The place of a unit in [0, 1): `uint32BE(SHA-256(salt ‖ 0x00 ‖ unit)) / 2^32`. The same on every replica, with no
 * stored state; a salt of its own per rollout keeps rollouts independent of each other.
 */
export function unitPosition(salt: string, unit: string): number {
  return positionOf(unitHash(salt, unit));
}

/** The hash that a unit's position is the beginning of, in hex. */
export function unitHash(salt: string, unit: string): string {
  return hash('sha256', `${salt}\0${unit}`, 'hex');
}

export function positionOf(unitHashed: string): number {
  return Number.parseInt(unitHashed.slice(0, 8), 16) / 2 ** 32;
}

/** 64 further bits of the hash: tells units apart, not who they are. */
export function pseudonymOf(unitHashed: string): string {
  return unitHashed.slice(8, 24);
}

/** Another salt after each reshuffle. */
export function saltOf({ spec, state }: Rollout): string {
  return state.saltTurn === 0 ? spec.salt : `${spec.salt}#${state.saltTurn}`;
}

/** Whether a unit is in a range of a layer: rollouts of one layer with ranges apart share no unit. */
export function isInLayer({ name, from, to }: LayerRange, unit: string): boolean {
  const place = 100 * unitPosition(`layer/${name}`, unit);
  return place >= from && place < to;
}

/** Where a unit is in a rollout of its own accord: its place, and the arm that it gets, -1 for none. */
export function placeUnit(rollout: Rollout, unit: string): { readonly position: number; readonly arm: number } {
  const { layer } = rollout.spec;
  const position = unitPosition(saltOf(rollout), unit);
  return { position, arm: layer === null || isInLayer(layer, unit) ? armAt(rollout, position) : -1 };
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
  if (state.winner !== null) return spec.arms.findIndex(({ name }) => name === state.winner);
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
  if (state.winner !== null) return spec.arms[index]!.name === state.winner ? 100 : 0;
  return (spec.arms[index]!.weight * state.weight) / 100;
}
