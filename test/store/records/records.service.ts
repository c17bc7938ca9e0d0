import * as fc from 'fast-check';
import * as pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { forgetPostgres, startPostgres, type RunningPostgres } from '../../../scripts/postgres-server.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { comparePlaces, placeOf, type RequestRecord, type RequestRecordQuery } from '../../../src/core/recent.ts';
import { StoreAwayError } from '../../../src/core/stores.ts';
import { matchesQuery } from '../../../src/record/record-filter.ts';
import { MIGRATIONS } from '../../../src/store/migrations.ts';
import { openStores } from '../../../src/store/open-stores.ts';
import { PostgresRecordArchive } from '../../../src/store/records/postgres-archive.ts';
import { PostgresRecordSink } from '../../../src/store/records/postgres-sink.ts';
import { searchSql } from '../../../src/store/records/search-sql.ts';
import { postgresForTests } from '../../support/postgres.ts';
import { compiler, recordOf } from './record-fixture.ts';

const installed = postgresForTests('records in Postgres');
const DAY = 24 * 3_600_000;
const NOON = Date.UTC(2026, 5, 15, 12);

describe.skipIf(installed === null)('records in Postgres', () => {
  let postgres: RunningPostgres;
  let admin: pg.Client;
  let schemas = 0;

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

  /** On a busy machine a search may take too long: it is asked again. */
  async function searched(
    archive: PostgresRecordArchive,
    query: RequestRecordQuery,
  ): Promise<readonly RequestRecord[]> {
    for (;;) {
      const found = await archive.search(query);
      if (found === 'unavailable') throw new Error('it could not be searched');
      if (found !== 'timeout') return found;
    }
  }

  interface World {
    readonly sink: PostgresRecordSink;
    readonly archive: PostgresRecordArchive;
    readonly schema: string;
    readonly url: string;
    readonly failures: unknown[];
    readonly clock: { at: number };
    opened(retention?: number): PostgresRecordSink;
    count(): Promise<number>;
    days(): Promise<readonly string[]>;
  }

  /** A schema of its own. @param wall of the gateway; the server's is the real one */
  function world({ retention = 30 * DAY, wall = NOON } = {}): World {
    const schema = `records_${schemas++}`;
    const url = `${postgres.url}?schema=${schema}`;
    const clock = { at: wall };
    const open = (time: number) =>
      new PostgresRecordSink({ url, retention: time }, { now: () => systemClock.now(), wall: () => clock.at });
    const failures: unknown[] = [];
    const archive = new PostgresRecordArchive(url, (error) => void failures.push(error));
    onTestFinished(() => archive.close());
    const opened = (time = retention): PostgresRecordSink => {
      const sink = open(time);
      onTestFinished(() => sink.close());
      return sink;
    };
    return {
      sink: opened(),
      archive,
      schema,
      url,
      failures,
      clock,
      opened,
      count: async () => {
        const { rows } = await admin.query<{ count: string }>(`select count(*) from ${schema}.request_records`);
        return Number(rows[0]!.count);
      },
      days: async () => {
        const { rows } = await admin.query<{ name: string }>(
          `select relname as name from pg_inherits join pg_class on oid = inhrelid
           where inhparent = $1::regclass order by 1`,
          [`${schema}.request_records`],
        );
        return rows.map(({ name }) => name);
      },
    };
  }

  it('are there as they were told, each once, however often a batch is offered', async () => {
    const { sink, archive, count } = world();
    const records = Array.from({ length: 1_000 }, (_, index) =>
      recordOf({ requestId: `r-${String(index).padStart(4, '0')}`, at: NOON + index, durationMs: index / 7 }),
    );
    const special = recordOf({
      requestId: 'special',
      at: NOON + 5_000,
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      tags: { region: 'eu' },
      policies: [{ rule: 'r', decision: 'allow' }] as never,
      content: { request: 'nul \0 half \ud800 whole \u{1f600} \\u0000', reply: null },
    });
    await sink.write(records);
    await Promise.all([sink.write(records), sink.write([...records.slice(500), special])]);
    expect(await count()).toBe(1_001);
    const found = await searched(archive, { limit: 1_000 });
    const content = { request: 'nul \ufffd half \ufffd whole \u{1f600} \\u0000', reply: null };
    const expected = [...records, { ...special, content }].toSorted((one, other) =>
      comparePlaces(placeOf(one), placeOf(other)),
    );
    expect(found).toEqual(expected.slice(0, 1_000));
  });

  it('finds what it could not store as it was by what was asked for', async () => {
    const { sink, archive } = world();
    await sink.write([recordOf({ requestId: 'odd', key: 'nul \0 half \ud800' })]);
    const ids = async (key: string) => (await searched(archive, { limit: 5, key })).map(({ requestId }) => requestId);
    expect(await ids('nul \0 half \ud800')).toEqual(['odd']);
    expect(await ids('\0')).toEqual([]);
  });

  const arbitraryRecord: fc.Arbitrary<RequestRecord> = fc
    .record({
      requestId: fc.uuid({ version: 4 }),
      at: fc.integer({ min: NOON - 2 * DAY, max: NOON }),
      durationMs: fc
        .oneof(fc.integer({ min: 0, max: 500_000 }), fc.integer({ min: 0, max: 90_000_000 }))
        .map((us) => us / 1000),
      key: fc.constantFrom('a', 'b'),
      team: fc.constantFrom('', 'search'),
      route: fc.constantFrom('m1', 'm2', 'm*'),
      requestedModel: fc.constantFrom('m1', 'm2'),
      model: fc.constantFrom('m1', 'm2', 'up'),
      rollout: fc.constantFrom('', 'next'),
      arm: fc.constantFrom('', 'canary'),
      provider: fc.constantFrom('one', 'two'),
      status: fc.constantFrom(200, 204, 400, 429, 500, 503),
      outcome: fc.constantFrom('success', 'error', 'denied'),
      errorType: fc.constantFrom('', 'timeout'),
    })
    .map((some) => recordOf(some));

  const arbitraryQuery: fc.Arbitrary<Omit<RequestRecordQuery, 'limit'>> = fc.record(
    {
      key: fc.constantFrom('a', 'b', 'c'),
      team: fc.constant('search'),
      model: fc.constantFrom('m1', 'm2', 'm*', 'up'),
      provider: fc.constantFrom('one', 'two'),
      rollout: fc.constantFrom('', 'next'),
      arm: fc.constantFrom('', 'canary'),
      status: fc.constantFrom('200', '2xx', '429', '4xx', '5xx', '3xx'),
      outcome: fc.constantFrom('success', 'denied'),
      errorType: fc.constant('timeout'),
      minDurationMs: fc.constantFrom(0, 100, 60_000, 70_000.5),
      since: fc.integer({ min: NOON - 3 * DAY, max: NOON }),
      until: fc.integer({ min: NOON - 2 * DAY, max: NOON + DAY }),
    },
    { requiredKeys: [] },
  );

  it('are found in pages as those in memory are, whatever is asked for', async () => {
    const { sink, archive, failures } = world();
    const records = fc.sample(arbitraryRecord, { numRuns: 1_000, seed: 7 });
    await sink.write(records);
    const inOrder = records.toSorted((one, other) => comparePlaces(placeOf(one), placeOf(other)));
    await fc.assert(
      fc.asyncProperty(arbitraryQuery, fc.integer({ min: 1, max: 200 }), async (asked, limit) => {
        const expected = inOrder.filter((record) => matchesQuery(record, { ...asked, limit }));
        const first = await searched(archive, { ...asked, limit });
        expect(first).toEqual(expected.slice(0, limit));
        if (first.length < limit) return;
        const next = await searched(archive, { ...asked, limit, before: placeOf(first.at(-1)!) });
        expect(next).toEqual(expected.slice(limit, 2 * limit));
      }),
      { numRuns: 150, seed: 11 },
    );
    expect(failures.filter((error) => !/timeout/.test(String(error)))).toEqual([]);
  });

  const dayName = (at: number): string =>
    `request_records_${new Date(at).toISOString().slice(0, 10).replaceAll('-', '')}`;

  /** One at noon of each of these days before the server's today. */
  const daysAgo = (...days: number[]): RequestRecord[] =>
    days.map((day) => recordOf({ requestId: `day-${day}`, at: today() - day * DAY + DAY / 2 }));
  const today = (): number => Math.floor(Date.now() / DAY) * DAY;

  it('go by days, once they are older than is asked for, and one of several gateways sees to it', async () => {
    const { sink, opened, days, count } = world({ retention: 90 * DAY, wall: Date.now() });
    await sink.write(daysAgo(40, 32, 31, 30, 29, 1));
    const others = [opened(30 * DAY), opened(30 * DAY), opened(30 * DAY)];
    await Promise.all(others.map((other) => other.removeOld()));
    const kept = [30, 29, 1, 0, -1].map((day) => dayName(today() - day * DAY));
    expect(await days()).toEqual(kept);
    expect(await count()).toBe(3);
  });

  it('are written while somebody who reads keeps an old day from going', async () => {
    const { sink, schema, days, count } = world({ wall: Date.now() });
    const reader = new pg.Client(postgres.url);
    await reader.connect();
    onTestFinished(() => reader.end());
    await sink.write(daysAgo(1));
    await admin.query(`create table ${schema}.${dayName(0)} (like ${schema}.request_records including all)`);
    await admin.query(
      `alter table ${schema}.request_records attach partition ${schema}.${dayName(0)} for values from ('1970-01-01Z') to ('1970-01-02Z')`,
    );
    await reader.query('begin');
    await reader.query(`select count(*) from ${schema}.request_records`);
    const removed = sink.removeOld();
    const waits = `select 1 from pg_stat_activity where query like '%detach partition%' and wait_event_type = 'Lock'`;
    await expect.poll(async () => (await admin.query(waits)).rowCount, { timeout: 10_000 }).toBe(1);
    await sink.write(daysAgo(0));
    expect(await count()).toBe(2);
    await reader.query('commit');
    await removed;
    expect(await days()).not.toContain(dayName(0));
  });

  it('of a day whose removal was begun and not finished go at the next time', async () => {
    const { sink, opened, schema, days, count } = world({ retention: 90 * DAY, wall: Date.now() });
    await sink.write(daysAgo(50, 40, 39, 1));
    const [half, off] = [daysAgo(39), daysAgo(40)].map(([record]) => `${schema}.${dayName(record!.at)}`);
    const [reader, stopped] = [new pg.Client(postgres.url), new pg.Client(postgres.url)];
    await Promise.all([reader.connect(), stopped.connect()]);
    await admin.query(`alter table ${schema}.request_records detach partition ${off}`);
    await reader.query('begin');
    await reader.query(`select count(*) from ${schema}.request_records`);
    await stopped.query('set statement_timeout = 300');
    const detach = `alter table ${schema}.request_records detach partition ${half} concurrently`;
    await expect(stopped.query(detach)).rejects.toThrow('statement timeout');
    await Promise.all([reader.end(), stopped.end()]);
    await opened(30 * DAY).removeOld();
    expect(await days()).toEqual([1, 0, -1].map((day) => dayName(today() - day * DAY)));
    expect(await count()).toBe(1);
    expect((await admin.query('select to_regclass($1) as found', [off])).rows).toEqual([{ found: null }]);
  });

  it('that waited for longer than they are kept are not written any more', async () => {
    const { sink, count } = world({ wall: Date.now() });
    await sink.write(daysAgo(40, 29));
    expect(await count()).toBe(1);
  });

  it('find their day made again where somebody has removed it', async () => {
    const { sink, schema, count } = world();
    await sink.write([recordOf({ requestId: 'a' })]);
    await admin.query(`drop table ${schema}.${dayName(NOON)}`);
    await expect(sink.write([recordOf({ requestId: 'b' })])).rejects.toThrow('no partition');
    await sink.write([recordOf({ requestId: 'b' })]);
    expect(await count()).toBe(1);
  });

  it('have their tables made once by gateways that start at the same time', async () => {
    const { opened, schema, count } = world({ wall: Date.now() });
    const sinks = Array.from({ length: 6 }, () => opened());
    await Promise.all(
      sinks.map(async (sink, index) => {
        await Promise.all([
          sink.removeOld(),
          sink.write([recordOf({ requestId: `r${index}`, at: Date.now() - (index % 2) * DAY })]),
        ]);
      }),
    );
    expect(await count()).toBe(6);
    const { rows } = await admin.query(`select id, name from ${schema}.record_migrations`);
    expect(rows).toEqual([{ id: 1, name: 'request-records' }]);
  });

  it('share a schema with the store, each with migrations of its own', async () => {
    const { sink, url, schema } = world();
    const stores = await openStores(url, systemClock);
    await sink.write([recordOf()]);
    await (await openStores(url, systemClock)).close();
    await stores.close();
    const { rows } = await admin.query(
      `select (select count(*)::int from ${schema}.sluice_migrations) as store, (select count(*)::int from ${schema}.record_migrations) as records`,
    );
    expect(rows).toEqual([{ store: MIGRATIONS.length, records: 1 }]);
  });

  it('are left alone where newer software wrote them', async () => {
    const { sink, opened, schema } = world();
    await sink.write([recordOf()]);
    await admin.query(`insert into ${schema}.record_migrations values (99, 'future', 0)`);
    await expect(opened().write([recordOf({ requestId: 'new' })])).rejects.toThrow(/schema 99.*record\.postgres\.url/);
    await sink.write([recordOf({ requestId: 'of one that was there before' })]);
  });

  it('that cannot be searched soon are not waited for', async () => {
    const { sink, archive, schema, failures } = world();
    expect(await archive.search({ limit: 10 })).toBeTypeOf('string');
    await sink.write([recordOf()]);
    expect(await searched(archive, { limit: 10 })).toHaveLength(1);
    const holder = new pg.Client(postgres.url);
    await holder.connect();
    await holder.query('begin');
    await holder.query(`lock table ${schema}.request_records in access exclusive mode`);
    expect(await archive.search({ limit: 10 })).toBe('timeout');
    await holder.end();
    expect(await searched(archive, { limit: 10 })).toHaveLength(1);
    expect(failures.length).toBeGreaterThan(0);
  });

  it('are refused by a server that is away, not searched in vain in one that says nothing, and there when it is back', async () => {
    let other = await startPostgres(installed!);
    onTestFinished(async () => {
      other.resume();
      await other.kill();
      forgetPostgres(other);
    });
    const clock = { now: () => systemClock.now(), wall: () => NOON };
    const sink = new PostgresRecordSink({ url: other.url, retention: 30 * DAY }, clock);
    const archive = new PostgresRecordArchive(other.url, () => {});
    onTestFinished(async () => void (await Promise.all([sink.close(), archive.close()])));
    await sink.write([recordOf({ requestId: 'a' })]);
    expect(await searched(archive, { limit: 10 })).toHaveLength(1);
    other.pause();
    expect(await archive.search({ limit: 10 })).toBeTypeOf('string');
    other.resume();
    const { port, folder } = other;
    await other.kill();
    await expect(sink.write([recordOf({ requestId: 'b' })])).rejects.toThrow(StoreAwayError);
    expect(await archive.search({ limit: 10 })).toBe('unavailable');
    other = await startPostgres(installed!, { port, folder });
    await sink.write([recordOf({ requestId: 'b' })]);
    expect(await searched(archive, { limit: 10 })).toHaveLength(2);
  });

  const usual: readonly (readonly [string, Omit<RequestRecordQuery, 'limit'>, RegExp])[] = [
    ['nothing', {}, /ended_request_id_idx/],
    ['a request', { requestId: 'r-77' }, /pkey/],
    ['a trace', { traceId: 'trace-9' }, /trace_id_ended/],
    ['a key', { key: 'key-3' }, /key_ended/],
    ['a key that nobody has', { key: 'nobody' }, /key_ended/],
    ['a team', { team: 'seldom' }, /team_ended/],
    ['a model', { model: 'seldom' }, /requested_model_ended/],
    ['a status', { status: '429' }, /expr_ended/],
    ['failures', { status: '5xx' }, /expr_ended/],
    ['an arm', { rollout: 'next', arm: 'canary' }, /rollout_ended/],
    ['an outcome', { outcome: 'denied' }, /outcome_ended/],
    ['a time', { since: NOON - 60_000 }, /ended_request_id_idx/],
    ['a time that is over', { until: NOON - 2 * 3_600_000 }, /ended_request_id_idx/],
    ['a time, of a key', { key: 'key-3', since: NOON - 3_600_000, until: NOON - 1_800_000 }, /idx/],
    ['a page', { before: { endedAt: NOON - 3_600_000, requestId: 'r' } }, /ended_request_id_idx/],
  ];

  it('are found by an index, whatever is usually asked for', async () => {
    const { sink, schema } = world();
    for (let batch = 0; batch < 20; batch++)
      await sink.write(
        Array.from({ length: 1_000 }, (_, index) => {
          const number = batch * 1_000 + index;
          const model = number % 1_000 === 0 ? 'seldom' : `model-${number % 5}`;
          const failed = number % 40 === 0;
          return recordOf({
            requestId: `r-${number}`,
            at: NOON - number * 1_000,
            key: `key-${number % 50}`,
            team: number % 700 === 0 ? 'seldom' : `team-${number % 7}`,
            traceId: `trace-${number}`,
            model,
            requestedModel: model,
            route: model,
            ...(number % 3 === 0 ? { rollout: 'next', arm: 'canary' } : {}),
            ...(failed ? { status: number % 80 === 0 ? 429 : 500, outcome: 'error' } : {}),
          });
        }),
      );
    await admin.query(`analyze ${schema}.request_records`);
    const db = compiler();
    await admin.query(`set search_path = ${schema}`);
    for (const [what, query, index] of usual) {
      const { sql, parameters } = searchSql({ ...query, limit: 100 }).compile(db);
      const { rows } = await admin.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, [...parameters]);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(`${what}: ${plan}`).toMatch(index);
      expect(`${what}: ${plan}`).not.toContain('Seq Scan');
    }
    await admin.query('reset search_path');
  });
});
