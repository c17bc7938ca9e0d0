import { describe, expect, it } from 'vitest';
import { type Claim, type Counters, CountersUnavailableError } from '../../src/core/counters.ts';
import { CountersDesk } from '../../src/counters/desk.ts';
import { LeaseDesk } from '../../src/counters/lease-desk.ts';
import { LeaseRecalls } from '../../src/counters/lease-recalls.ts';
import { MemoryCounters } from '../../src/counters/memory-counters.ts';
import { countingCalls, type CountingCalls, RemoteCounters } from '../../src/counters/remote-counters.ts';
import { SharedOrLocal } from '../../src/counters/shared-or-local.ts';
import { fromWire, toWire } from '../../src/counters/wire-claims.ts';
import { Channel } from '../../src/workers/channel.ts';
import { portPair } from '../support/port-pair.ts';
import { countersSuite } from './counters-suite.ts';
import { ALL_CLAIMS, START } from './histories.ts';

/** Longer than any test takes: only what is late on purpose is late. */
const PATIENT = 60_000;

/** Counters in memory that some processes use, each over a channel of its own. */
function openProcesses(count: number, within = PATIENT) {
  const clock = { time: START, now: () => clock.time, wall: () => clock.time };
  const memory = new MemoryCounters(clock);
  const processes = Array.from({ length: count }, () => {
    const ports = portPair();
    const desk = new CountersDesk(memory, { spent() {} }, clock);
    const nobody = (): Promise<void> => Promise.resolve();
    const recalls = new LeaseRecalls();
    const leasing = { counters: memory, spending: { spent() {} }, recalls, clock, processes: count, giveBack: nobody };
    const serving = countingCalls(desk, new LeaseDesk(leasing), () => {});
    const answering = new Channel<Record<never, never>, CountingCalls>(ports.other, serving);
    const channel = new Channel<CountingCalls, Record<never, never>>(ports.one, {});
    const counters: Counters = new RemoteCounters(
      {
        reserve: (id, expiresIn, claims) => channel.callPaced('reserve', id, expiresIn, claims),
        settle: (isUrgent, id, claims, actual) => {
          if (isUrgent) channel.tellPaced('settle', id, claims, actual);
          else channel.tellSoon('settle', id, claims, actual);
        },
        renew: (ids, expiresIn) => channel.call('renew', ids, expiresIn),
        peek: (claims) => channel.call('peek', claims),
      },
      within,
    );
    return { ...ports, answering, counters, desk };
  });
  return { clock, memory, processes };
}

/** Nobody waits for a settlement, and all that is asked later comes after it: the suite sets its clock in between. */
function heard(counters: Counters): Counters {
  return {
    reserve: (reservation) => counters.reserve(reservation),
    settle: async (reservation, actual) => {
      await counters.settle(reservation, actual);
      await counters.check();
    },
    renew: (reservations, expiresIn) => counters.renew(reservations, expiresIn),
    peek: (claims) => counters.peek(claims),
    check: () => counters.check(),
    close: () => counters.close(),
  };
}

const PLACES: Claim = { kind: 'place', counter: 'p', limit: 3 };
const HALF: Claim = { ...PLACES, limit: 4, whenDown: { localShare: 0.5 } };

describe('claims on their way to another process', () => {
  it('are the same there, but for what holds while nobody counts', () => {
    const calendar = {
      kind: 'calendar',
      windows: [
        { name: '2026-11', end: 5 },
        { name: '2026-12', end: 9 },
      ],
    } as const;
    const claims: Claim[] = [
      ...ALL_CLAIMS,
      { kind: 'budget', counter: 'c', limit: 2 ** 53 - 1, amount: 0, window: calendar },
      { kind: 'budget', counter: '', limit: 0, amount: 3, window: { kind: 'calendar', windows: [] } },
      PLACES,
    ];
    expect(fromWire(toWire(claims))).toEqual(claims);
    expect(fromWire(toWire([HALF]))).toEqual([{ ...PLACES, limit: 4 }]);
    expect(fromWire([])).toEqual([]);
  });
});

describe('counters of another process', () => {
  countersSuite(() => {
    const { clock, processes } = openProcesses(1);
    return { clock, counters: heard(processes[0]!.counters), space: 'x' };
  }, 100);

  it('give several processes together exactly what there is', async () => {
    const { processes } = openProcesses(4);
    const asked = processes.flatMap(({ counters }, process) =>
      Array.from({ length: 25 }, (_, turn) =>
        counters.reserve({ id: `${process}/${turn}`, claims: [{ ...PLACES, limit: 37 }], expiresIn: 60_000 }),
      ),
    );
    expect((await Promise.all(asked)).filter(({ isGranted }) => isGranted)).toHaveLength(37);
  });

  it('are unavailable where the process that counts is stalled or gone', async () => {
    const { processes } = openProcesses(1, 5);
    const { counters, other, close } = processes[0]!;
    other.stall(true);
    await expect(counters.check()).rejects.toThrow(CountersUnavailableError);
    other.stall(false);
    await expect(counters.check()).resolves.toBeUndefined();
    close();
    await expect(counters.check()).rejects.toThrow(CountersUnavailableError);
  });

  it('while it is stalled, each limit has what it is configured to have, and nothing is held twice afterwards', async () => {
    const { clock, processes, memory } = openProcesses(1, 5);
    const { counters, other } = processes[0]!;
    const told: string[] = [];
    const watch = {
      down: () => void told.push('down'),
      up: () => void told.push('up'),
      decidedAlone: (how: string) => void told.push(how),
      lost: () => void told.push('lost'),
    };
    const shared = new SharedOrLocal(counters, clock, watch);
    other.stall(true);
    const closed = shared.reserve({ id: 'closed', claims: [PLACES], expiresIn: 60_000 });
    await expect(closed).rejects.toThrow(CountersUnavailableError);
    const decisions = [];
    for (const id of ['1', '2', '3'])
      decisions.push((await shared.reserve({ id, claims: [HALF], expiresIn: 60_000 })).isGranted);
    expect(decisions).toEqual([true, true, false]);
    expect(told).toEqual(['down', 'closed', 'local', 'local', 'local']);
    other.stall(false);
    await counters.check();
    // What the stalled process took when it went on is given back by the settlement that is owed.
    await counters.settle({ id: 'closed', claims: [PLACES], expiresIn: 0 }, [0]);
    await counters.check();
    expect(memory.peek([PLACES])[0]!.remaining).toBe(3);
    await shared.close();
  });
});
