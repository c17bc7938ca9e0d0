import { z } from 'zod';
import type { JsonValue } from '../../core/rollout.ts';
import type { RolloutCommand } from '../../rollout/reducer.ts';
import { defineRoute, type Route } from '../route.ts';
import { rolloutSchema } from '../rollout-json.ts';
import { changeOptions, rolloutReply, rolloutSubject } from './rollouts.ts';

const reason = z.string().max(500).optional().describe('Why, for the history.');

export const rolloutVerbRoutes: readonly Route[] = [
  verbRoute(
    'set-weight',
    'Set the share of the traffic by hand; automatic steps wait until `resume`',
    z.strictObject({ weight: z.number().describe('In percent, 0 to 100, at most two decimals.'), reason }),
    ({ weight }) => ({ verb: 'set-weight', weight }),
  ),
  plainVerbRoute('pause', 'Stop the automatic steps; the weight stays'),
  plainVerbRoute('resume', 'Continue the automatic steps from the weight as it is'),
  verbRoute(
    'promote',
    'Go to the next step, or at once to 100 %',
    z.strictObject({
      full: z.boolean().default(false).describe('Skip the steps that are left.'),
      arm: z.string().optional().describe('Of an experiment: the arm that takes all of the traffic.'),
      reason,
    }),
    ({ full, arm }) => ({ verb: 'promote', full, arm }),
  ),
  plainVerbRoute('release-holdback', 'After the promotion: give the canary what was held back'),
  plainVerbRoute('abort', 'Roll back: weight 0, until `retry`'),
  verbRoute(
    'retry',
    'Start a rollout that was rolled back at its first step',
    z.strictObject({
      reshuffle: z.boolean().default(false).describe('Other units than before come to the canary first.'),
      reason,
    }),
    ({ reshuffle }) => ({ verb: 'retry', reshuffle }),
  ),
];

function plainVerbRoute(verb: 'pause' | 'resume' | 'abort' | 'release-holdback', summary: string): Route {
  return verbRoute(verb, summary, z.strictObject({ reason }), () => ({ verb }));
}

function verbRoute<Body extends z.ZodType<{ reason?: string | undefined }>>(
  verb: RolloutCommand['verb'],
  summary: string,
  body: Body,
  command: (body: z.output<Body>) => RolloutCommand,
): Route {
  return defineRoute({
    method: 'POST',
    path: `/api/v1/rollouts/{name}/${verb}`,
    summary,
    body,
    isConditional: true,
    audit: { kind: `rollout.${verb}`, subject: rolloutSubject, detail: (given) => given as Record<string, JsonValue> },
    replies: { 200: { description: 'The rollout after the change; its version is the ETag.', schema: rolloutSchema } },
    handle: async (context, { params, body, request }) => {
      const name = params['name']!;
      const options = changeOptions(context, name, request, body.reason);
      return rolloutReply(await context.rollouts.execute(name, command(body), options));
    },
  });
}
