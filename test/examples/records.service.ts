import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { postgresForTests } from '../support/postgres.ts';

const SCRIPT = join(import.meta.dirname, '../../examples/records/find-a-request.ts');
const installed = postgresForTests('the example of records in Postgres');

it.skipIf(installed === null)('every request is found again as its page says', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT]);
  expect(stdout).toMatch(/^a request of the second gateway is found through the first: true$/m);
  expect(stdout).toMatch(/^Postgres is stopped: 10 of the second gateway are told, the rest is unavailable$/m);
  expect(stdout).toMatch(/^in files: 30\nok: every request is in Postgres and in a file, once$/m);
});
