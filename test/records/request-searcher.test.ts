import { expect, test } from 'vitest';
import { placeOf, type RequestRecord, type RequestRecordQuery, type SearchTrouble } from '../../src/core/recent.ts';
import { RequestRing } from '../../src/record/recent-requests.ts';
import { RequestSearcher } from '../../src/records/request-searcher.ts';
import { recordOf } from '../store/records/record-fixture.ts';

const record = (id: number, change: Partial<RequestRecord> = {}): RequestRecord =>
  recordOf({ requestId: `r${id}`, at: id * 1_000, durationMs: 0, ...change });

function setup(
  inMemory: readonly RequestRecord[],
  archived: readonly RequestRecord[] | SearchTrouble,
  showsContent = true,
) {
  const ring = new RequestRing(100);
  for (const each of inMemory) ring.add(each);
  const asked: RequestRecordQuery[] = [];
  const searcher = new RequestSearcher(
    ring,
    {
      search: async (query) => {
        asked.push(query);
        return archived;
      },
      close: async () => {},
    },
    () => showsContent,
  );
  const ids = async (query: Partial<RequestRecordQuery> = {}) => {
    const { records, trouble } = await searcher.search({ limit: 100, ...query });
    return [records.map(({ requestId }) => requestId).join(' '), trouble];
  };
  return { searcher, asked, ids };
}

test('each request is found once, newest end first, whatever of it is kept where', async () => {
  const { ids, asked } = setup([record(2), record(5), record(4)], [record(6), record(5), record(3), record(2)]);
  expect(await ids()).toEqual(['r6 r5 r4 r3 r2', null]);
  expect(await ids({ limit: 2, key: 'app' })).toEqual(['r6 r5', null]);
  expect(asked.at(-1)).toEqual({ limit: 2, key: 'app' });
});

test('a page goes on behind its place, also in memory, and where that place is not', async () => {
  const { ids } = setup([record(2), record(5), record(4)], [record(1)]);
  expect(await ids({ before: placeOf(record(4)) })).toEqual(['r2 r1', null]);
  expect(await ids({ before: { endedAt: 4_500, requestId: 'elsewhere' } })).toEqual(['r4 r2 r1', null]);
  expect(await ids({ before: { endedAt: 4_000, requestId: 'r3' } })).toEqual(['r2 r1', null]);
  expect(await ids({ before: { endedAt: 4_000, requestId: 'r5' } })).toEqual(['r4 r2 r1', null]);
});

test('what was said is told wherever it is still kept', async () => {
  const content = { request: 'Hello', reply: 'Hi' };
  const { searcher } = setup([record(1), record(2, { content })], [record(2), record(1, { content })]);
  const { records } = await searcher.search({ limit: 10 });
  expect(records.map((each) => each.content)).toEqual([content, content]);
});

test('what was said is told by nobody who is not to keep it, whoever kept it', async () => {
  const content = { request: 'Hello', reply: 'Hi' };
  const { searcher } = setup([record(2, { content })], [record(1, { content })], false);
  const { records } = await searcher.search({ limit: 10 });
  expect(records).toEqual([record(2), record(1)]);
  const inMemory = await searcher.search({ limit: 10, source: 'memory' });
  expect(inMemory.records).toEqual([record(2)]);
});

test.each(['timeout', 'unavailable'] as const)(
  'what is in memory is found where the rest is not: %s',
  async (trouble) => {
    const { ids } = setup([record(1), record(2)], trouble);
    expect(await ids()).toEqual(['r2 r1', trouble]);
  },
);

test('only what is in memory is looked at where that is asked for', async () => {
  const { ids, asked } = setup([record(1)], [record(2)]);
  expect(await ids({ source: 'memory' })).toEqual(['r1', null]);
  expect(asked).toEqual([]);
});

test('without an archive it is as memory has it', async () => {
  const ring = new RequestRing(10);
  ring.add(record(2));
  ring.add(record(1));
  const { records, trouble } = await new RequestSearcher(ring, null, () => true).search({ limit: 5 });
  expect([records.map(({ requestId }) => requestId), trouble]).toEqual([['r1', 'r2'], null]);
});
