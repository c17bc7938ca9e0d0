import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgetPostgres, startPostgres, type RunningPostgres } from '../../scripts/postgres-server.ts';
import { systemClock } from '../../src/core/clock.ts';
import { MIGRATIONS } from '../../src/store/migrations.ts';
import { openStores } from '../../src/store/open-stores.ts';
import { postgresForTests } from '../support/postgres.ts';
import { eventOf, storedRollout } from './rollout-fixture.ts';
import { describeStores } from './store-suite.ts';

const installed = postgresForTests('the store on Postgres');

describe.skipIf(installed === null)('the store on Postgres', () => {
  let postgres: RunningPostgres;
  let admin: pg.Client;

  beforeAll(async () => {
    postgres = await startPostgres(installed!);
    admin = new pg.Client(postgres.url);
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await postgres.stop();
    forgetPostgres(postgres);
  });

  const urlOf = (schema: string): string => `${postgres.url}?schema=${schema}`;
  const drop = async (schema: string): Promise<void> =>
    void (await admin.query(`drop schema if exists ${schema} cascade`));

  describeStores(
    'Postgres',
    () => openStores(urlOf('suite'), systemClock),
    () => drop('suite'),
  );

  it('is migrated once by processes that open it at the same time', async () => {
    const script = join(import.meta.dirname, 'open-once.ts');
    const started = [1, 2, 3].map(() => spawn(process.execPath, [script, urlOf('race')], { stdio: 'inherit' }));
    const exits = await Promise.all(started.map((child) => once(child, 'exit')));
    expect(exits.map(([code]) => code)).toEqual([0, 0, 0]);
    const { rows } = await admin.query('select id from race.sluice_migrations order by id');
    expect(rows.map(({ id }) => id)).toEqual(MIGRATIONS.map(({ id }) => id));
  });

  it('that newer software wrote is refused and left alone', async () => {
    await (await openStores(urlOf('newer'), systemClock)).close();
    await admin.query("insert into newer.sluice_migrations values (99, 'future', 0)");
    await expect(openStores(urlOf('newer'), systemClock)).rejects.toThrow(/schema newer.*schema 99, but this version/);
  });

  it('keeps what is in one schema from what is in another', async () => {
    const [one, other] = await Promise.all(['one', 'other'].map((each) => openStores(urlOf(each), systemClock)));
    const stored = storedRollout();
    await one!.rollouts.put(stored, 0, eventOf(stored));
    expect(await other!.rollouts.list()).toEqual([]);
    expect(await other!.secrets.secret('keys')).not.toEqual(await one!.secrets.secret('keys'));
    await Promise.all([one!.close(), other!.close()]);
  });

  it('does not let anybody in with a wrong password, says so at once and does not repeat it', async () => {
    const url = urlOf('x').replace(/:[^:@]*@/, ':wrong-word@');
    const refused = openStores(url, systemClock);
    await expect(refused).rejects.toThrow(/password authentication failed/);
    await expect(refused).rejects.not.toThrow(/wrong-word/);
  });

  it('asks for TLS where the URL does, and says what to do where there is none', async () => {
    await expect(openStores(`${postgres.url}?sslmode=require`, systemClock)).rejects.toThrow(
      /does not support TLS; add/,
    );
  });
});
