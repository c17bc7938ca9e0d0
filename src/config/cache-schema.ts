import { z } from 'zod';
import { byteSize, timeLimit, yesOrNo } from './units.ts';
import { strict, told } from './zod-kit.ts';

/** Endpoints whose replies can be kept. */
const KEPT_OPERATIONS = [
  'chat',
  'text_completion',
  'responses',
  'embeddings',
  'moderations',
  'messages',
  'count_tokens',
] as const;

export const cache = strict({
  url: z
    .string()
    .regex(
      /^(?:memory:|rediss?:\/\/.+)$/,
      told('must be a place for replies', 'write memory:, redis://HOST:PORT or rediss://HOST:PORT'),
    )
    .optional()
    .describe(
      'Where replies are kept: `memory:` (each gateway for itself), or `redis://HOST:PORT` (all that share it, in plain text). Left out: as `counters`.',
    ),
  scope: z
    .enum(['team', 'key'])
    .prefault('team')
    .describe('Who shares replies: the keys of a team (one without a team shares with nobody), or each key alone.'),
  ttl: timeLimit().prefault('10m').describe('How long a reply is kept.'),
  maxBytes: byteSize()
    .prefault('64MiB')
    .describe('Of all replies in memory; the one not asked for the longest goes first.'),
  maxReplyBytes: byteSize().prefault('1MiB').describe('A larger reply is not kept.'),
  operations: z
    .array(z.enum(KEPT_OPERATIONS))
    .prefault([...KEPT_OPERATIONS])
    .describe('The endpoints whose replies are kept.'),
  tools: yesOrNo()
    .prefault(false)
    .describe(
      'Whether requests with tools are answered from the cache: a tool that the provider runs may do something.',
    ),
});
