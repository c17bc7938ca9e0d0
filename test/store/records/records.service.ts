import fc from 'fast-check';
import * as pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { forgetPostgres, startPostgres, type RunningPostgres } from '../../../scripts/postgres-server.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { comparePlaces, placeOf, type RequestRecord, type RequestRecordQuery } from '../../../src/core/recent.ts';
import { matchesQuery } from '../../../src/record/record-filter.ts';
import { PostgresRecordArchive } from '../../../src/store/records/postgres-archive.ts';
import { PostgresRecordSink } from '../../../src/store/records/postgres-sink.ts';
import { postgresForTests } from '../../support/postgres.ts';
import { recordOf } from './record-fixture.ts';

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
    const found = await archive.search({ limit: 1_000 });
    const content = { request: 'nul \ufffd half \ufffd whole \u{1f600} \\u0000', reply: null };
    const expected = [...records, { ...special, content }].toSorted((one, other) =>
      comparePlaces(placeOf(one), placeOf(other)),
    );
    expect(found).toEqual(expected.slice(0, 1_000));
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
        const first = (await archive.search({ ...asked, limit })) as readonly RequestRecord[];
        expect(first).toEqual(expected.slice(0, limit));
        if (first.length < limit) return;
        const next = await archive.search({ ...asked, limit, before: placeOf(first.at(-1)!) });
        expect(next).toEqual(expected.slice(limit, 2 * limit));
      }),
      { numRuns: 150, seed: 11 },
    );
    expect(failures).toEqual([]);
  });
});
