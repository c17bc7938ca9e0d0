import { expect, test } from 'vitest';
import { placeOf, type RequestRecord, type RequestRecordQuery } from '../../src/core/recent.ts';
import { RequestRing } from '../../src/record/recent-requests.ts';
import { matchesQuery } from '../../src/record/record-filter.ts';

const RECORD = {
  requestId: 'r1',
  traceId: 'a'.repeat(32),
  operation: 'chat',
  key: 'app',
  team: 'search',
  requestedModel: 'fast',
  route: 'f*',
  provider: 'up',
  model: 'real',
  rollout: 'r',
  arm: 'canary',
  status: 503,
  outcome: 'error',
  errorType: 'http_503',
  at: 10_000,
  durationMs: 250,
} as RequestRecord;

test.each([
  [{}, true],
  [{ requestId: 'r1' }, true],
  [{ requestId: 'r2' }, false],
  [{ traceId: 'a'.repeat(32) }, true],
  [{ traceId: 'b'.repeat(32) }, false],
  [{ key: 'app', team: 'search', provider: 'up', rollout: 'r', arm: 'canary' }, true],
  [{ key: 'app', team: 'other' }, false],
  [{ operation: 'messages' }, false],
  [{ model: 'fast' }, true],
  [{ model: 'real' }, true],
  [{ model: 'f*' }, true],
  [{ model: 'slow' }, false],
  [{ status: '503' }, true],
  [{ status: '5xx' }, true],
  [{ status: '4xx' }, false],
  [{ status: '500' }, false],
  [{ outcome: 'error', errorType: 'http_503' }, true],
  [{ errorType: 'http_500' }, false],
  [{ minDurationMs: 250 }, true],
  [{ minDurationMs: 251 }, false],
  [{ since: 10_000, until: 10_000 }, true],
  [{ since: 10_001 }, false],
  [{ until: 9_999 }, false],
] as readonly [Omit<RequestRecordQuery, 'limit'>, boolean][])('%j fits: %s', (query, fits) => {
  expect(matchesQuery(RECORD, { ...query, limit: 1 })).toBe(fits);
});

/** Ended in the order of their numbers, one a second. */
function ringOf(count: number, capacity: number): RequestRing {
  const ring = new RequestRing(capacity);
  for (let index = 0; index < count; index++)
    ring.add({ ...RECORD, requestId: `r${index}`, key: index % 2 ? 'odd' : 'even', at: index * 1000, durationMs: 5 });
  return ring;
}

test('page after page, every record is met once', () => {
  const ring = ringOf(25, 20);
  const met: string[] = [];
  let page = ring.query({ key: 'odd', limit: 3 });
  while (page.length > 0) {
    met.push(...page.map(({ requestId }) => requestId));
    page = ring.query({ key: 'odd', limit: 3, before: placeOf(page.at(-1)!) });
  }
  expect(met).toEqual(['r23', 'r21', 'r19', 'r17', 'r15', 'r13', 'r11', 'r9', 'r7', 'r5']);
});

test('a page goes on where it was while new records come, and by time where its last record is gone', () => {
  const ring = ringOf(10, 8);
  const [, last] = ring.query({ limit: 2 });
  for (let index = 10; index < 13; index++)
    ring.add({ ...RECORD, requestId: `r${index}`, at: index * 1000, durationMs: 5 });
  const ids = (records: readonly RequestRecord[]): string[] => records.map(({ requestId }) => requestId);
  expect(ids(ring.query({ limit: 2, before: placeOf(last!) }))).toEqual(['r7', 'r6']);
  expect(ids(ring.query({ limit: 2, before: { endedAt: 8_005, requestId: 'of another process' } }))).toEqual([
    'r8',
    'r7',
  ]);
});

test('of the oldest records what was said goes first, and nothing else of them', () => {
  const ring = new RequestRing(10);
  const said = 'x'.repeat(10 * 1024 * 1024);
  for (let index = 0; index < 5; index++)
    ring.add({ ...RECORD, requestId: `r${index}`, content: { request: said, reply: null } });
  const kept = ring.query({ limit: 10 }).map(({ requestId, content }) => [requestId, content !== undefined]);
  expect(kept).toEqual([
    ['r4', true],
    ['r3', true],
    ['r2', true],
    ['r1', false],
    ['r0', false],
  ]);
});
