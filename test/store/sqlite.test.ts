import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { sql } from 'kysely';
import { migrate } from '../../src/store/migrate.ts';
import { MIGRATIONS } from '../../src/store/migrations.ts';
import { openSqlite } from '../../src/store/sqlite/open-sqlite.ts';
import { openStores } from '../../src/store/open-stores.ts';
import { eventOf, storedRollout } from './rollout-fixture.ts';
import { describeStores } from './store-suite.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-store-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const suitePath = join(directory, 'suite', 'sluice.db');
describeStores(
  'SQLite file',
  () => openStores(`sqlite:${suitePath}`, systemClock),
  async () => rmSync(join(directory, 'suite'), { recursive: true, force: true }),
);
describeStores(
  'SQLite memory',
  () => openStores('sqlite::memory:', systemClock),
  async () => {},
);

describe('a SQLite file', () => {
  it('keeps rollouts and secrets when it is opened again', async () => {
    const url = `sqlite:${join(directory, 'again.db')}`;
    const first = await openStores(url, systemClock);
    const stored = storedRollout();
    await first.rollouts.put(stored, 0, eventOf(stored));
    const secret = await first.secrets.secret('keys');
    await first.close();
    const second = await openStores(url, systemClock);
    expect(await second.rollouts.get('fast-v2')).toEqual(stored);
    expect(await second.secrets.secret('keys')).toEqual(secret);
    await second.close();
  });

  it('is readable by its owner only, also where it was not before', async () => {
    const path = join(directory, 'mode', 'sluice.db');
    const first = await openStores(`sqlite:${path}`, systemClock);
    expect([path, `${path}-wal`].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
    await first.close();
    chmodSync(path, 0o644);
    await (await openStores(`sqlite:${path}`, systemClock)).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('that cannot grow says so, and not that there is nothing to take back', async () => {
    const { db } = openSqlite(join(directory, 'full.db'));
    await sql`create table t (x text)`.execute(db);
    await sql`pragma max_page_count = 3`.execute(db);
    const write = () =>
      db.transaction().execute((trx) => sql`insert into t values (${'x'.repeat(40_000)})`.execute(trx));
    await expect(write()).rejects.toThrow('database or disk is full');
    await expect(write()).rejects.toThrow('database or disk is full');
    await db.destroy();
  });

  it('is written with the durability that survives a power failure', async () => {
    const path = join(directory, 'wal.db');
    const stores = await openStores(`sqlite:${path}`, systemClock);
    const other = new Database(path);
    expect(other.pragma('journal_mode', { simple: true })).toBe('wal');
    other.close();
    await stores.close();
  });

  it('is migrated once by processes that open it at the same time', async () => {
    const path = join(directory, 'race.db');
    const script = join(import.meta.dirname, 'open-once.ts');
    const started = [1, 2, 3].map(() => spawn(process.execPath, [script, `sqlite:${path}`], { stdio: 'inherit' }));
    const exits = await Promise.all(started.map((child) => once(child, 'exit')));
    expect(exits.map(([code]) => code)).toEqual([0, 0, 0]);
    const database = new Database(path);
    expect(database.prepare('select id from sluice_migrations').pluck().all()).toEqual(MIGRATIONS.map(({ id }) => id));
    database.close();
  });

  it('that another process has locked is waited for at the start, longer than those who serve would wait', async () => {
    const path = join(directory, 'starting.db');
    const isWaiting = new SharedArrayBuffer(4);
    const holder = new Worker(join(import.meta.dirname, 'hold-lock.ts'), { workerData: { path, isWaiting } });
    const exited = once(holder, 'exit');
    await once(holder, 'message');
    Atomics.store(new Int32Array(isWaiting), 0, 1);
    Atomics.notify(new Int32Array(isWaiting), 0);
    await (await openStores(`sqlite:${path}`, systemClock)).close();
    expect(await exited).toEqual([0]);
  });

  it('that was written before rollouts were judged keeps them, with a revision to go back to', async () => {
    const path = join(directory, 'first-schema.db');
    const backend = openSqlite(path);
    await migrate(backend, systemClock, {
      journal: 'sluice_migrations',
      migrations: MIGRATIONS.slice(0, 1),
      what: 'The store',
      setting: 'store',
    });
    await sql`insert into rollouts (name, declared, phase, step, weight, desired, revision, version, updated_at)
      values ('old', '{"name":"old"}', 'paused', 1, 37, 'canary', 4, 9, 1700000000000)`.execute(backend.db);
    await backend.db.destroy();
    const stores = await openStores(`sqlite:${path}`, systemClock);
    const state = {
      phase: 'paused',
      step: 1,
      weight: 37,
      epoch: 1,
      since: 1_700_000_000_000,
      winner: null,
      saltTurn: 0,
    };
    expect(await stores.rollouts.get('old')).toMatchObject({ revision: 4, version: 9, state });
    expect(await stores.rollouts.revisions('old', 5)).toMatchObject([{ revision: 4, declared: { name: 'old' } }]);
    await stores.close();
  });

  it('that newer software wrote is refused and left alone', async () => {
    const path = join(directory, 'newer.db');
    await (await openStores(`sqlite:${path}`, systemClock)).close();
    const database = new Database(path);
    database.prepare("insert into sluice_migrations values (99, 'future', 0)").run();
    database.close();
    await expect(openStores(`sqlite:${path}`, systemClock)).rejects.toThrow(/schema 99.*knows only 6/);
  });

  it('that is no database is refused by name', async () => {
    const path = join(directory, 'text.db');
    writeFileSync(path, 'this is not a database, but it is long enough to be taken for one'.repeat(20));
    await expect(openStores(`sqlite:${path}`, systemClock)).rejects.toThrow(/text\.db" cannot be opened/);
  });

  it('that another process has locked fails rather than waits for ever', async () => {
    const path = join(directory, 'locked.db');
    const stores = await openStores(`sqlite:${path}`, systemClock);
    stores.beginServing();
    const other = new Database(path);
    other.exec('begin immediate');
    const stored = storedRollout();
    await expect(stores.rollouts.put(stored, 0, eventOf(stored))).rejects.toThrow(/locked/);
    other.exec('rollback');
    await stores.rollouts.put(stored, 0, eventOf(stored));
    expect(await stores.rollouts.get('fast-v2')).toEqual(stored);
    other.close();
    await stores.close();
  });
});

it('a store of an unknown kind is refused with the kinds there are', async () => {
  await expect(openStores('mongodb://localhost', systemClock)).rejects.toThrow(/write sqlite:PATH/);
});
