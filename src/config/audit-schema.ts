import { z } from 'zod';
import { strict, told } from './zod-kit.ts';
import { timeLimit, wholeNumber } from './units.ts';

/** As in `schema.ts`. */
const RESTART = 'A change needs a restart.';

const kind = () =>
  z
    .string()
    .regex(
      /^[a-z0-9_.*-]{1,64}$/,
      told('is no kind of entry', 'write a kind or a glob: rollout.*, key.*, config.reloaded, request'),
    );

const path = () => z.string().min(1, told('is empty', 'name a file, or leave it out'));

export const audit = strict({
  required: z
    .array(kind())
    .prefault(['*'])
    .describe(
      'Kinds of entries, globs allowed, without which nothing is done: while they cannot be written, changes of these kinds and (kind `request`) calls of models with `audit: true` answer 503. `rollout.abort` is never refused.',
    ),
  queue: wholeNumber(100, 1_000_000)
    .prefault(10_000)
    .describe('Entries that may wait in memory. What comes when it is full is lost, counted and told.'),
  spool: path()
    .optional()
    .describe(
      `Directory where entries wait for a store that is away; default: the store's file with \`.audit-spool\`; for a store on Postgres \`./data/audit-spool\`. ${RESTART}`,
    ),
  checkpoints: path()
    .optional()
    .describe(
      `File that each signed checkpoint is appended to. Keep it, or a copy, where those who can write the store cannot. ${RESTART}`,
    ),
  checkpointEvery: strict({
    entries: wholeNumber(1, 1_000_000).prefault(1_000).describe('After so many entries.'),
    time: timeLimit().prefault('60s').describe('After so long where there are new entries.'),
  })
    .prefault({})
    .describe(`When the chain is signed, whichever comes first. ${RESTART}`),
});
