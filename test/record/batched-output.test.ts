import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
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

test('a blocked reader costs lines and not memory, and the loss is told', async () => {
  const reader = spawn(process.execPath, ['-e', 'process.stdin.pause(); setTimeout(() => {}, 60_000)'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  try {
    const { fd: pipe } = Reflect.get(reader.stdin, '_handle') as { fd: number };
    const output = new BatchedOutput(pipe);
    const line = `${'x'.repeat(1023)}\n`;
    for (let count = 0; count < 10_000; count++) output.write(line);
    expect((output as unknown as { waiting: string }).waiting.length).toBeLessThan(8 * 1024 * 1024 + 2048);
    expect((output as unknown as { dropped: number }).dropped).toBeGreaterThan(0);
  } finally {
    reader.kill('SIGKILL');
  }
});
