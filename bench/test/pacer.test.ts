import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pacer } from '../pacer.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'hrtime'] }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test('calls a member once per period, the first time one period after it joined', () => {
  const pacer = new Pacer(20);
  vi.advanceTimersByTime(7);
  const member = vi.fn<() => void>();
  pacer.join(member);
  vi.advanceTimersByTime(19);
  expect(member).toHaveBeenCalledTimes(0);
  vi.advanceTimersByTime(1);
  expect(member).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(100);
  expect(member).toHaveBeenCalledTimes(6);
});

test('a member that left is called no more', () => {
  const pacer = new Pacer(5);
  const member = vi.fn<() => void>();
  const leave = pacer.join(member);
  vi.advanceTimersByTime(5);
  leave();
  vi.advanceTimersByTime(50);
  expect(member).toHaveBeenCalledTimes(1);
});

test('turns missed while the process was busy are made up for', () => {
  const pacer = new Pacer(10);
  const member = vi.fn<() => void>();
  pacer.join(member);
  const [seconds, nanos] = process.hrtime();
  vi.spyOn(process, 'hrtime').mockReturnValue([seconds, nanos + 35e6]);
  vi.advanceTimersByTime(1);
  expect(member).toHaveBeenCalledTimes(3);
});
