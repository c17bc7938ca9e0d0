import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { postgresForTests } from '../support/postgres.ts';

const SCRIPT = join(import.meta.dirname, '../../examples/stores/two-gateways.ts');
const installed = postgresForTests('the example of two gateways on one Postgres');

it.skipIf(installed === null)('two gateways on one Postgres go as their page says', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT]);
  expect(stdout).toMatch(/^37 % on one gateway are 37 % on the other, \d+ ms later$/m);
  expect(stdout).toMatch(/^\/readyz says 200: the store cannot be read\na change is answered 503$/m);
  expect(stdout).toMatch(/^ok: nothing failed, nothing was lost$/m);
});
