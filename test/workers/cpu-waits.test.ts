import { expect, test } from 'vitest';
import { cpuWaits, longestWait } from '../../src/workers/cpu-waits.ts';

test('of a process that is gone nothing is known', () => {
  expect(cpuWaits(2 ** 30)).toBeNull();
});

test.runIf(process.platform === 'linux')('each thread of a process is told of, in milliseconds that only grow', () => {
  const before = cpuWaits(process.pid)!;
  const after = cpuWaits(process.pid)!;
  expect(before.has(String(process.pid))).toBe(true);
  for (const [thread, waited] of before) expect(after.get(thread) ?? waited).toBeGreaterThanOrEqual(waited);
});

test('the longest wait is that of the thread that waited most since', () => {
  const before = new Map([
    ['1', 100],
    ['2', 4_000],
  ]);
  const now = new Map([
    ['1', 350],
    ['2', 4_100],
    ['3', 9_000],
  ]);
  expect(longestWait(before, now)).toBe(250);
  expect(longestWait(null, now)).toBe(0);
  expect(longestWait(before, null)).toBe(0);
});
