import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { RequestRecord } from '../../src/core/recent.ts';
import { SpooledSink } from '../../src/records/spooled-sink.ts';
import { LineSpool } from '../../src/spool/line-spool.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] }));
afterEach(() => void vi.useRealTimers());

const records = (from: number, to: number): RequestRecord[] =>
  Array.from({ length: to - from }, (_, index) => ({ requestId: String(from + index), at: 1 }) as RequestRecord);
const ids = (from: number, to: number): string[] => records(from, to).map(({ requestId }) => requestId);

let starts = 0;

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-record-spool-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function setup({ directory = folder(), maxBytes = 1_000_000, takesOthers = true } = {}) {
  const state = { isDown: false, offers: 0, isClosed: false, spooled: 0 };
  const taken: string[] = [];
  const told: string[] = [];
  const owner = { host: 'host', pid: process.pid, start: `start-${starts++}` };
  const spool = new LineSpool(directory, owner, { maxBytes, isDurable: false });
  const sink = new SpooledSink({
    sink: {
      name: 'postgres',
      write: async (some) => {
        state.offers++;
        if (state.isDown) throw new Error('away');
        taken.push(...some.map(({ requestId }) => requestId));
      },
      removeOld: async () => {},
      close: async () => void (state.isClosed = true),
    },
    spool,
    clock: { now: () => performance.now(), wall: () => Date.now() },
    takesOthers,
    spooled: (count) => void (state.spooled += count),
    tell: (level, message) => void told.push(`${level}: ${message}`),
  });
  onTestFinished(() => sink.close());
  const files = () => readdirSync(directory);
  return { sink, state, taken, told, spool, directory, files };
}

test('records go past the disk as long as they are taken', async () => {
  const { sink, taken, files, state } = setup();
  await sink.write(records(0, 3));
  expect([taken, files(), state.spooled]).toEqual([ids(0, 3), [], 0]);
});

test('while nobody takes them they wait on disk, and are sent when somebody does', async () => {
  const { sink, state, taken, told, files } = setup();
  state.isDown = true;
  await sink.write(records(0, 3));
  await sink.write(records(3, 2_500));
  expect([state.spooled, state.offers, files().length]).toEqual([2_500, 1, 1]);
  state.isDown = false;
  vi.advanceTimersByTime(1_000);
  await sink.look();
  expect(taken).toEqual(ids(0, 2_500));
  expect(files()).toEqual([]);
  expect(told).toEqual(['warn: records wait on disk', 'info: records that waited on disk are written']);
});

test('one that is away is asked ever more seldom', async () => {
  const { sink, state } = setup();
  state.isDown = true;
  const offers: number[] = [];
  for (let second = 0; second < 70; second++) {
    await sink.write(records(second, second + 1));
    offers.push(state.offers);
    vi.advanceTimersByTime(1_000);
  }
  expect([offers[1], offers[7], offers[69]! - offers[40]!]).toEqual([2, 4, 1]);
});

test('what a process has left that is gone is sent by the next one that is to', async () => {
  const { sink, state, directory } = setup();
  state.isDown = true;
  await sink.write(records(0, 1_200));
  await sink.close();
  const leaves = setup({ directory, takesOthers: false });
  await leaves.sink.look();
  expect(leaves.taken).toEqual([]);
  const next = setup({ directory });
  await next.sink.look();
  expect(next.taken).toEqual(ids(0, 1_200));
  expect(next.files()).toEqual([]);
});

test('what neither it nor the disk takes is refused, so that it waits in memory', async () => {
  const { sink, state } = setup({ maxBytes: 40 });
  state.isDown = true;
  await expect(sink.write(records(0, 100))).rejects.toThrow('the spool is full');
  expect(state.spooled).toBe(0);
});

test('lines that are none are left out', async () => {
  const { sink, spool, taken } = setup();
  const undated = ['null', '5', '{"at":1}', '{"requestId":"0","at":1e300}', '{"requestId":"0"}'];
  spool.append(['{"requestId":"0"', 'null and void', ...undated, '{"requestId":"1","at":1}']);
  await sink.look();
  expect(taken).toEqual(['1']);
});

test.each(['null', '7', '[]', '{}', '{"requestId":"0","at":1e20}'])(
  'JSON that is no record does not hold up those behind it: %s',
  async (line) => {
    const { sink, spool, taken } = setup();
    spool.append([line, '{"requestId":"1","at":1}']);
    await sink.look();
    expect(taken).toEqual(['1']);
  },
);
