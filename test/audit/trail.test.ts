import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AuditQueue, type TrailDeps } from '../../src/audit/trail.ts';
import { AuditUnavailableError, type AuditRecord } from '../../src/core/audit.ts';
import { NOON } from './support.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface TestTrail {
  readonly trail: AuditQueue;
  readonly groups: AuditRecord[][];
  readonly retried: boolean[];
  readonly logged: string[];
  /** What the thread answers. */
  fault: string | null;
  place: 'chain' | 'spool';
  /** Held until it is opened. */
  gate: Promise<void>;
}

function openTrail(change: Partial<TrailDeps> = {}): TestTrail {
  const state = {
    fault: null as string | null,
    place: 'chain' as TestTrail['place'],
    gate: Promise.resolve(),
    groups: [] as AuditRecord[][],
    retried: [] as boolean[],
    logged: [] as string[],
  };
  const trail = new AuditQueue({
    port: {
      write: async (records, mayBeKnown) => {
        await state.gate;
        state.retried.push(mayBeKnown);
        if (state.fault !== null) throw new Error(state.fault);
        state.groups.push([...records]);
        return { place: state.place, reason: state.place === 'spool' ? 'away' : null };
      },
    },
    clock: { now: () => 0, wall: () => NOON },
    capacity: () => 1_000,
    isRequired: () => true,
    log: (message) => void state.logged.push(message),
    ...change,
  });
  return Object.assign(state, { trail });
}

const draft = (subject: string) => ({ kind: 'test.entry', actor: 'tester', subject, detail: null });
const written = ({ groups }: TestTrail): string[] => groups.flat().map(({ subject }) => subject);

