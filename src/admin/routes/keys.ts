import { z } from 'zod';
import { storedKey } from '../../config/key-schema.ts';
import { ConfigError } from '../../config/problem.ts';
import { configKeyId, type StoredKey } from '../../core/keys.ts';
import type { JsonValue } from '../../core/rollout.ts';
import type { KeyChangeOptions, NewSecret } from '../../keys/key-admin.ts';
import { declarationHash } from '../../rollout/declaration.ts';
import type { AdminContext } from '../deps.ts';
import { AdminError, describeProblems } from '../errors.ts';
import { expectedVersion } from '../if-match.ts';
import { configKeyJson, keySchema, storedKeyJson } from '../key-json.ts';
import { defineRoute, json } from '../route.ts';

const LONGEST_NAME = 128;

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const overlap = z
  .string()
  .regex(/^(?:0|\d{1,6}[smhd])$/, 'must be a duration: 0, 90s, 30m, 24h or 7d')
  .default('24h')
  .describe('How long the secrets before stay valid: `24h`, `7d`; `0`: they end at once.')
  .transform((text) => (text === '0' ? 0 : Number(text.slice(0, -1)) * UNITS[text.at(-1)!]!));

const oneKey = { description: 'The key; its version is the ETag.', schema: keySchema };
const withSecret = {
  description: 'The key with its secret, which is told this once.',
  schema: keySchema.extend({ secret: z.string().describe('Kept only as a keyed hash: nobody can tell it again.') }),
};

/** Read by the schema of the configuration, which tells the fix of what is wrong. */
const declaration = (meaning: string) =>
  z
    .record(z.string(), z.unknown())
    .meta({ properties: z.toJSONSchema(storedKey, { io: 'input' }).properties })
    .describe(meaning);

/** Nothing has checked it yet. */
function nameOf({ name }: Readonly<Record<string, unknown>>): string | null {
  return typeof name === 'string' ? name.slice(0, LONGEST_NAME) : null;
}

/** What was declared can be shown later to be what was sent. */
const digestOf = (declared: object): { readonly sha256: string } => ({
  sha256: declarationHash(declared as JsonValue),
});

const keySubject = (params: Readonly<Record<string, string>>): string => `key:${params['id']!}`;

export const keyRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/keys',
    summary: 'All keys: those of the store, newest first, then those of the configuration file; never a secret',
    replies: { 200: { description: 'The keys.', schema: z.array(keySchema) } },
    handle: async (context) => {
      const stored = (await context.keys.admin.list()).map((key) => describe(context, key));
      const { surroundings, now } = context.keys;
      return json([...stored, ...surroundings().keys.map((key) => configKeyJson(key, now()))]);
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/keys',
    summary: 'Make a key; the reply alone tells its secret',
    body: declaration('As under `keys` in the configuration file, without `secret`.'),
    audit: {
      kind: 'key.create',
      subject: () => 'keys',
      detail: (body) => ({ name: nameOf(body), ...digestOf(body) }),
    },
    replies: { 201: { ...withSecret, description: 'Created. The reply tells the secret, this once.' } },
    handle: (context, { body }) =>
      checked(async () => secretReply(context, await context.keys.admin.create(body as Declared, 'api'), 201)),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/keys/{id}',
    summary: 'One key',
    replies: { 200: oneKey },
    handle: async (context, { params }) => {
      const { admin, surroundings, now } = context.keys;
      const configured = surroundings().keys.find(({ name }) => configKeyId(name) === params['id']);
      if (configured !== undefined) return json(configKeyJson(configured, now()));
      return keyReply(context, await admin.get(params['id']!));
    },
  }),
  defineRoute({
    method: 'PATCH',
    path: '/api/v1/keys/{id}',
    summary: 'Change what a key may do, in force within a second on every gateway of the store',
    body: declaration('The fields to set; null: back to the default.'),
    audit: {
      kind: 'key.change',
      subject: keySubject,
      detail: (body) => ({ fields: Object.keys(body), ...digestOf(body) }),
    },
    isConditional: true,
    replies: { 200: oneKey },
    handle: (context, { params, body, request }) =>
      checked(async () => {
        const options = await changeOptions(context, params['id']!, request);
        return keyReply(context, await context.keys.admin.change(params['id']!, body as Declared, options));
      }),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/v1/keys/{id}',
    summary: 'Revoke a key, in force within a second on every gateway of the store; its record stays',
    audit: { kind: 'key.revoke', subject: keySubject },
    isConditional: true,
    replies: { 200: oneKey },
    handle: async (context, { params, request }) => {
      const options = await changeOptions(context, params['id']!, request);
      return keyReply(context, await context.keys.admin.revoke(params['id']!, options));
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/keys/{id}/rotate',
    summary: 'Give a key a new secret; those before stay valid for the overlap',
    body: z.strictObject({ overlap }),
    audit: { kind: 'key.rotate', subject: keySubject, detail: (body) => ({ overlapMs: body.overlap }) },
    isConditional: true,
    replies: { 200: withSecret },
    handle: (context, { params, body, request }) =>
      checked(async () => {
        const options = await changeOptions(context, params['id']!, request);
        return secretReply(context, await context.keys.admin.rotate(params['id']!, body.overlap, options), 200);
      }),
  }),
];

type Declared = Readonly<Record<string, JsonValue>>;

/** @throws AdminError `invalid_key` that tells every problem with its fix */
async function checked(change: () => Promise<Response>): Promise<Response> {
  try {
    return await change();
  } catch (error) {
    if (error instanceof ConfigError) throw new AdminError(400, 'invalid_key', describeProblems(error.problems));
    throw error;
  }
}

async function changeOptions({ keys }: AdminContext, id: string, request: Request): Promise<KeyChangeOptions> {
  const header = request.headers.get('if-match');
  if (header === null) return { actor: 'api' };
  const { version } = await keys.admin.get(id);
  return { actor: 'api', expectedVersion: expectedVersion(header, () => version)! };
}

function describe({ keys }: AdminContext, key: StoredKey) {
  return storedKeyJson(key, keys.surroundings(), keys.now());
}

function keyReply(context: AdminContext, key: StoredKey): Response {
  return json(describe(context, key), 200, { etag: `"${key.version}"` });
}

function secretReply(context: AdminContext, { key, secret }: NewSecret, status: number): Response {
  const location = status === 201 ? { location: `/api/v1/keys/${key.id}` } : {};
  return json({ ...describe(context, key), secret }, status, { etag: `"${key.version}"`, ...location });
}
