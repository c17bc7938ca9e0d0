import type { AuditTrail } from './core/audit.ts';
import type { JsonValue } from './core/rollout.ts';
import type { RolloutRegistry } from './rollout/registry.ts';

type Steered = Pick<RolloutRegistry, 'current' | 'execute' | 'note'>;

/** The rollouts as the controller steers them: each decision is told before and after, each finding once. */
export function auditedRollouts(rollouts: Steered, trail: AuditTrail): Steered {
  return {
    current: () => rollouts.current(),
    execute: (name, command, options) => {
      const { actor, reason = '', detail = null, expectedVersion: version = null } = options;
      const { verb, ...given } = command;
      const told = { ...(given as Record<string, JsonValue>), reason, version, evidence: detail };
      return trail.action(
        {
          kind: `rollout.${verb}`,
          actor,
          subject: `rollout:${name}`,
          detail: told,
          told: ({ version: reached, state }) => ({ version: reached, phase: state.phase, weight: state.weight }),
        },
        () => rollouts.execute(name, command, options),
      );
    },
    note: async (name, entry) => {
      await rollouts.note(name, entry);
      const { action, actor, reason, detail = null } = entry;
      trail.append({
        kind: `rollout.${action}`,
        actor,
        subject: `rollout:${name}`,
        detail: { reason, evidence: detail },
      });
    },
  };
}
