import { z } from 'zod';
import { armWeight, saltOf } from '../core/assignment.ts';
import type { Target } from '../core/target.ts';
import type { Rollout } from '../core/rollout.ts';

const percent = z.number().min(0).max(100).describe('In percent.');

export const rolloutSchema = z.strictObject({
  name: z.string(),
  kind: z.enum(['canary', 'experiment', 'shadow']),
  revision: z.int().min(1).describe('Counts the declarations applied.'),
  version: z
    .int()
    .min(1)
    .describe('Grows with every change, and begins beyond that of a rollout of this name that was deleted; the ETag.'),
  phase: z.enum(['progressing', 'paused', 'healthy', 'degraded']),
  step: z.int().min(0).describe('Index into `steps`.'),
  weight: percent.describe('Canary: its share of the traffic; experiment: the share that takes part. In percent.'),
  desired: z.enum(['stable', 'canary']).describe('Where it wants to end; `stable` after an abort.'),
  epoch: z.int().min(1).describe('Counts its starts; evidence of one says nothing about another.'),
  since: z.iso.datetime().describe('When it came to this weight, or was resumed at it.'),
  winner: z.string().nullable().describe('Experiment: the arm that takes all.'),
  arms: z.array(
    z.strictObject({
      name: z.string(),
      target: z
        .string()
        .nullable()
        .describe("`provider/model`, or `provider` where the app's name is kept; null: the route's own."),
      weight: percent.describe('Its share of the traffic that matches. In percent.'),
    }),
  ),
  match: z.strictObject({
    model: z.string().nullable(),
    key: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
  }),
  sticky: z.array(z.string()),
  salt: z.string().describe('The one in force: another after each reshuffle.'),
  steps: z.array(percent),
  pausePoints: z.array(z.int().min(0)).describe('Indexes into `steps` where it waits for somebody.'),
  holdback: z
    .strictObject({ weight: percent, for: z.number().describe('In milliseconds.') })
    .nullable()
    .describe('What stays on stable after the promotion, and how long.'),
  layer: z.strictObject({ name: z.string(), from: percent, to: percent }).nullable(),
  goal: z
    .strictObject({
      feedback: z.string(),
      better: z.enum(['higher', 'lower']),
      // oxlint-disable-next-line unicorn/no-thenable -- a word of the declaration, never awaited
      then: z.enum(['announce', 'promote']),
    })
    .nullable(),
  updatedAt: z.iso.datetime(),
  pending: z
    .literal(true)
    .optional()
    .describe('Aborted on this gateway while the store could not be written: the others learn of it when it can be.'),
  declared: z.record(z.string(), z.unknown()).describe('The rollout as written in YAML or JSON.'),
});

export function rolloutJson(rollout: Rollout): z.input<typeof rolloutSchema> {
  const { spec, state, revision, version, updatedAt } = rollout;
  return {
    name: spec.name,
    kind: spec.kind,
    revision,
    version,
    phase: state.phase,
    step: state.step,
    weight: state.weight,
    desired: state.desired,
    epoch: state.epoch,
    since: new Date(state.since).toISOString(),
    winner: state.winner,
    arms: spec.arms.map(({ name, target }, index) => ({
      name,
      target: targetText(target),
      weight: armWeight(rollout, index),
    })),
    match: { ...spec.match, metadata: { ...spec.match.metadata } },
    sticky: [...spec.sticky],
    salt: saltOf(rollout),
    steps: spec.steps.map(({ weight }) => weight),
    pausePoints: spec.steps.flatMap(({ pause }, index) => (pause ? [index] : [])),
    holdback: spec.holdback,
    layer: spec.layer,
    goal: spec.goal,
    updatedAt: new Date(updatedAt).toISOString(),
    ...(rollout.isPending === true ? { pending: true } : {}),
    declared: spec.declared as Record<string, unknown>,
  };
}

function targetText(target: Target | null): string | null {
  if (target === null) return null;
  return target.model === null ? target.provider : `${target.provider}/${target.model}`;
}
