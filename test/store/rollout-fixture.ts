import type { RolloutState } from '../../src/core/rollout.ts';
import type { RolloutEvent, StoredRollout } from '../../src/core/stores.ts';

export function stateOf(change: Partial<RolloutState>): RolloutState {
  const start = { epoch: 1, since: 1_700_000_000_000, winner: null, saltTurn: 0 };
  return { phase: 'paused', step: 0, weight: 0, desired: 'canary', ...start, ...change };
}

export function storedRollout(change: Partial<StoredRollout> = {}): StoredRollout {
  return {
    name: 'fast-v2',
    declared: { name: 'fast-v2', canary: { target: 'sim/fast-v2' } },
    configHash: 'c0ffee',
    state: stateOf({ phase: 'progressing', weight: 5 }),
    revision: 1,
    version: 1,
    updatedAt: 1_700_000_000_000,
    ...change,
  };
}

export function eventOf(stored: StoredRollout, action = 'apply'): Omit<RolloutEvent, 'id'> {
  const { name, revision, updatedAt, state } = stored;
  return {
    kind: 'rollout',
    rollout: name,
    revision,
    action,
    actor: 'api',
    at: updatedAt,
    phase: state.phase,
    weight: state.weight,
    reason: 'because',
    detail: null,
  };
}
