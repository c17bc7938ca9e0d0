import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pino } from 'pino';
import { ExportQueue } from '../../src/telemetry/export-queue.ts';
import { CollectorError, type PartialSuccess } from '../../src/telemetry/otlp-sender.ts';
import { CapturedLog } from '../support/captured-log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ALL: PartialSuccess = { rejected: 0, message: '' };

interface Batch {
  readonly items: readonly number[];
  readonly taken: PromiseWithResolvers<PartialSuccess>;
}

function setup(capacity = 1_000): {
  queue: ExportQueue<number>;
  batches: Batch[];
  counts: Record<string, number>;
  log: CapturedLog;
} {
  const batches: Batch[] = [];
  const counts: Record<string, number> = {};
  const log = new CapturedLog();
  const queue = new ExportQueue<number>({
    what: 'traces',
    capacity,
    delay: 1_000,
    log: pino({ base: null }, log),
    send(items) {
      const taken = Promise.withResolvers<PartialSuccess>();
      batches.push({ items, taken });
      return taken.promise;
    },
    counted: (result, count) => void (counts[result] = (counts[result] ?? 0) + count),
  });
  return { queue, batches, counts, log };
}

const addAll = (queue: ExportQueue<number>, count: number): void => {
  for (let item = 0; item < count; item++) queue.add(item);
};

test('what waits is sent together, after a second', async () => {
  const { queue, batches } = setup();
  addAll(queue, 3);
  await vi.advanceTimersByTimeAsync(999);
  expect(batches).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(batches.map(({ items }) => items)).toEqual([[0, 1, 2]]);
});

test('a batch that is full is sent at once, but not in the call that filled it', async () => {
  const { queue, batches } = setup();
  addAll(queue, 300);
  expect(batches).toEqual([]);
  await vi.advanceTimersByTimeAsync(0);
  expect(batches.map(({ items }) => items.length)).toEqual([256]);
});

test('one batch at a time is under way', async () => {
  const { queue, batches, counts } = setup();
  addAll(queue, 300);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(batches).toHaveLength(1);
  batches[0]!.taken.resolve(ALL);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(batches.map(({ items }) => items.length)).toEqual([256, 44]);
  expect(counts).toEqual({ sent: 256 });
});

test('what there is no room for is dropped and counted', async () => {
  const { queue, batches, counts } = setup(10);
  addAll(queue, 15);
  expect(counts).toEqual({ dropped: 5 });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(batches[0]!.items).toHaveLength(10);
});

test('an outage is told of at its beginning and at its end', async () => {
  const { queue, batches, counts, log } = setup();
  for (let round = 0; round < 3; round++) {
    queue.add(round);
    await vi.advanceTimersByTimeAsync(1_000);
    batches[round]!.taken.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    await vi.advanceTimersByTimeAsync(0);
  }
  queue.add(3);
  await vi.advanceTimersByTimeAsync(1_000);
  batches[3]!.taken.resolve(ALL);
  await vi.advanceTimersByTimeAsync(0);
  expect(counts).toEqual({ failed: 3, sent: 1 });
  const told = log.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(told.map(({ level, reason }) => [level, reason])).toEqual([
    [40, 'ECONNREFUSED'],
    [30, undefined],
  ]);
});

test('nothing is sent before the time that the collector asks for, though a full batch waits', async () => {
  const { queue, batches, counts } = setup();
  addAll(queue, 600);
  await vi.advanceTimersByTimeAsync(0);
  batches[0]!.taken.reject(new CollectorError(429, 30_000));
  await vi.advanceTimersByTimeAsync(0);
  addAll(queue, 300);
  await vi.advanceTimersByTimeAsync(29_999);
  expect(batches).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(batches).toHaveLength(2);
  expect(counts).toEqual({ failed: 256 });
});

test('a collector that asks for a day is asked again after five minutes', async () => {
  const { queue, batches } = setup();
  addAll(queue, 300);
  await vi.advanceTimersByTimeAsync(0);
  batches[0]!.taken.reject(new CollectorError(503, 86_400_000));
  await vi.advanceTimersByTimeAsync(5 * 60_000);
  expect(batches).toHaveLength(2);
});

test('a batch that fails is not followed at once by the next one', async () => {
  const { queue, batches } = setup();
  addAll(queue, 600);
  await vi.advanceTimersByTimeAsync(0);
  batches[0]!.taken.reject(new CollectorError(400, null));
  await vi.advanceTimersByTimeAsync(999);
  expect(batches).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(batches).toHaveLength(2);
});

test('what was rejected out of a batch is counted as failed, and told of once', async () => {
  const { queue, batches, counts, log } = setup();
  for (let round = 0; round < 3; round++) {
    addAll(queue, 10);
    await vi.advanceTimersByTimeAsync(1_000);
    batches[round]!.taken.resolve(round < 2 ? { rejected: 4, message: 'too old' } : ALL);
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(counts).toEqual({ sent: 22, failed: 8 });
  const told = log.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(told.map(({ level, rejected, reason }) => [level, rejected, reason])).toEqual([[40, 4, 'too old']]);
});

test('all that waits at a stop is sent', async () => {
  const { queue, batches, counts } = setup();
  addAll(queue, 600);
  const closed = queue.close(5_000);
  for (let index = 0; index < 3; index++) {
    await vi.advanceTimersByTimeAsync(0);
    batches[index]!.taken.resolve(ALL);
  }
  await closed;
  expect(counts).toEqual({ sent: 600 });
  queue.add(1);
  expect(counts['dropped']).toBe(1);
});

test('a stop waits no longer than it may, and tells what is lost', async () => {
  const { queue, counts, log } = setup();
  addAll(queue, 300);
  const closed = queue.close(5_000);
  await vi.advanceTimersByTimeAsync(5_000);
  await closed;
  expect(counts).toEqual({ dropped: 44 });
  expect(log.text).toContain('"lost":44');
});
