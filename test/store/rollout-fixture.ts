import type { RolloutEvent, StoredRollout } from '../../src/core/stores.ts';

export function storedRollout(change: Partial<StoredRollout> = {}): StoredRollout {
  return {
    name: 'fast-v2',
    declared: { name: 'fast-v2', canary: { target: 'sim/fast-v2' } },
    configHash: 'c0ffee',
    state: { phase: 'progressing', step: 0, weight: 5, desired: 'canary' },
    revision: 1,
    version: 1,
    updatedAt: 1_700_000_000_000,
    ...change,
  };
}

export function eventOf(stored: StoredRollout, action = 'apply'): Omit<RolloutEvent, 'id'> {
  const { name, revision, updatedAt, state } = stored;
  return {
    rollout: name,
    revision,
    action,
    actor: 'api',
    at: updatedAt,
    phase: state.phase,
    weight: state.weight,
    reason: 'because',
  };
}
