import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { forgetPostgres, startPostgres, type RunningPostgres } from '../../scripts/postgres-server.ts';
import { systemClock } from '../../src/core/clock.ts';
import { MIGRATIONS } from '../../src/store/migrations.ts';
import { openStores } from '../../src/store/open-stores.ts';
import { postgresForTests } from '../support/postgres.ts';
import { cli } from '../cli/run-cli.ts';
import { recordsOf } from '../audit/support.ts';
import { verifyStore } from '../../src/audit/audit-reader.ts';
import { ChainWriter } from '../../src/audit/chain-writer.ts';
import { ORIGIN } from '../../src/audit/checkpoint.ts';
import { NoteSigner } from '../../src/audit/signed-note.ts';
import { AUDIT_KEY_SECRET } from '../../src/core/audit.ts';
import { StoreAwayError } from '../../src/core/stores.ts';
import { openAuditStore } from '../../src/store/open-audit-store.ts';
import { SERVING } from '../../src/store/postgres/connection.ts';
import { openPostgres } from '../../src/store/postgres/open-postgres.ts';
import { settingsOf } from '../../src/store/postgres/open-store.ts';
import { storedKey } from './key-fixture.ts';
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

  it('tells every process of a schema what was changed, when it is there to be read', async () => {
    const [one, other] = await Promise.all([
      openStores(urlOf('told'), systemClock),
      openStores(urlOf('told'), systemClock),
    ]);
    const elsewhere = await openStores(urlOf('not_told'), systemClock);
    const seen: string[] = [];
    const heard = new Promise<void>((resolve) => {
      other.watch(async (topic) => {
        seen.push(`${topic} ${(await other.rollouts.list()).length} ${(await other.keys.list()).length}`);
        if (seen.at(-1) === 'keys 1 1') resolve();
      });
    });
    const beside: string[] = [];
    elsewhere.watch((topic) => void beside.push(topic));
    await expect.poll(() => [seen.length, beside.length]).toEqual([2, 2]);
    const stored = storedRollout();
    await one.rollouts.put(stored, 0, eventOf(stored));
    await expect.poll(() => seen.slice(2)).toEqual(['rollouts 1 0']);
    await one.keys.put(storedKey('one'), 0);
    await heard;
    expect(beside).toHaveLength(2);
    await Promise.all([one, other, elsewhere].map((stores) => stores.close()));
  });

  it('tells that anything may have changed when the connection was cut on which changes are told', async () => {
    const stores = await openStores(urlOf('cut'), systemClock);
    const seen: string[] = [];
    const stop = stores.watch((topic) => void seen.push(topic));
    await expect.poll(() => seen.length).toBe(2);
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sluice session'`,
    );
    await expect.poll(() => seen.length, { timeout: 5_000 }).toBe(4);
    stop();
    await stores.close();
  });

  it('gives the lease of a process that is gone to another at once, and that of one that lives only when it has run out', async () => {
    const [one, other] = await Promise.all([
      openStores(urlOf('lease'), systemClock),
      openStores(urlOf('lease'), systemClock),
    ]);
    expect(await one.leases.acquire('controller', 'a', 3_600_000)).toMatchObject({ token: 1 });
    expect(await other.leases.acquire('controller', 'b', 3_600_000)).toBeNull();
    await one.close();
    await expect.poll(() => other.leases.acquire('controller', 'b', 3_600_000)).toMatchObject({ token: 2 });
    await other.close();
  });

  it('goes by the clock of the server, whatever that of a gateway says', async () => {
    const hourAhead = { now: () => systemClock.now(), wall: () => systemClock.wall() + 3_600_000 };
    const [ahead, right] = await Promise.all([
      openStores(urlOf('clock'), hourAhead),
      openStores(urlOf('clock'), systemClock),
    ]);
    await right.leases.acquire('controller', 'right', 60_000);
    expect(await ahead.leases.acquire('controller', 'ahead', 60_000)).toBeNull();
    await Promise.all([ahead.close(), right.close()]);
  });

  it('is not waited for by anybody for long where a process stands still in the middle of a write', async () => {
    const stores = await openStores(urlOf('still'), systemClock);
    const stored = storedRollout();
    await stores.rollouts.put(stored, 0, eventOf(stored));
    const still = openPostgres(settingsOf(urlOf('still')), { patience: SERVING, size: 1 });
    const [holding, woken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const held = still.db.transaction().execute(async (transaction) => {
      await still.lockSequence(transaction, 'rollout_events');
      await transaction.updateTable('rollouts').set({ step: 9 }).execute();
      holding.resolve();
      await woken.promise;
      await transaction.updateTable('rollouts').set({ step: 10 }).execute();
    });
    held.catch(() => {});
    await holding.promise;
    const next = storedRollout({ version: 2 });
    await expect
      .poll(
        () =>
          stores.rollouts.put(next, 1, eventOf(next)).then(
            () => 'written',
            () => 'waited',
          ),
        { timeout: 20_000 },
      )
      .toBe('written');
    woken.resolve();
    await expect(held).rejects.toThrow(StoreAwayError);
    expect((await stores.rollouts.get('fast-v2'))!.version).toBe(2);
    await still.db.destroy();
    await stores.close();
  });

  it('has one chain of audit entries, whoever writes, which the command line verifies from outside', async () => {
    const url = urlOf('chain');
    const stores = await openStores(url, systemClock);
    const seed = await stores.secrets.secret(AUDIT_KEY_SECRET);
    const signer = new NoteSigner(seed, ORIGIN);
    const opened = await Promise.all([1, 2, 3].map(() => openAuditStore(url, systemClock, 0)));
    const writers = opened.map((store) => new ChainWriter(store, signer, { entries: 10, time: 60_000 }, systemClock));
    const again = recordsOf(5);
    const work = writers.flatMap((writer) => [
      ...Array.from({ length: 8 }, () => writer.append(recordsOf(7), false)),
      writer.append(again, true),
    ]);
    await Promise.all(work);
    expect(await verifyStore(opened[0]!, signer.verifier, '')).toMatchObject({ ok: true, entries: 3 * 8 * 7 + 5 });
    const told = await cli(['audit', 'verify', '--store', url, '--json']);
    expect(told).toMatchObject({ status: 0 });
    await admin.query(`update chain.audit_entries set entry = replace(entry, 'tester', 'nobody') where seq = 40`);
    expect(await verifyStore(opened[0]!, signer.verifier, '')).toMatchObject({ ok: false, problem: { seq: 40 } });
    expect(await cli(['audit', 'verify', '--store', url, '--json'])).toMatchObject({ status: 1 });
    await Promise.all([stores, ...opened].map((store) => store.close()));
  });

  it('is spoken to over TLS, by the name and the authority that the URL asks for', async () => {
    const keys = mkdtempSync(join(tmpdir(), 'sluice-tls-'));
    onTestFinished(() => rmSync(keys, { recursive: true }));
    const [cert, key] = ['cert.pem', 'key.pem'].map((name) => join(keys, name)) as [string, string];
    const subject = ['-subj', '/CN=db', '-addext', 'subjectAltName=DNS:localhost'];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert];
    expect(spawnSync('openssl', [...made, ...subject]).status).toBe(0);
    const secure = await startPostgres(installed!, { tls: { cert, key } });
    onTestFinished(async () => {
      await secure.stop();
      forgetPostgres(secure);
    });
    const open = async (host: string, options: string): Promise<void> => {
      const url = secure.url.replace('127.0.0.1', host);
      await (await openStores(`${url}?${options}&schema=tls`, systemClock)).close();
    };
    await open('localhost', `sslmode=verify-full&sslrootcert=${cert}`);
    await open('127.0.0.1', `sslmode=verify-ca&sslrootcert=${cert}`);
    await open('127.0.0.1', 'sslmode=require');
    await expect(open('127.0.0.1', `sslmode=verify-full&sslrootcert=${cert}`)).rejects.toThrow(/altnames|IP/i);
    await expect(open('localhost', 'sslmode=verify-full')).rejects.toThrow(/self-signed/);
    await expect(open('localhost', 'sslmode=verify-full&sslrootcert=/no/such.pem')).rejects.toThrow(/such\.pem/);
  });

  it('asks for TLS where the URL does, and says what to do where there is none', async () => {
    await expect(openStores(`${postgres.url}?sslmode=require`, systemClock)).rejects.toThrow(
      /does not support TLS; add/,
    );
  });
});
