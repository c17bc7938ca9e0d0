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
    dataPlane: { stopAccepting: () => events.push('stopped accepting') },
    gateway: { abortOpen: () => events.push('aborted') },
    log: pino({ base: null, timestamp: false }, log),
  }).then(() => events.push('done'));
  return { events, inflight, done, told: () => log.lines.map((line) => JSON.parse(line) as unknown) };
}

test('new requests are served until the delay is over, and refused from then on', async () => {
  const { events, inflight } = draining();
  await vi.advanceTimersByTimeAsync(4_999);
  inflight.enter(10);
  expect([events, inflight.current]).toEqual([[], 3]);
  await vi.advanceTimersByTimeAsync(1);
  expect(events).toEqual(['stopped accepting']);
  expect(() => inflight.enter(10)).toThrow('The gateway is stopping');
});

test('without a delay new requests are refused at once', () => {
  const { events, inflight } = draining({ ...TIMEOUTS, drainDelay: 0 });
  expect(events).toEqual(['stopped accepting']);
  expect(() => inflight.enter(10)).toThrow('The gateway is stopping');
});

test('open requests have their time from the end of the delay on, and what is left is ended', async () => {
  const { events, inflight } = draining();
  await vi.advanceTimersByTimeAsync(5_000 + 59_999);
  inflight.leave();
  expect(events).toEqual(['stopped accepting']);
  await vi.advanceTimersByTimeAsync(1);
  expect(events).toEqual(['stopped accepting', 'aborted']);
  inflight.leave();
  await vi.advanceTimersByTimeAsync(0);
  expect(events).toEqual(['stopped accepting', 'aborted', 'done']);
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
