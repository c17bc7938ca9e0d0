import { z } from 'zod';
import { isPostgresUrl, parsePostgresUrl } from '../core/store-url.ts';
import { byteSize } from './units.ts';
import { strict, told } from './zod-kit.ts';

/** As in `schema.ts`. */
const RESTART = 'A change needs a restart.';

export const store = z
  .string()
  .regex(
    /^(?:sqlite:.+|postgres(?:ql)?:\/\/.*)$/,
    told(
      'must be a store',
      'write sqlite:PATH, e.g. sqlite:./data/sluice.db, sqlite::memory:, or postgres://USER:PASSWORD@HOST:5432/DATABASE',
    ),
  )
  .superRefine((text, context) => {
    const parsed = isPostgresUrl(text) ? parsePostgresUrl(text) : null;
    if (parsed !== null && 'problem' in parsed)
      context.addIssue({ code: 'custom', message: told(parsed.problem, parsed.fix) });
  });

export const spool = strict({
  directory: z
    .string()
    .min(1, told('is empty', 'name a directory, or leave it out'))
    .optional()
    .describe(
      `Default: the store's file with \`.spool\`; for a store on Postgres \`./data/spool\`. It must outlive the process. ${RESTART}`,
    ),
  maxBytes: byteSize()
    .prefault('256MiB')
    .describe(`What comes when so much waits is lost, counted and told. ${RESTART}`),
});
