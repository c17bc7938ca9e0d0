import { sql, type RawBuilder } from 'kysely';
import type { RequestRecordQuery } from '../../core/recent.ts';
import type { Milliseconds } from '../../core/units.ts';
import { storableText, type StoredRecord } from './record-row.ts';

/** From which on a request is in the index of long ones. */
const LONG: Milliseconds = 60_000;

/** Years behind it are written in another way. */
const LAST: Milliseconds = Date.UTC(9999, 11, 31);

type Condition = RawBuilder<unknown>;

/** Fields of which the whole text must be the same, by their columns. */
const SAME = {
  requestId: 'request_id',
  traceId: 'trace_id',
  operation: 'operation',
  key: 'key',
  team: 'team',
  provider: 'provider',
  rollout: 'rollout',
  arm: 'arm',
  outcome: 'outcome',
  errorType: 'error_type',
} as const satisfies Partial<Record<keyof RequestRecordQuery, string>>;

/**
 * What fits, newest end first, as `matchesQuery` and `comparePlaces` have it. Where one of several things may hold, each is a
 * search of its own by its own index, and no row fits two of them.
 */
export function searchSql(query: RequestRecordQuery): RawBuilder<{ record: StoredRecord }> {
  const always = [...same(query), ...times(query), ...place(query)];
  const searches = combinations([models(query), until(query), statuses(query)]).map((some) => {
    const conditions = [...always, ...some];
    const where = conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`;
    return sql`(select ended, request_id, record from request_records ${where} ${page(query)})`;
  });
  return sql`select record from (${sql.join(searches, sql` union all `)}) as found ${page(query)}`;
}

function page({ limit }: RequestRecordQuery): Condition {
  return sql`order by ended desc, request_id desc limit ${limit}`;
}

function same(query: RequestRecordQuery): Condition[] {
  return Object.entries(SAME).flatMap(([field, column]) => {
    const wanted = query[field as keyof typeof SAME];
    return wanted === undefined ? [] : [sql`${sql.ref(column)} = ${storableText(wanted)}`];
  });
}

/** Of what has begun since then nothing ended before: by its end the index finds it, by its beginning the days. */
function times({ since, minDurationMs }: RequestRecordQuery): Condition[] {
  const from = since === undefined ? [] : [sql`started >= ${instant(since)}`, sql`ended >= ${instant(since)}`];
  return minDurationMs === undefined ? from : [...from, sql`duration_ms >= ${minDurationMs}::double precision`];
}

/** Of what had ended by then all had begun by then: days that came later are not looked at. */
function place({ before }: RequestRecordQuery): Condition[] {
  if (before === undefined) return [];
  const ended = instant(before.endedAt);
  return [sql`(ended, request_id) < (${ended}, ${before.requestId})`, sql`started <= ${ended}`];
}

/** The one that was asked for is mostly the one that was sent, and the route. */
function models({ model: asked }: RequestRecordQuery): Condition[][] {
  if (asked === undefined) return [[]];
  const model = storableText(asked);
  return [
    [sql`requested_model = ${model}`],
    [sql`model = ${model}`, sql`model <> requested_model`],
    [sql`route = ${model}`, sql`route <> requested_model`, sql`route <> model`],
  ];
}

/** What was under way at that time ended later, mostly soon: the index of ends is not read from its newest on. */
function until({ until: at }: RequestRecordQuery): Condition[][] {
  if (at === undefined) return [[]];
  const begun = sql`started <= ${instant(at)}`;
  const soon = instant(at + LONG);
  return [
    [begun, sql`ended <= ${soon}`],
    [begun, sql`ended > ${soon}`, sql`duration_ms >= ${sql.lit(LONG)}`],
  ];
}

function statuses({ status }: RequestRecordQuery): Condition[][] {
  if (status === undefined) return [[]];
  const hundred = Number(status[0]);
  const ofHundred = sql`status / 100 = ${sql.lit(hundred)}`;
  const failed = hundred >= 4 ? [sql`status >= 400`] : [];
  return [[ofHundred, ...failed, ...(status.endsWith('xx') ? [] : [sql`status = ${Number(status)}::integer`])]];
}

/** To the microsecond, which is what both sides have, and as a constant: the days that are needed are known at once. */
function instant(at: Milliseconds): Condition {
  const microseconds = Math.round(Math.min(Math.max(at, 0), LAST) * 1000);
  const text = new Date(Math.floor(microseconds / 1000)).toISOString().replace('Z', '');
  return sql`${`${text}${String(microseconds % 1000).padStart(3, '0')}Z`}::timestamptz`;
}

/** One of each. */
function combinations(alternatives: readonly Condition[][][]): Condition[][] {
  return alternatives.reduce<Condition[][]>(
    (made, each) => made.flatMap((before) => each.map((some) => [...before, ...some])),
    [[]],
  );
}
