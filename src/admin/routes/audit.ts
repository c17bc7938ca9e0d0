import { z } from 'zod';
import { defineRoute, json } from '../route.ts';

const entrySchema = z.strictObject({
  seq: z.int().min(1).describe('Its place in the chain.'),
  at: z.string().describe('ISO 8601.'),
  kind: z.string(),
  phase: z
    .enum(['intent', 'outcome', 'fact'])
    .describe('Before something was done, after it with the same `id`, or about what has happened.'),
  actor: z.string().describe('`api`, `config`, `controller`, `gateway`, or `key:NAME`.'),
  subject: z.string(),
  id: z.string(),
  detail: z.unknown(),
  result: z
    .enum(['done', 'failed', 'refused', 'unknown'])
    .nullable()
    .describe('Of an intent. `unknown`: its outcome was never written. Null: the entry is no intent.'),
  entry: z.string().describe('The canonical JSON that is hashed.'),
  hash: z.string().describe('SHA-256 of the hash before and the entry, in hex.'),
});

const verdictSchema = z.strictObject({
  ok: z.boolean(),
  entries: z.int().describe('How many were looked at.'),
  checkpoints: z.int(),
  keptCheckpoints: z.int().describe('Of those sent, how many hold.'),
  root: z.string().describe('Of the Merkle tree, in base64.'),
  problem: z
    .strictObject({ seq: z.int().nullable().describe('The first bad entry.'), what: z.string() })
    .nullable()
    .describe('The first thing that is wrong.'),
});

const limit = (fallback: number) => z.coerce.number().int().min(1).max(1000).default(fallback);
const verdict = { 200: { description: 'What was found; `ok` false is an answer too.', schema: verdictSchema } };

export const auditRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/audit',
    summary: 'Entries of the audit trail: the newest first, or with `after` from there on, oldest first',
    query: z.strictObject({
      limit: limit(100),
      after: z.coerce.number().int().min(0).optional(),
      before: z.coerce.number().int().min(1).optional(),
      kind: z.string().optional(),
    }),
    replies: { 200: { description: 'The entries.', schema: z.array(entrySchema) } },
    handle: async ({ audit }, { query }) => json(await audit.entries(query)),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/audit/verify',
    summary: 'Whether the chain is as it was written',
    replies: verdict,
    handle: async ({ audit }) => json(await audit.verify('')),
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/audit/verify',
    summary: 'The same, also against checkpoints that were kept elsewhere',
    body: z.strictObject({ checkpoints: z.string().describe('Signed notes, one after the other.') }),
    replies: verdict,
    handle: async ({ audit }, { body }) => json(await audit.verify(body.checkpoints)),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/audit/checkpoints',
    summary: 'Signed checkpoints over more than `after` entries, smallest first',
    query: z.strictObject({ limit: limit(100), after: z.coerce.number().int().min(0).default(0) }),
    replies: {
      200: {
        description: 'The checkpoints.',
        schema: z.array(z.strictObject({ size: z.int(), note: z.string().describe('A C2SP signed note.') })),
      },
    },
    handle: async ({ audit }, { query: { after, limit: most } }) => json(await audit.checkpoints(after, most)),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/audit/key',
    summary: 'The public key of checkpoints',
    replies: {
      200: {
        description: 'As signed notes write it.',
        schema: z.strictObject({ key: z.string().describe('NAME+ID+KEY') }),
      },
    },
    handle: ({ audit }) => json({ key: audit.verifierKey }),
  }),
];
