import { z } from 'zod';
import type { Rollout } from '../core/rollout.ts';
import type { RolloutEvent } from '../core/stores.ts';
import { rolloutJson, rolloutSchema } from './rollout-json.ts';

const happened = {
  id: z.int(),
  action: z.string().describe('The verb, e.g. `apply`, `set-weight`, `abort`; of a regression `opened` or `closed`.'),
  actor: z.string().describe('`config`, `api` or `controller`.'),
  at: z.iso.datetime(),
  reason: z.string(),
  detail: z.unknown().describe('The evidence for it; null where there is none.'),
};

/** One line of a rollout's history. */
export const rolloutEventSchema = z.strictObject({
  ...happened,
  kind: z.literal('rollout'),
  rollout: z.string(),
  revision: z.int(),
  phase: z.string(),
  weight: z.number(),
});

/** What stands behind `data:` in the stream of events. */
export const streamedEventSchema = z.union([
  rolloutEventSchema.extend({
    type: z.literal('rollout'),
    state: rolloutSchema.nullable().describe('The rollout as it is now; null where it is no longer in force.'),
  }),
  z.strictObject({ ...happened, type: z.literal('regression'), kind: z.literal('regression'), route: z.string() }),
  z
    .strictObject({ ok: z.boolean(), changed: z.boolean(), restartNeeded: z.array(z.string()) })
    .describe('Of `event: config`: the configuration file was read again.'),
]);

export function historyJson(event: RolloutEvent): unknown {
  return { ...event, at: new Date(event.at).toISOString() };
}

/** @param rollout that it happened to, as it is now; null where it is no longer in force, or of a regression */
export function eventJson(event: RolloutEvent, rollout: Rollout | null): unknown {
  const { id, kind, action, actor, reason, detail, rollout: subject, revision, phase, weight } = event;
  const common = { type: kind, id, kind, action, actor, at: new Date(event.at).toISOString(), reason, detail };
  if (kind === 'regression') return { ...common, route: subject };
  const state = rollout === null ? null : rolloutJson(rollout);
  return { ...common, rollout: subject, revision, phase, weight, state };
}
