import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { drain } from '../src/drain.ts';
import { InflightLimit } from '../src/policy/admit.ts';
import { CapturedLog } from './support/captured-log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const TIMEOUTS = { headers: 1, request: 1, keepAlive: 1, writeStall: 1, drainDelay: 5_000, drain: 60_000 };

/** A gateway with two open requests that is told to stop; `events` tells what was done to it, in order. */
function draining(timeouts = TIMEOUTS) {
  const events: string[] = [];
  const inflight = new InflightLimit();
  const log = new CapturedLog();
  for (let i = 0; i < 2; i++) inflight.enter(10);
  const done = drain({
    timeouts,
    inflight,
    dataPlane: { leave: () => events.push('leaving'), stopAccepting: () => events.push('stopped accepting') },
    gateway: { abortOpen: () => events.push('aborted') },
    log: pino({ base: null, timestamp: false }, log),
  }).then(() => events.push('done'));
  return { events, inflight, done, told: () => log.lines.map((line) => JSON.parse(line) as unknown) };
}

test('new connections are taken until the delay is over, and every reply is told to be the last one from the beginning', async () => {
  const { events } = draining();
  await vi.advanceTimersByTimeAsync(4_999);
  expect(events).toEqual(['leaving']);
  await vi.advanceTimersByTimeAsync(1);
  expect(events).toEqual(['leaving', 'stopped accepting']);
});

test('without a delay no new connection is taken at once', () => {
  const { events } = draining({ ...TIMEOUTS, drainDelay: 0 });
  expect(events).toEqual(['leaving', 'stopped accepting']);
});

test('what still comes on open connections is served until the time is over, and refused from then on', async () => {
  const { events, inflight } = draining();
  await vi.advanceTimersByTimeAsync(5_000 + 59_999);
  inflight.enter(10);
  expect(inflight.current).toBe(3);
  await vi.advanceTimersByTimeAsync(1);
  expect(events.at(-1)).toBe('aborted');
  expect(() => inflight.enter(10)).toThrow('The gateway is stopping');
});

test('open requests have their time from the end of the delay on, and what is left is ended', async () => {
  const { events, inflight } = draining();
  await vi.advanceTimersByTimeAsync(5_000 + 59_999);
  inflight.leave();
  expect(events).toEqual(['leaving', 'stopped accepting']);
  await vi.advanceTimersByTimeAsync(1);
  expect(events).toEqual(['leaving', 'stopped accepting', 'aborted']);
  inflight.leave();
  await vi.advanceTimersByTimeAsync(0);
  expect(events).toEqual(['leaving', 'stopped accepting', 'aborted', 'done']);
});

test('behind the last reply its client may ask once more, and that is waited for too', async () => {
  const { events, inflight } = draining();
  await vi.advanceTimersByTimeAsync(5_000);
  inflight.leave();
  inflight.leave();
  await vi.advanceTimersByTimeAsync(249);
  inflight.enter(10);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(events).toEqual(['leaving', 'stopped accepting']);
  inflight.leave();
  await vi.advanceTimersByTimeAsync(250);
  expect(events.at(-1)).toBe('done');
});

test('the log tells how many requests were open when it began, and how many were cut off when it is done', async () => {
  const { inflight, done, told } = draining();
  const began = { level: 30, openRequests: 2, drainDelayMs: 5_000, drainMs: 60_000, msg: 'draining began' };
  expect(told()).toEqual([began]);
  inflight.leave();
  await vi.runAllTimersAsync();
  await done;
  expect(told()).toEqual([began, { level: 30, cutOff: 1, msg: 'draining is done' }]);
});
