import { z } from 'zod';
import type { JsonValue } from '../../core/rollout.ts';
import { analysisJson, analysisSchema, nothingJudged, pairSchema, regressionSchema } from '../analysis-json.ts';
import { ownLayerWarnings } from '../../config/layers.ts';
import { describeProblem } from '../errors.ts';
import { rolloutSchema } from '../rollout-json.ts';
import { defineRoute, json } from '../route.ts';
import { changeOptions, rolloutReply, rolloutSubject } from './rollouts.ts';

const limit = (fallback: number) => z.coerce.number().int().min(1).max(1000).default(fallback);

const revisionSchema = z.strictObject({
  revision: z.int(),
  at: z.iso.datetime(),
  actor: z.string(),
  declared: z.record(z.string(), z.unknown()),
});

/** What is known of rollouts and routes, and the way back to an earlier declaration. */
export const analysisRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/rollouts/{name}/analysis',
    summary: 'What the evidence says, what is decided and how long it still takes',
    replies: { 200: { description: 'The analysis, at most seconds old.', schema: analysisSchema } },
    handle: async ({ rollouts, analysis }, { params }) => {
      const rollout = rollouts.get(params['name']!);
      const known = analysis.analysis(rollout.spec.name);
      const current = known?.epoch === rollout.state.epoch ? known : nothingJudged(rollout);
      const specs = rollouts.current().map(({ spec }) => spec);
      const warnings = [...current.warnings, ...ownLayerWarnings(rollout.spec.name, specs).map(describeProblem)];
      return json(analysisJson({ ...current, warnings }, await analysis.budget(rollout)));
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/rollouts/{name}/undo',
    summary: 'Go back to what an earlier revision declared, as a new revision',
    body: z.strictObject({
      toRevision: z.int().min(1).optional().describe('Default: the newest that declares something else than now.'),
      reason: z.string().max(500).optional().describe('Why, for the history.'),
    }),
    isConditional: true,
    audit: { kind: 'rollout.undo', subject: rolloutSubject, detail: (given) => given as Record<string, JsonValue> },
    replies: { 200: { description: 'The rollout after the change; its version is the ETag.', schema: rolloutSchema } },
    handle: async (context, { params, body, request }) => {
      const name = params['name']!;
      const options = changeOptions(context, name, request, body.reason);
      return rolloutReply(await context.rollouts.undo(name, body.toRevision ?? null, options));
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/rollouts/{name}/revisions',
    summary: 'What was declared, newest first',
    query: z.strictObject({ limit: limit(20) }),
    replies: { 200: { description: 'The revisions.', schema: z.array(revisionSchema) } },
    handle: async ({ rollouts }, { params, query }) => {
      rollouts.get(params['name']!);
      const revisions = await rollouts.revisions(params['name']!, query.limit);
      return json(
        revisions.map(({ revision, declared, at, actor }) => ({
          revision,
          at: new Date(at).toISOString(),
          actor,
          declared,
        })),
      );
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/rollouts/{name}/pairs',
    summary: 'The latest requests of this gateway and their shadow copies, newest first; never their content',
    query: z.strictObject({ limit: limit(20) }),
    replies: { 200: { description: 'The pairs.', schema: z.array(pairSchema) } },
    handle: async ({ rollouts, analysis }, { params, query }) => {
      const { name } = rollouts.get(params['name']!).spec;
      const pairs = await analysis.pairs(name, query.limit);
      return json(pairs.map((pair) => ({ ...pair, at: new Date(pair.at).toISOString() })));
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/regressions',
    summary: 'Each route against its own past',
    replies: { 200: { description: 'Every metric that is watched.', schema: z.array(regressionSchema) } },
    handle: ({ analysis }) =>
      json(
        analysis.regressions().map((each) => ({
          ...each,
          since: each.since === null ? null : new Date(each.since).toISOString(),
        })),
      ),
  }),
];
