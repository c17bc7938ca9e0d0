import { z } from 'zod';
import { placeUnit } from '../../core/assignment.ts';
import type { JsonValue, Rollout, RolloutSpec } from '../../core/rollout.ts';
import { guardWarnings } from '../../config/guard-advice.ts';
import { layerWarnings } from '../../config/layers.ts';
import { ConfigError } from '../../config/problem.ts';
import { declarationHash } from '../../rollout/declaration.ts';
import type { ChangeOptions } from '../../rollout/registry.ts';
import type { AdminContext } from '../deps.ts';
import { AdminError, describeProblem, describeProblems } from '../errors.ts';
import { historyJson, rolloutEventSchema } from '../event-json.ts';
import { expectedVersion } from '../if-match.ts';
import { defineRoute, json } from '../route.ts';
import { rolloutJson, rolloutSchema } from '../rollout-json.ts';

/** SHA-256 of so many units holds the thread for some 10 ms. */
const MAX_UNITS = 10_000;

const limit = (fallback: number) => z.coerce.number().int().min(1).max(1000).default(fallback);

const assignmentSchema = z.strictObject({
  unit: z.string(),
  u: z.number().min(0).max(1).describe('uint32BE(SHA-256(salt, 0x00, unit)) / 2^32'),
  arm: z.string().nullable().describe('Null: the unit takes no part. The holdout is not regarded.'),
});

const oneRollout = { description: 'The rollout; its version is the ETag.', schema: rolloutSchema };

const appliedRollout = {
  ...oneRollout,
  schema: rolloutSchema.extend({
    warnings: z
      .array(z.string())
      .describe('Where it and others in force are in the way of each other, and what its guards would miss.'),
  }),
};

export const rolloutRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/rollouts',
    summary: 'The rollouts in force, in the order in which they match',
    replies: { 200: { description: 'The rollouts.', schema: z.array(rolloutSchema) } },
    handle: ({ rollouts }) => json(rollouts.current().map(rolloutJson)),
  }),
  defineRoute({
    method: 'PUT',
    path: '/api/v1/rollouts/{name}',
    summary: 'Apply a declaration; an equal one changes nothing, another canary starts at the first step',
    body: z.record(z.string(), z.unknown()).describe('The rollout as in the configuration file.'),
    isConditional: true,
    audit: { kind: 'rollout.apply', subject: rolloutSubject, detail: declarationDigest },
    replies: { 200: appliedRollout, 201: { ...appliedRollout, description: 'Created.' } },
    handle: async (context, { params, body, request }) => {
      const spec = parseDeclaration(context, params['name']!, body as Record<string, JsonValue>);
      const { rollout, created } = await context.rollouts.apply(spec, changeOptions(context, spec.name, request));
      const specs = context.rollouts.current().map(({ spec: each }) => each);
      const problems = [...layerWarnings(spec.name, specs), ...guardWarnings(spec)];
      const warnings = problems.map(describeProblem);
      return json({ ...rolloutJson(rollout), warnings }, created ? 201 : 200, etagOf(rollout));
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/rollouts/{name}',
    summary: 'One rollout',
    replies: { 200: oneRollout },
    handle: ({ rollouts }, { params }) => rolloutReply(rollouts.get(params['name']!)),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/v1/rollouts/{name}',
    summary: 'Forget a rollout that the API applied, or that the file declares no longer',
    isConditional: true,
    audit: { kind: 'rollout.delete', subject: rolloutSubject },
    replies: { 204: { description: 'It is gone; its history stays.', schema: null } },
    handle: async (context, { params, request }) => {
      await context.rollouts.delete(params['name']!, changeOptions(context, params['name']!, request));
      return new Response(null, { status: 204 });
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/rollouts/{name}/history',
    summary: 'What happened to a rollout, newest first; also of one that is gone',
    query: z.strictObject({ limit: limit(100) }),
    replies: { 200: { description: 'The events.', schema: z.array(rolloutEventSchema) } },
    handle: async ({ rollouts }, { params, query }) => {
      const events = await rollouts.history(params['name']!, query.limit);
      if (events.length === 0) rollouts.get(params['name']!);
      return json(events.map(historyJson));
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/rollouts/{name}/assign',
    summary: 'Which arm units get at this moment, without serving them',
    body: z.strictObject({ units: z.array(z.string()).max(MAX_UNITS) }),
    replies: { 200: { description: 'One answer for each unit, in order.', schema: z.array(assignmentSchema) } },
    handle: ({ rollouts }, { params, body }) => {
      const rollout = rollouts.get(params['name']!);
      return json(body.units.map((unit) => assignment(rollout, unit)));
    },
  }),
];

export function rolloutSubject(params: Readonly<Record<string, string>>): string {
  return `rollout:${params['name']}`;
}

/** The declaration itself stands in the rollout's revisions; parameters of an arm may be anything. */
function declarationDigest(declared: unknown): Readonly<Record<string, JsonValue>> {
  return { sha256: declarationHash(declared as JsonValue) };
}

/** @throws AdminError where the file of another name was sent, or the declaration does not hold */
function parseDeclaration(context: AdminContext, name: string, declared: Record<string, JsonValue>): RolloutSpec {
  if (declared['name'] !== undefined && declared['name'] !== name) {
    throw new AdminError(400, 'invalid_request', `The path names the rollout "${name}", the body another one.`);
  }
  try {
    return context.parseRollout({ name, ...declared });
  } catch (error) {
    if (error instanceof ConfigError) throw new AdminError(400, 'invalid_rollout', describeProblems(error.problems));
    throw error;
  }
}

export function changeOptions(
  { rollouts }: AdminContext,
  name: string,
  request: Request,
  reason: string | undefined = undefined,
): ChangeOptions {
  const version = expectedVersion(request.headers.get('if-match'), () => rollouts.get(name).version);
  return {
    actor: 'api',
    ...(version === null ? {} : { expectedVersion: version }),
    ...(reason === undefined ? {} : { reason }),
  };
}

export function rolloutReply(rollout: Rollout, status = 200): Response {
  return json(rolloutJson(rollout), status, etagOf(rollout));
}

function etagOf({ version }: Rollout) {
  return { etag: `"${version}"` };
}

function assignment(rollout: Rollout, unit: string): z.input<typeof assignmentSchema> {
  const { position, arm } = placeUnit(rollout, unit);
  return { unit, u: position, arm: rollout.spec.arms[arm]?.name ?? null };
}