describe('appended entries', () => {
  it('are only queued: nothing is written before the time to gather is up, and then all as one group', async () => {
    const test = openTrail();
    for (const subject of ['a', 'b', 'c']) test.trail.append(draft(subject));
    await vi.advanceTimersByTimeAsync(49);
    expect(test.groups).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(test.groups.map((group) => group.map(({ subject }) => subject))).toEqual([['a', 'b', 'c']]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('go out in groups that hold the serving thread only shortly, in order', async () => {
    const test = openTrail();
    for (let index = 0; index < 600; index++) test.trail.append(draft(String(index)));
    await vi.advanceTimersByTimeAsync(200);
    expect(test.groups.map(({ length }) => length)).toEqual([256, 256, 88]);
    expect(written(test)).toEqual(Array.from({ length: 600 }, (_, index) => String(index)));
  });

  it('are kept and written again, marked as perhaps known, while the thread fails; readiness tells', async () => {
    const test = openTrail();
    test.fault = 'no place';
    test.trail.append(draft('a'));
    await vi.advanceTimersByTimeAsync(50);
    test.trail.append(draft('b'));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(test.trail.troubles()).toEqual(['audit entries cannot be written (no place); 2 wait in memory']);
    expect(test.trail.isWritable).toBe(false);
    expect(test.trail.totals()).toMatchObject({ failures: 4, queue: 2 });
    test.fault = null;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(written(test)).toEqual(['a', 'b']);
    expect(test.retried).toEqual([false, true, true, true, true, false]);
    expect(test.trail.troubles()).toEqual([]);
    expect(test.logged).toEqual(['audit entries cannot be written']);
  });

  it('are told of by readiness while they are in the spool', async () => {
    const test = openTrail();
    test.place = 'spool';
    test.trail.append(draft('a'));
    await test.trail.flush();
    expect(test.trail.troubles()).toEqual(['audit entries wait in the spool, as the store cannot take them: away']);
    expect(test.trail.isWritable).toBe(true);
    test.trail.drained();
    expect(test.trail.troubles()).toEqual([]);
  });

  it('beyond the queue are counted and not silently lost', async () => {
    const test = openTrail({ capacity: () => 4 });
    test.fault = 'no place';
    for (let index = 0; index < 7; index++) test.trail.append(draft(String(index)));
    expect(test.trail.totals()).toMatchObject({ lost: 3, queue: 4 });
    test.fault = null;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(test.groups.flat().map(({ kind, detail }) => [kind, detail])).toEqual([
      ...Array.from({ length: 4 }, () => ['test.entry', null]),
      ['audit.lost', { entries: 3 }],
    ]);
    expect(test.trail.troubles()).toEqual(['3 audit entries were lost: the queue was full']);
  });

  it('that are lost all the time are told once a second, and the last of them when it is quiet or over', async () => {
    const test = openTrail({ capacity: () => 4, clock: { now: () => Date.now(), wall: () => NOON } });
    const lose = async (): Promise<void> => {
      for (let index = 0; index < 7; index++) test.trail.append(draft(String(index)));
      await test.trail.flush();
    };
    const told = () =>
      test.groups
        .flat()
        .filter(({ kind }) => kind === 'audit.lost')
        .map(({ detail }) => (detail as { readonly entries: number }).entries);
    const sum = () => told().reduce((all, entries) => all + entries, 0);
    for (let round = 0; round < 10; round++) await lose();
    await test.trail.flush();
    expect([test.logged.length, told()]).toEqual([1, [3]]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect([told().length, sum()]).toEqual([2, test.trail.totals().lost]);
    expect(sum()).toBeGreaterThanOrEqual(30);
    await lose();
    await lose();
    expect(await test.trail.close()).toBe(0);
    expect(sum()).toBe(test.trail.totals().lost);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are written at the end, and what cannot be is counted', async () => {
    const test = openTrail();
    test.trail.append(draft('a'));
    expect(await test.trail.close()).toBe(0);
    expect(written(test)).toEqual(['a']);
    test.fault = 'no place';
    test.trail.append(draft('b'));
    expect(await test.trail.close()).toBe(1);
    expect(vi.getTimerCount()).toBeLessThanOrEqual(1);
  });
});

describe('an action', () => {
  it('begins when its intent is durable, and not before', async () => {
    const test = openTrail();
    const opened = Promise.withResolvers<void>();
    test.gate = opened.promise;
    const order: string[] = [];
    const done = test.trail.action(draft('x'), async () => void order.push('done'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(order).toEqual([]);
    opened.resolve();
    await done;
    expect(order).toEqual(['done']);
    await test.trail.flush();
    expect(test.groups.flat().map(({ phase, detail }) => [phase, detail])).toEqual([
      ['intent', null],
      ['outcome', { result: 'done' }],
    ]);
    expect(new Set(test.groups.flat().map(({ id }) => id)).size).toBe(1);
  });

  it('does not wait for entries to gather', async () => {
    const test = openTrail();
    await test.trail.action(draft('x'), async () => 1);
    expect(written(test)[0]).toBe('x');
  });

  it('that fails is told as failed, with its code and never its text', async () => {
    const test = openTrail();
    const error = Object.assign(new Error('with a secret'), { code: 'invalid_weight' });
    await expect(test.trail.action(draft('x'), () => Promise.reject(error))).rejects.toBe(error);
    await test.trail.flush();
    expect(test.groups.flat()[1]!.detail).toEqual({ result: 'failed', told: { code: 'invalid_weight' } });
  });

  it('that must be recorded is refused where it cannot be, and nothing is done', async () => {
    const test = openTrail();
    test.fault = 'no place';
    const work = vi.fn<() => Promise<void>>();
    await expect(test.trail.action(draft('x'), work)).rejects.toThrow(AuditUnavailableError);
    expect(work).not.toHaveBeenCalled();
    test.fault = null;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(test.groups.flat().map(({ phase, detail }) => [phase, detail])).toEqual([
      ['intent', null],
      ['outcome', { result: 'refused', told: { code: 'audit_unavailable' } }],
    ]);
  });

  it('that need not be recorded is done all the same', async () => {
    const test = openTrail({ isRequired: () => false });
    test.fault = 'no place';
    expect(await test.trail.action(draft('x'), async () => 7)).toBe(7);
  });

  it('is refused where the queue is full', async () => {
    const test = openTrail({ capacity: () => 0 });
    await expect(test.trail.action(draft('x'), async () => 7)).rejects.toThrow(AuditUnavailableError);
  });
});
