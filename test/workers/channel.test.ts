import { describe, expect, it, vi } from 'vitest';
import { CountersUnavailableError } from '../../src/core/counters.ts';
import { KeyNameTakenError, VersionConflictError } from '../../src/core/stores.ts';
import { Channel, ChannelClosedError, ChannelTimeoutError } from '../../src/workers/channel.ts';
import { portPair } from '../support/port-pair.ts';

interface Calls {
  add(one: number, other: number): number;
  echo(value: unknown): Promise<unknown>;
  fail(kind: string): never;
  never(): Promise<void>;
  noted(value: number): void;
}

const ERRORS: Readonly<Record<string, () => Error>> = {
  conflict: () => new VersionConflictError('r'),
  name: () => new KeyNameTakenError('k'),
  counters: () => new CountersUnavailableError(new Error('gone'), 1234),
  plain: () => Object.assign(new Error('disk full'), { code: 'ENOSPC' }),
};

function open() {
  const noted: number[] = [];
  const ours: Calls = {
    add: (one, other) => one + other,
    echo: (value) => Promise.resolve(value),
    fail: (kind) => {
      throw ERRORS[kind]!();
    },
    never: () => new Promise(() => {}),
    noted: (value) => void noted.push(value),
  };
  const ports = portPair();
  const caller = new Channel<Calls, Record<never, never>>(ports.one, {});
  const answering = new Channel<Record<never, never>, Calls>(ports.other, ours);
  return { ...ports, caller, answering, noted };
}

describe('a channel between processes', () => {
  it('answers calls, those that take time and those that do not', async () => {
    const { caller } = open();
    const value = { at: 1, bytes: Buffer.from('abc'), map: new Map([['a', 1]]), none: undefined };
    expect(await Promise.all([caller.call('add', 2, 3), caller.call('echo', value)])).toEqual([5, value]);
  });

  it('sends what comes in one turn of the event loop as one message, and answers it with one', async () => {
    const { caller, one, other } = open();
    const sums = await Promise.all(Array.from({ length: 50 }, (_, index) => caller.call('add', index, 1)));
    expect(sums).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    expect([one.sent.length, other.sent.length]).toEqual([1, 1]);
  });

  it('keeps the order of what is told and called', async () => {
    const { caller, noted } = open();
    for (let value = 0; value < 10; value++) caller.tell('noted', value);
    await caller.call('add', 0, 0);
    expect(noted).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('sends what is told to leave soon with what leaves next, in its order', async () => {
    const { caller, noted, one } = open();
    caller.tellSoon('noted', 1);
    caller.tell('noted', 2);
    await caller.call('add', 0, 0);
    expect([noted, one.sent.length]).toEqual([[1, 2], 1]);
    caller.tellSoon('noted', 3);
    await vi.waitFor(() => expect(noted).toEqual([1, 2, 3]));
  });

  it('lets paced calls wait for the answer to the one under way, and sends them together then', async () => {
    const { caller, one, noted } = open();
    const first = caller.callPaced('add', 1, 1);
    await new Promise((resolve) => setImmediate(resolve));
    const others = [2, 3, 4].map((value) => caller.callPaced('add', value, 1));
    caller.tellPaced('noted', 7);
    expect(one.sent).toHaveLength(1);
    expect(await Promise.all([first, ...others])).toEqual([2, 3, 4, 5]);
    expect([one.sent.length, noted]).toEqual([2, [7]]);
  });

  it('does not let them wait for ever where the answer does not come', async () => {
    const { caller, one, other, close } = open();
    other.stall(true);
    const calls = [caller.callPaced('add', 1, 1)];
    await new Promise((resolve) => setImmediate(resolve));
    calls.push(caller.callPaced('add', 2, 2));
    await vi.waitFor(() => expect(one.sent).toHaveLength(2));
    close();
    for (const call of calls) await expect(call).rejects.toThrow(ChannelClosedError);
  });

  it('rejects with errors of the class that they had there', async () => {
    const { caller } = open();
    for (const [kind, made] of Object.entries(ERRORS)) {
      const error = (await caller.call('fail', kind).catch((thrown: unknown) => thrown)) as Error;
      const expected = made();
      expect(error).toBeInstanceOf(expected.constructor);
      expect([error.name, error.message]).toEqual([expected.name, expected.message]);
    }
    expect(await caller.call('fail', 'counters').catch((error: unknown) => error)).toMatchObject({ retryAfter: 1234 });
    expect(await caller.call('fail', 'plain').catch((error: unknown) => error)).toMatchObject({ code: 'ENOSPC' });
  });

  it('waits no longer than it is told to', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { caller } = open();
    const late = caller.callWithin(100, 'never').catch((error: unknown) => error);
    vi.advanceTimersByTime(101);
    vi.useRealTimers();
    expect(await late).toBeInstanceOf(ChannelTimeoutError);
  });

  it('rejects what is under way, and all later calls, when the other process is gone', async () => {
    const { caller, close } = open();
    const waiting = caller.call('never');
    close();
    await expect(waiting).rejects.toThrow(ChannelClosedError);
    await expect(caller.call('add', 1, 1)).rejects.toThrow(ChannelClosedError);
  });

  it('does not answer what nobody waits for, nor end where it fails', async () => {
    const { caller, other } = open();
    caller.tell('fail', 'plain');
    caller.tell('noted', 1);
    expect(await caller.call('add', 1, 1)).toBe(2);
    expect(other.sent).toEqual([[[1, 1, 2]]]);
  });
});
