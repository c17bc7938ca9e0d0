import { randomUUID } from 'node:crypto';
import * as pg from 'pg';
import { findPostgres, forgetPostgres, startPostgres, type RunningPostgres } from '../scripts/postgres-server.ts';
import { systemClock } from '../src/core/clock.ts';
import type { RequestRecord, RequestRecordQuery } from '../src/core/recent.ts';
import { PostgresRecordArchive } from '../src/store/records/postgres-archive.ts';
import { PostgresRecordSink } from '../src/store/records/postgres-sink.ts';
import { cpuSeconds } from './proc.ts';
import { atMost, type SuiteReport } from './report.ts';
import type { Settings } from './settings.ts';
import { median } from './statistics.ts';

const BATCH = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Over so many days the records are spread. */
const DAYS = 30;
const COLUMNS = ['what', 'rows', 'median ms', 'worst ms'];

interface Searched {
  readonly name: string;
  readonly rows: number | null;
  readonly times: readonly number[];
}

/** Records in a Postgres of this machine: what writing one costs, and how long a page takes to find. */
export async function run({ isQuick }: Settings): Promise<SuiteReport> {
  const installed = findPostgres();
  if (typeof installed === 'string') return reportOf([], null, [`no figures: ${installed}`]);
  const postgres = await startPostgres(installed);
  try {
    return await measure(postgres, isQuick ? 100_000 : 1_000_000, isQuick ? 5 : 15);
  } finally {
    await postgres.stop();
    forgetPostgres(postgres);
  }
}

async function measure(postgres: RunningPostgres, count: number, rounds: number): Promise<SuiteReport> {
  const now = Date.now();
  const written = await write(postgres, count, now);
  const size = await analyse(postgres.url);
  const searched: Searched[] = [];
  for (const [name, query] of Object.entries(queries(now, written.sample)))
    searched.push(await search(postgres.url, name, query, rounds));
  const { micros, serverMicros, ownMicros } = written;
  return reportOf(searched, micros, [
    `${count} records over ${DAYS} days, ${BATCH} in a statement, one connection: ${Math.round(1e6 / micros)} a second`,
    `a record costs ${serverMicros.toFixed(1)} us of CPU of the server and ${ownMicros.toFixed(1)} us of the gateway's; ${Math.round(size / count)} bytes on disk, indexes included`,
    'not pinned; the server is on the same machine; a page has 100 records',
  ]);
}

function reportOf(searched: readonly Searched[], micros: number | null, notes: readonly string[]): SuiteReport {
  const worst = searched.length === 0 ? null : Math.max(...searched.flatMap(({ times }) => times));
  return {
    suite: 'records',
    targets: [
      atMost(100, 'us', 'a record written, in batches', micros),
      atMost(1_000, 'ms', 'a page of what is asked for, at worst', worst),
    ],
    columns: COLUMNS,
    rows: searched.map(({ name, rows, times }) => [name, rows, median([...times]), Math.max(...times)]),
    notes,
    rounds: searched,
  };
}

