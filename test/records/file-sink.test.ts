import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import type { RequestRecord } from '../../src/core/recent.ts';
import { FileSink, type FileOptions } from '../../src/records/file-sink.ts';

const HOUR = 3_600_000;

function setup(options: Partial<FileOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-records-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const directory = join(folder, 'records');
  const clock = { at: Date.now(), now: () => 0, wall: () => clock.at };
  const all = { directory, maxBytes: 1_000, maxAge: HOUR, gzip: false, retention: 24 * HOUR, ...options };
  return { directory, clock, sink: new FileSink(all, clock) };
}

const records = (from: number, to: number): RequestRecord[] =>
  Array.from({ length: to - from }, (_, index) => ({ requestId: String(from + index), at: 0 }) as RequestRecord);

const files = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory).toSorted() : []);

/** Of all files, in the order of their names. */
function idsIn(directory: string): string[] {
  return files(directory).flatMap((name) => {
    const bytes = readFileSync(join(directory, name));
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => (JSON.parse(line) as { requestId: string }).requestId);
  });
}

const ids = (from: number, to: number): string[] => records(from, to).map(({ requestId }) => requestId);

test('a record is a line of JSON, as the API tells it, in a file for nobody else', async () => {
  const { sink, directory } = setup();
  await sink.write(records(0, 2));
  const [name] = files(directory);
  expect(name).toMatch(/^requests-\d{8}T\d{9}Z-.*\.jsonl\.open$/);
  expect(readFileSync(join(directory, name!), 'utf8')).toBe(
    '{"requestId":"0","at":"1970-01-01T00:00:00.000Z"}\n{"requestId":"1","at":"1970-01-01T00:00:00.000Z"}\n',
  );
  expect(statSync(join(directory, name!)).mode & 0o777).toBe(0o600);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  await sink.close();
  expect(files(directory)).toEqual([name!.replace('.open', '')]);
});

test('a file that is full or old is closed, and all records are in one of them, once', async () => {
  const { sink, directory, clock } = setup();
  for (let batch = 0; batch < 6; batch++) {
    await sink.write(records(batch * 10, batch * 10 + 10));
    clock.at += batch === 4 ? HOUR : 1;
  }
  await sink.close();
  expect(files(directory)).toHaveLength(4);
  expect(idsIn(directory)).toEqual(ids(0, 60));
});

test('closed files are compressed, whole under their name', async () => {
  const { sink, directory } = setup({ gzip: true });
  await sink.write(records(0, 50));
  await sink.write(records(50, 60));
  await sink.close();
  expect(files(directory).every((name) => name.endsWith('.jsonl.gz'))).toBe(true);
  expect(idsIn(directory)).toEqual(ids(0, 60));
});

test('what is older than it is kept for goes; the open file and files of others stay', async () => {
  const { sink, directory, clock } = setup();
  await sink.write(records(0, 50));
  await sink.write(records(50, 60));
  writeFileSync(join(directory, 'notes.txt'), 'mine');
  const old = new Date(clock.at - 25 * HOUR);
  for (const name of files(directory)) utimesSync(join(directory, name), old, old);
  await sink.removeOld();
  expect(files(directory)).toEqual([expect.stringMatching(/^notes/), expect.stringMatching(/\.open$/)].toSorted());
  await sink.close();
});

test('a file that a dead process left open is closed; one of a running process or another machine is not', async () => {
  const { sink, directory } = setup();
  await sink.write(records(0, 1));
  await sink.close();
  const host = hostname().replaceAll(/[^\w.-]/g, '_');
  const name = (of: string, pid: number): string => `requests-20260101T000000000Z-${of}-${pid}-0.jsonl`;
  const dead = name(host, 2 ** 22 - 1);
  const alive = name(host, process.ppid);
  const foreign = name('elsewhere', 1);
  for (const each of [dead, alive, foreign]) writeFileSync(join(directory, `${each}.open`), '{"requestId":"x"}\n');
  const next = new FileSink(
    { directory, maxBytes: 1, maxAge: 1, gzip: true, retention: 1 },
    { now: () => 0, wall: () => 0 },
  );
  await next.recover();
  await next.close();
  const left = files(directory);
  expect(left).toContain(`${dead}.gz`);
  expect(left).toContain(`${alive}.open`);
  expect(left).toContain(`${foreign}.open`);
});

test('a directory that cannot be made refuses the records, and takes them once it can', async () => {
  const { sink, directory } = setup();
  writeFileSync(directory, 'in the way');
  await expect(sink.write(records(0, 1))).rejects.toThrow(/EEXIST|ENOTDIR/);
  rmSync(directory);
  await sink.write(records(0, 1));
  await sink.close();
  expect(idsIn(directory)).toEqual(['0']);
});
