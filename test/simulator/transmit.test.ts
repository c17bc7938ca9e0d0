import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Transmission } from '../../src/simulator/transmission.ts';
import { transmit, type Outcome } from '../../src/simulator/transmit.ts';

/** Records what is written; `accepting` false makes it ask the writer to wait. */
class FakeResponse extends EventEmitter {
  readonly socket = null;
  accepting = true;
  readonly written: string[] = [];
  headers = 0;
  ended = false;

  writeHead(): void {
    this.headers++;
  }

  write(chunk: string): boolean {
    this.written.push(chunk);
    return this.accepting;
  }

  end(chunk?: string): void {
    if (chunk !== undefined) this.written.push(chunk);
    this.ended = true;
  }
}

function send(plan: Partial<Transmission>): { res: FakeResponse; outcomes: Outcome[] } {
  const res = new FakeResponse();
  const outcomes: Outcome[] = [];
  const chunks = ['a', 'b', 'c', 'd'];
  const whole = { status: 200, headers: {}, chunks, firstMs: 0, betweenMs: 0, ending: 'end', written: null } as const;
  transmit(res as unknown as ServerResponse, { ...whole, ...plan }, (outcome) => outcomes.push(outcome));
  return { res, outcomes };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('without delays all is sent at once, in one write and without a timer', () => {
  const { res } = send({});
  expect(res).toMatchObject({ written: ['abcd'], ended: true });
  expect(vi.getTimerCount()).toBe(0);
});

test('the first chunk waits for its delay, the others follow at the pace', () => {
  const { res } = send({ firstMs: 10, betweenMs: 5 });
  vi.advanceTimersByTime(9);
  expect(res).toMatchObject({ headers: 0, written: [] });
  vi.advanceTimersByTime(1);
  expect(res).toMatchObject({ headers: 1, written: ['a'] });
  vi.advanceTimersByTime(5);
  expect(res.written).toEqual(['a', 'b']);
  vi.advanceTimersByTime(10);
  expect(res).toMatchObject({ written: ['a', 'b', 'c', 'd'], ended: true });
});

test('a pace below a millisecond sends several chunks at a time', () => {
  const { res } = send({ betweenMs: 0.5 });
  vi.advanceTimersByTime(1);
  expect(res.written).toEqual(['a', 'bc']);
});

test('a full connection stops the writing until it drains', () => {
  const { res } = send({ chunks: ['a'.repeat(70_000), 'b'.repeat(70_000), 'c'], firstMs: 1 });
  res.accepting = false;
  vi.advanceTimersByTime(1);
  expect(res.written.map((chunk) => chunk[0])).toEqual(['a']);
  res.emit('drain');
  expect(res.written.map((chunk) => chunk[0])).toEqual(['a', 'b']);
  expect(res.ended).toBe(false);
  res.emit('drain');
  expect(res).toMatchObject({ ended: true });
  expect(res.written.map((chunk) => chunk[0])).toEqual(['a', 'b', 'c']);
});

test('a client that leaves stops the timer, and what it got is told once', () => {
  const { res, outcomes } = send({ betweenMs: 5 });
  vi.advanceTimersByTime(5);
  res.emit('close');
  expect(vi.getTimerCount()).toBe(0);
  expect(outcomes).toEqual([{ sent: 2, aborted: true }]);
});

test('a client that leaves a full connection is not written to again', () => {
  const { res, outcomes } = send({ firstMs: 1, chunks: ['a'.repeat(70_000), 'b'] });
  res.accepting = false;
  vi.advanceTimersByTime(1);
  res.emit('close');
  res.emit('drain');
  expect(res.written).toHaveLength(1);
  expect(outcomes).toEqual([{ sent: 1, aborted: true }]);
});

test('a reply that was sent whole is no abort when its connection closes', () => {
  const { res, outcomes } = send({});
  res.emit('close');
  expect(outcomes).toEqual([{ sent: 4, aborted: false }]);
});
