import { execFileSync } from 'node:child_process';
import { closeSync, constants, createReadStream, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { BatchedOutput } from '../../src/record/batched-output.ts';

let folder: string;
let file: string;
let descriptor: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-output-'));
  file = join(folder, 'log');
  descriptor = openSync(file, 'a');
});

afterEach(() => {
  vi.useRealTimers();
  closeSync(descriptor);
  rmSync(folder, { recursive: true });
});

const written = (): string => readFileSync(file, 'utf8');

test('a line waits for its batch and is written by its delay at the latest', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const output = new BatchedOutput(descriptor);
  output.write('one\n');
  expect(written()).toBe('');
  vi.advanceTimersByTime(200);
  await vi.waitUntil(() => written() !== '');
  expect(written()).toBe('one\n');
});

test('a full batch is written without waiting, and order is kept', async () => {
  const output = new BatchedOutput(descriptor);
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} äöü\n`);
  for (const line of lines) output.write(line);
  await vi.waitUntil(() => written().endsWith('line 19999 äöü\n'));
  expect(written()).toBe(lines.join(''));
});

test('flushing at the end writes everything that waits, once', () => {
  const output = new BatchedOutput(descriptor);
  output.write('last words\n');
  output.flushSync();
  output.flushSync();
  expect(written()).toBe('last words\n');
});

/** A pipe of the kernel, whose reader the test is; `flags` say how the writing end behaves when it is full. */
function openPipe(flags: number): { readonly writing: number; readonly lines: () => AsyncIterable<string> } {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  // For reading too, since opening a pipe for writing alone waits for its reader.
  const writing = openSync(path, constants.O_RDWR | flags);
  const reading = openSync(path, constants.O_RDONLY);
  return { writing, lines: () => createInterface({ input: createReadStream('', { fd: reading }) }) };
}

test('a blocked reader costs lines and not memory, and the loss is told behind what was kept', async () => {
  const { writing, lines } = openPipe(0);
  const output = new BatchedOutput(writing);
  const line = 'x'.repeat(1023);
  for (let count = 0; count < 10_000; count++) output.write(`${line}\n`);
  let kept = 0;
  let told = '';
  for await (const read of lines()) {
    if (read === line) kept++;
    else {
      told = read;
      closeSync(writing); // ends what is read
    }
  }
  expect(kept * 1024).toBeLessThan(9 * 1024 * 1024);
  const { level, msg } = JSON.parse(told) as { level: number; msg: string };
  expect([level, msg]).toEqual([40, `${10_000 - kept} log lines were dropped: the output was blocked`]);
  expect(kept).toBeLessThan(10_000);
});

test('a pipe that is full and does not wait gets the rest later, whole and in order', async () => {
  const { writing, lines } = openPipe(constants.O_NONBLOCK);
  const output = new BatchedOutput(writing);
  const sent = Array.from({ length: 20_000 }, (_, index) => `line ${index}`);
  for (const line of sent) output.write(`${line}\n`);
  const received: string[] = [];
  for await (const read of lines()) {
    received.push(read);
    if (received.length === sent.length) closeSync(writing);
  }
  expect(received).toEqual(sent);
});

test('lines whose delay is over while a slow reader takes what came before are written behind it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { writing, lines } = openPipe(0);
  const output = new BatchedOutput(writing);
  const line = 'x'.repeat(1023);
  for (let count = 0; count < 128; count++) output.write(`${line}\n`); // a batch, more than a pipe holds
  output.write('last\n');
  vi.advanceTimersByTime(200);
  const passing = setInterval(() => vi.advanceTimersByTime(200), 1);
  onTestFinished(() => clearInterval(passing));
  const received: string[] = [];
  for await (const read of lines()) {
    received.push(read);
    if (read === 'last') closeSync(writing);
  }
  expect(received).toHaveLength(129);
});