/** @param url a superuser's: it sees what others do */
async function asAdmin<T>(url: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client(url);
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

async function write({ url }: RunningPostgres, count: number, now: number) {
  const sink = new PostgresRecordSink({ url, retention: 2 * DAYS * DAY }, systemClock);
  const batches = Math.ceil(count / BATCH);
  const first = recordOf(0, count, now);
  await sink.write([first]);
  const server = await asAdmin(url, async (admin) => {
    const { rows } = await admin.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'sluice'`,
    );
    return rows[0]!.pid;
  });
  const before = cpuSeconds(server);
  let [own, spent] = [0, 0];
  for (let batch = 0; batch < batches; batch++) {
    const records = Array.from({ length: BATCH }, (_, index) => recordOf(batch * BATCH + index + 1, count, now));
    const [begun, cpu] = [performance.now(), process.cpuUsage()];
    await sink.write(records);
    spent += performance.now() - begun;
    const { user, system } = process.cpuUsage(cpu);
    own += user + system;
  }
  const serverSeconds = before === null ? Number.NaN : cpuSeconds(server)! - before;
  await sink.close();
  const [micros, serverMicros, ownMicros] = [spent * 1000, serverSeconds * 1e6, own].map((each) => each / count);
  return { sample: first, micros: micros!, serverMicros: serverMicros!, ownMicros: ownMicros! };
}

/** As it comes from a gateway: the newest last, most keys and models often, some of them seldom. */
function recordOf(index: number, count: number, now: number): RequestRecord {
  const model = index % 5_000 === 0 ? 'seldom' : `model-${index % 20}`;
  const failed = index % 50 === 0;
  return {
    requestId: randomUUID(),
    at: now - DAYS * DAY + Math.floor((index * DAYS * DAY) / count),
    operation: 'chat',
    route: model,
    requestedModel: model,
    key: `key-${index % 97}`,
    team: `team-${index % 11}`,
    rollout: index % 3 === 0 ? 'next' : '',
    arm: index % 3 !== 0 ? '' : index % 2 === 0 ? 'canary' : 'stable',
    provider: index % 20_000 === 0 ? 'spare' : `provider-${index % 3}`,
    model: `${model}-2026-01-31`,
    status: failed ? (index % 100 === 0 ? 429 : 503) : 200,
    outcome: failed ? 'error' : 'success',
    errorType: failed ? 'upstream_error' : '',
    stream: index % 2 === 0,
    attempts: 1,
    durationMs: 200 + ((index * 7919) % 20_000) + 0.125,
    firstTokenMs: 150.5,
    overheadMs: 0.412,
    inputTokens: 812,
    outputTokens: 240,
    costUsd: 0.00123,
    estimated: false,
    finishReason: 'stop',
    redacted: '',
    findings: [],
    attackScore: null,
    traceId: randomUUID().replaceAll('-', ''),
    spanId: randomUUID().slice(-12),
  };
}

/** As the server does by itself after a while. @returns bytes on disk */
function analyse(url: string): Promise<number> {
  return asAdmin(url, async (admin) => {
    await admin.query('vacuum analyze sluice.request_records');
    const { rows } = await admin.query<{ bytes: string }>(
      `select sum(pg_total_relation_size(inhrelid)) as bytes from pg_inherits
       where inhparent = 'sluice.request_records'::regclass`,
    );
    return Number(rows[0]!.bytes);
  });
}

function queries(
  now: number,
  { requestId, traceId }: RequestRecord,
): Record<string, Omit<RequestRecordQuery, 'limit'>> {
  return {
    newest: {},
    'a request': { requestId },
    'a trace': { traceId: traceId! },
    'a key': { key: 'key-13' },
    'a key, nobody': { key: 'nobody' },
    'a team': { team: 'team-3' },
    'a team, failures': { team: 'team-3', status: '5xx' },
    'a model': { model: 'model-7' },
    'a model, seldom': { model: 'seldom' },
    'a model, none': { model: 'no-such-model' },
    '429': { status: '429' },
    '5xx': { status: '5xx' },
    '404, none': { status: '404' },
    'rollout and arm': { rollout: 'next', arm: 'canary' },
    'outcome denied, none': { outcome: 'denied' },
    'the last hour': { since: now - HOUR },
    'until 20 days ago': { until: now - 20 * DAY },
    'a key, a day long ago': { key: 'key-13', since: now - 21 * DAY, until: now - 20 * DAY },
    '20 s and longer': { minDurationMs: 20_000 },
    'a provider, seldom (no index)': { provider: 'spare' },
    'a provider, none (no index)': { provider: 'none' },
    'a page in the middle': { before: { endedAt: now - 15 * DAY, requestId: '8' } },
  };
}

async function search(
  url: string,
  name: string,
  query: Omit<RequestRecordQuery, 'limit'>,
  rounds: number,
): Promise<Searched> {
  const archive = new PostgresRecordArchive(url, () => {});
  const times: number[] = [];
  let rows: number | null = null;
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    const found = await archive.search({ ...query, limit: 100 });
    times.push(performance.now() - begun);
    rows = typeof found === 'string' ? null : found.length;
  }
  await archive.close();
  return { name, rows, times };
}
