import { resolve as absolutePath } from 'node:path';
import { z } from 'zod';
import { isPostgresUrl, parsePostgresUrl, type StoreUrlProblem } from '../core/store-url.ts';
import type { RecordConfig } from '../core/telling-config.ts';
import type { Milliseconds } from '../core/units.ts';
import type { Issues } from './problem.ts';
import { byteSize, longDuration, wholeNumber, yesOrNo } from './units.ts';
import { strict, told } from './zod-kit.ts';

/** In place of a URL: where the gateway keeps everything else. */
const STORE = 'store';
const SHORTEST_RETENTION: Milliseconds = 3_600_000;
const RESTART = 'A change needs a restart.';

export const record = strict({
  recent: wholeNumber(10, 1_000_000)
    .prefault(2_000)
    .describe(`Records that each process keeps in memory, for \`GET /api/v1/requests\`. ${RESTART}`),
  content: yesOrNo()
    .prefault(false)
    .describe('Keep what was asked and answered, after redaction; also what redaction only reports is masked in it.'),
  contentBytes: byteSize().prefault('16KiB').describe('So much of a request and so much of a reply is kept.'),
  files: strict({
    directory: z.string().min(1, told('is empty', 'name a directory')).describe(`Where they are written. ${RESTART}`),
    maxBytes: byteSize().prefault('64MiB').describe(`A file that has so much is closed. ${RESTART}`),
    maxAge: longDuration().prefault('1h').describe(`A file that is so old is closed. ${RESTART}`),
    gzip: yesOrNo().prefault(true).describe(`Whether closed files are compressed. ${RESTART}`),
    retention: longDuration().prefault('30d').describe(`Closed files go so long after their last record. ${RESTART}`),
  })
    .optional()
    .describe('Every record as a line of JSON; left out: none are written.'),
  postgres: strict({
    url: z
      .string()
      .superRefine((text, context) => {
        const problem = urlProblem(text);
        if (problem !== null) context.addIssue({ code: 'custom', message: told(problem.problem, problem.fix) });
      })
      .prefault(STORE)
      .describe(
        `\`${STORE}\`: the server and schema of \`store\`, where that is on Postgres; or \`postgres://USER:PASSWORD@HOST:5432/DATABASE\` with the options of \`store\`. ${RESTART}`,
      ),
    retention: longDuration()
      .refine((time) => time >= SHORTEST_RETENTION, told('is too short', 'write 1h or longer: days go as a whole'))
      .prefault('30d')
      .describe(`A day of records goes so long after its end. ${RESTART}`),
  })
    .optional()
    .describe(
      'Every record as a row of a table, which `GET /api/v1/requests` searches as well; left out: none are written.',
    ),
  queue: wholeNumber(100, 1_000_000)
    .prefault(20_000)
    .describe(`Records that may wait to be written; more are dropped and counted. ${RESTART}`),
});

function urlProblem(text: string): StoreUrlProblem | null {
  if (text === STORE) return null;
  const parsed = parsePostgresUrl(text);
  return 'problem' in parsed ? parsed : null;
}

interface RecordSections {
  readonly record: z.output<typeof record>;
  readonly store: string;
}

export function toRecordConfig(file: RecordSections, issues: Issues): RecordConfig {
  const { files, postgres, ...rest } = file.record;
  return {
    ...rest,
    files: files === undefined ? null : { ...files, directory: absolutePath(files.directory) },
    postgres: postgres === undefined ? null : { ...postgres, url: toUrl(postgres.url, file.store, issues) },
  };
}

function toUrl(url: string, store: string, issues: Issues): string {
  if (url !== STORE) return url;
  if (!isPostgresUrl(store))
    issues.add(
      ['record', 'postgres'],
      'goes to the server of "store", which is not on Postgres',
      'add url: postgres://USER:PASSWORD@HOST:5432/DATABASE, or put "store" on Postgres',
    );
  return store;
}
