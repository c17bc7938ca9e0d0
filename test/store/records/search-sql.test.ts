import { expect, test } from 'vitest';
import type { RequestRecordQuery } from '../../../src/core/recent.ts';
import { insertSql } from '../../../src/store/records/postgres-sink.ts';
import { searchSql } from '../../../src/store/records/search-sql.ts';
import { compiler, recordOf } from './record-fixture.ts';

const db = compiler();
const compiled = (query: Partial<RequestRecordQuery>) => searchSql({ limit: 10, ...query }).compile(db);
const searches = (query: Partial<RequestRecordQuery>) => compiled(query).sql.split(' union all ').length;

test('a batch is one statement with one parameter, however many records it has', () => {
  const batch = Array.from({ length: 1_000 }, (_, index) => recordOf({ requestId: `'; drop table x; -- ${index}` }));
  const { sql, parameters } = insertSql(batch).compile(db);
  expect(parameters).toHaveLength(1);
  expect(sql).not.toContain('drop table');
  expect(sql).toMatch(/on conflict \(request_id, started\) do nothing$/);
});

test('nothing of what is asked for stands in the SQL', () => {
  const word = `it's`;
  const fields = [
    'requestId',
    'traceId',
    'operation',
    'key',
    'team',
    'provider',
    'rollout',
    'arm',
    'outcome',
    'errorType',
  ];
  const asked = Object.fromEntries([...fields, 'model'].map((field) => [field, word]));
  const { sql, parameters } = compiled({ ...asked, before: { endedAt: 1, requestId: word } });
  expect(sql).not.toContain(word);
  expect(parameters.filter((each) => each === word)).toHaveLength(3 * 12);
});

test('what Postgres cannot hold is asked for as it was stored', () => {
  const { parameters } = compiled({ key: 'a\0b', model: 'm\0\ud800' });
  expect(parameters.filter((each) => each === 'a\ufffdb')).toHaveLength(3);
  expect(parameters.filter((each) => each === 'm\ufffd\ufffd')).toHaveLength(3);
  expect(JSON.stringify(parameters)).not.toMatch(/\\u(?:0000|d800)/);
});

test('every search is bounded, each part of it as well', () => {
  const { sql, parameters } = compiled({ model: 'm', until: 5, limit: 7 });
  expect(sql.match(/ limit \$/g)).toHaveLength(7);
  expect(parameters.filter((each) => each === 7)).toHaveLength(7);
});

test('what may hold in several ways is searched in each by itself', () => {
  expect([searches({}), searches({ model: 'm' }), searches({ until: 0 }), searches({ model: 'm', until: 0 })]).toEqual([
    1, 3, 2, 6,
  ]);
});

test('what was begun since then is found by its end too, which is what is indexed', () => {
  const { sql, parameters } = compiled({ since: Date.UTC(2026, 0, 31) });
  expect(sql).toContain('started >= $1::timestamptz and ended >= $2::timestamptz');
  expect(parameters[0]).toBe('2026-01-31T00:00:00.000000Z');
});

test.each([
  [1_234.5678, '1970-01-01T00:00:01.234568Z'],
  [-1, '1970-01-01T00:00:00.000000Z'],
  [1e15, '9999-12-31T00:00:00.000000Z'],
])('a place at %d ms is %s to the database', (endedAt, expected) => {
  expect(compiled({ before: { endedAt, requestId: 'r' } }).parameters[0]).toBe(expected);
});

test.each([
  ['429', /status \/ 100 = 4 and status >= 400 and status = \$1/, [429]],
  ['5xx', /status \/ 100 = 5 and status >= 400 order/, []],
  ['2xx', /where status \/ 100 = 2 order/, []],
])('a status of %s is searched by its hundred', (status, expected, before) => {
  const { sql, parameters } = compiled({ status });
  expect(sql).toMatch(expected);
  expect(parameters.slice(0, before.length)).toEqual(before);
});
