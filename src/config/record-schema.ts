import { z } from 'zod';
import { byteSize, longDuration, wholeNumber, yesOrNo } from './units.ts';
import { strict, told } from './zod-kit.ts';

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
  queue: wholeNumber(100, 1_000_000)
    .prefault(20_000)
    .describe(`Records that may wait to be written; more are dropped and counted. ${RESTART}`),
});
