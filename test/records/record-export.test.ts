import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RequestRecord } from '../../src/core/recent.ts';
import { RecordExport } from '../../src/records/record-export.ts';
import { CapturedLog } from '../support/captured-log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const record = (id: number): RequestRecord => ({ requestId: String(id) }) as RequestRecord;

function setup(capacity = 10_000) {
  const taken: string[][] = [];
  const counts: Record<string, number> = {};
  const log = new CapturedLog();
  const state = { isDown: false, offers: 0, isClosed: false, removals: 0 };
  const sink = {
    name: 'files',
    async write(records: readonly RequestRecord[]): Promise<void> {
      state.offers++;
      if (state.isDown) throw new Error('disk full');
      taken.push(records.map(({ requestId }) => requestId));
    },
    async removeOld(): Promise<void> {
      state.removals++;
    },
    async close(): Promise<void> {
      state.isClosed = true;
    },
  };
  const exported = new RecordExport({
    sink,
    capacity,
    log: pino({ base: null }, log),
    counted: (result, count) => void (counts[result] = (counts[result] ?? 0) + count),
  });
  const add = (from: number, to: number): void => {
    for (let id = from; id < to; id++) exported.add(record(id));
  };
  return { exported, add, taken, counts, log, state };
}

const ids = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => String(from + index));

test('records are written together, half a second after the first', async () => {
  const { add, taken, counts } = setup();
  add(0, 3);
  await vi.advanceTimersByTimeAsync(499);
  expect(taken).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(taken).toEqual([['0', '1', '2']]);
  expect(counts).toEqual({ written: 3 });
});

test('a sink that fails is offered the same records again, ever more seldom, until it takes them', async () => {
  const { add, taken, counts, log, state } = setup();
  state.isDown = true;
  add(0, 2);
  await vi.advanceTimersByTimeAsync(500);
  add(2, 4);
  await vi.advanceTimersByTimeAsync(500 + 1_000 + 2_000);
  expect(state.offers).toBe(4);
  state.isDown = false;
  await vi.advanceTimersByTimeAsync(4_500);
  expect(taken).toEqual([ids(0, 2), ids(2, 4)]);
  expect(counts).toEqual({ written: 4 });
  expect(log.lines.map((line) => (JSON.parse(line) as { level: number }).level)).toEqual([50, 30]);
});

test('what there is no room for is dropped and counted; what waits is not', async () => {
  const { add, taken, counts, state } = setup(10);
  state.isDown = true;
  add(0, 8);
  await vi.advanceTimersByTimeAsync(500);
  add(8, 15);
  expect(counts).toEqual({ dropped: 5 });
  state.isDown = false;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(taken.flat()).toEqual(ids(0, 10));
});

test('a stop writes all that waits, and closes the sink', async () => {
  const { exported, add, taken, counts, state } = setup();
  add(0, 2_500);
  await exported.close(10_000);
  expect(taken.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
  expect(taken.flat()).toEqual(ids(0, 2_500));
  expect(counts).toEqual({ written: 2_500 });
  expect(state.isClosed).toBe(true);
});

test('a stop tries a sink that is down again for as long as there is time, and tells what is lost', async () => {
  const first = setup();
  first.state.isDown = true;
  first.add(0, 3);
  const closed = first.exported.close(10_000);
  await vi.advanceTimersByTimeAsync(2_000);
  first.state.isDown = false;
  await vi.advanceTimersByTimeAsync(1_000);
  await closed;
  expect(first.taken).toEqual([ids(0, 3)]);

  const second = setup();
  second.state.isDown = true;
  second.add(0, 3);
  const given = second.exported.close(10_000);
  await vi.advanceTimersByTimeAsync(10_000);
  await given;
  expect(second.counts).toEqual({ dropped: 3 });
  expect(second.log.text).toContain('"lost":3');
});

test('what is old goes at the start and every ten minutes', async () => {
  const { state } = setup();
  await vi.advanceTimersByTimeAsync(20 * 60_000);
  expect(state.removals).toBe(3);
});
