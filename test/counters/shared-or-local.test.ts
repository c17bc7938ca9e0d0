import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type BudgetClaim,
  type Claim,
  type Counters,
  CountersUnavailableError,
  type PlaceClaim,
  type RateClaim,
  type Reservation,
} from '../../src/core/counters.ts';
import { MemoryCounters } from '../../src/counters/memory-counters.ts';
import { SharedOrLocal } from '../../src/counters/shared-or-local.ts';

const HALF = { localShare: 0.5 };
const clock = { now: () => Date.now(), wall: () => Date.now() };

/** Counters of several gateways that can be cut off: `unheard` before they hear a call, `unanswered` after they did it. */
class Cuttable implements Counters {
  readonly inner = new MemoryCounters(clock);
  cut: 'unheard' | 'unanswered' | null = null;
  calls = 0;
  refusedSettlement: string | null = null;

  reserve(reservation: Reservation) {
    return this.ask(() => this.inner.reserve(reservation));
  }
  settle(reservation: Reservation, actual: readonly number[]) {
    if (reservation.id === this.refusedSettlement) return Promise.reject(new CountersUnavailableError('a bad number'));
    return this.ask(() => this.inner.settle(reservation, actual));
  }
  renew(reservations: readonly Reservation[], expiresIn: number) {
    return this.ask(() => this.inner.renew(reservations, expiresIn));
  }
  peek(claims: readonly Claim[]) {
    return this.ask(() => this.inner.peek(claims));
  }
  async check() {
    await this.ask(() => undefined);
  }
  close() {
    return Promise.resolve();
  }
  remaining(claim: Claim): number {
    return this.inner.peek([claim])[0]!.remaining;
  }

  private ask<T>(call: () => T): Promise<T> {
    this.calls++;
    if (this.cut === 'unheard') return Promise.reject(new CountersUnavailableError('no route'));
    const answer = call();
    if (this.cut === 'unanswered') return Promise.reject(new CountersUnavailableError('no reply'));
    return Promise.resolve(answer);
  }
}

function open() {
  const told: string[] = [];
  const watch = {
    down: (cause: unknown) => void told.push(`down: ${String(cause)}`),
    up: () => void told.push('up'),
    decidedAlone: (how: string) => void told.push(how),
    lost: (count: number) => void told.push(`lost ${count}`),
  };
  const shared = new Cuttable();
  return { told, shared, counters: new SharedOrLocal(shared, clock, watch) };
}

let ids = 0;
const reservation = (...claims: Claim[]): Reservation => ({ id: `id-${ids++}`, claims, expiresIn: 60_000 });
const rate = (more: Partial<RateClaim> = {}): RateClaim => {
  return { kind: 'rate', counter: 'r', limit: 10, per: 60_000, amount: 1, whenDown: HALF, ...more };
};
const place = (more: Partial<PlaceClaim> = {}): PlaceClaim => {
  return { kind: 'place', counter: 'p', limit: 4, whenDown: HALF, ...more };
};
const budget = (amount: number, more: Partial<BudgetClaim> = {}): BudgetClaim => {
  const window = { kind: 'calendar', windows: [{ name: '2026-11', end: Date.UTC(2026, 11, 1) }] } as const;
  return { kind: 'budget', counter: 'b', limit: 1000, amount, window, whenDown: HALF, ...more };
};
/** How many of these are granted until one is not. */
async function grantedInARow(counters: Counters, claim: Claim): Promise<number> {
  for (let count = 0; ; count++) if (!(await counters.reserve(reservation(claim))).isGranted) return count;
}

describe('shared counters that do not answer', () => {
  beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 10, 21) }));
  afterEach(() => void vi.useRealTimers());

  it('refuse a claim that is closed, which is what a claim is that says nothing, and say when to ask again', async () => {
    const { counters, shared, told } = open();
    shared.cut = 'unheard';
    const { whenDown: _, ...silent } = rate();
    for (const claim of [rate({ whenDown: 'closed' }), silent]) {
      const refused = await counters.reserve(reservation(claim)).then(null, (error: unknown) => error);
      expect(refused).toBeInstanceOf(CountersUnavailableError);
      expect((refused as CountersUnavailableError).retryAfter).toBe(1000);
    }
    expect(told).toEqual(['down: no route', 'closed', 'closed']);
  });

  it('refuse all claims of a reservation where one is closed, and take nothing of the others', async () => {
    const { counters, shared } = open();
    shared.cut = 'unheard';
    await expect(counters.reserve(reservation(place(), rate({ whenDown: 'closed' })))).rejects.toThrow(
      'cannot be reached',
    );
    expect(await grantedInARow(counters, place())).toBe(2);
  });

  it('leave each gateway its share of a limit, rounded down', async () => {
    const { counters, shared } = open();
    shared.cut = 'unheard';
    expect(await grantedInARow(counters, rate({ limit: 11 }))).toBe(5);
    expect(await grantedInARow(counters, place())).toBe(2);
    expect(await grantedInARow(counters, budget(100))).toBe(5);
    expect(await grantedInARow(counters, place({ counter: 'one', limit: 1 }))).toBe(0);
  });

  it('leave of a budget the share of what was left when they last told', async () => {
    const { counters, shared } = open();
    await counters.reserve(reservation(budget(800)));
    shared.cut = 'unheard';
    expect(await grantedInARow(counters, budget(50))).toBe(2);
  });

  it('leave of a rate the share of what was not taken of it, and learn what was taken meanwhile', async () => {
    const { counters, shared } = open();
    for (let call = 0; call < 4; call++) await counters.reserve(reservation(rate({ per: 86_400_000 })));
    shared.cut = 'unheard';
    expect(await grantedInARow(counters, rate({ per: 86_400_000 }))).toBe(3);
    shared.cut = null;
    await vi.advanceTimersByTimeAsync(3000);
    expect(await grantedInARow(counters, rate({ per: 86_400_000 }))).toBe(3);
    shared.cut = 'unheard';
    expect(await grantedInARow(counters, rate({ per: 86_400_000 }))).toBe(0);
  });

  it('never grant more of a rate than flows off, however often two gateways lose them', async () => {
    const shared = new Cuttable();
    const watch = { down() {}, up() {}, decidedAlone() {}, lost() {} };
    const gateways = [new SharedOrLocal(shared, clock, watch), new SharedOrLocal(shared, clock, watch)];
    let granted = 0;
    for (let second = 0; second < 120; second++) {
      shared.cut = second % 10 < 5 ? null : 'unheard';
      for (let call = 0; call < 6; call++)
        for (const gateway of gateways)
          if ((await gateway.reserve(reservation(rate({ limit: 40 })))).isGranted) granted++;
      await vi.advanceTimersByTimeAsync(1000);
    }
    // A limit at once, and what flows off in two minutes.
    expect(granted).toBeLessThanOrEqual(40 + 80);
    expect(granted).toBeGreaterThan(80);
  });

  it('are asked by no request until a second has passed, and then by none that waits', async () => {
    const { counters, shared, told } = open();
    shared.cut = 'unheard';
    await counters.reserve(reservation(rate()));
    expect(shared.calls).toBe(1);
    for (let call = 0; call < 5; call++) await counters.reserve(reservation(rate()));
    expect(shared.calls).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(shared.calls).toBe(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(shared.calls).toBe(12);
    expect(told.filter((line) => line.startsWith('down'))).toHaveLength(1);
  });

  it('are used again once they answer', async () => {
    const { counters, shared, told } = open();
    shared.cut = 'unheard';
    await counters.reserve(reservation(rate()));
    shared.cut = null;
    await vi.advanceTimersByTimeAsync(1000);
    const before = shared.remaining(rate());
    await counters.reserve(reservation(rate()));
    expect(shared.remaining(rate())).toBe(before - 1);
    expect(told).toEqual(['down: no route', 'local', 'up']);
  });

  it('get back what nobody knows whether they took', async () => {
    const { counters, shared } = open();
    shared.cut = 'unanswered';
    await expect(counters.reserve(reservation(rate({ whenDown: 'closed', amount: 7 })))).rejects.toThrow(
      'cannot be reached',
    );
    expect(shared.remaining(rate())).toBe(3);
    shared.cut = null;
    await vi.advanceTimersByTimeAsync(1000);
    expect(shared.remaining(rate())).toBe(10);
  });

  it('are told what was settled while they were away, once, whether or not they had heard it', async () => {
    for (const cut of ['unheard', 'unanswered'] as const) {
      const { counters, shared } = open();
      const reserved = reservation(budget(400));
      await counters.reserve(reserved);
      shared.cut = cut;
      await counters.settle(reserved, [150]);
      await vi.advanceTimersByTimeAsync(5000);
      shared.cut = null;
      await vi.advanceTimersByTimeAsync(1000);
      expect(shared.remaining(budget(0))).toBe(850);
    }
  });

  it('settle locally what was reserved locally, and charge the money to the shared budget afterwards', async () => {
    const { counters, shared } = open();
    shared.cut = 'unheard';
    const early = reservation(budget(400), place());
    const late = reservation(budget(100), place());
    await counters.reserve(early);
    await counters.reserve(late);
    expect(await grantedInARow(counters, place())).toBe(0);
    await counters.settle(early, [150, 0]);
    expect(await grantedInARow(counters, place())).toBe(1);
    shared.cut = null;
    await vi.advanceTimersByTimeAsync(1000);
    expect(shared.remaining(budget(0))).toBe(850);
    await counters.settle(late, [70, 0]); // after the outage
    await vi.advanceTimersByTimeAsync(0);
    expect(shared.remaining(budget(0))).toBe(780);
    expect(shared.remaining(place())).toBe(4);
  });

  it('renew both what is held here and what is held there', async () => {
    const { counters, shared } = open();
    const there = reservation(place());
    await counters.reserve(there);
    shared.cut = 'unheard';
    const here = reservation(place({ counter: 'q' }));
    await counters.reserve(here);
    shared.cut = null;
    await vi.advanceTimersByTimeAsync(1000);
    await counters.renew([there, here], 300_000);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(shared.remaining(place())).toBe(3);
    shared.cut = 'unheard';
    expect(await grantedInARow(counters, place({ counter: 'q' }))).toBe(1);
  });

  it('are used again although they refuse one settlement for good, which is counted as lost', async () => {
    const { counters, shared, told } = open();
    const [bad, good] = [reservation(budget(400)), reservation(budget(400))];
    await counters.reserve(bad);
    await counters.reserve(good);
    shared.cut = 'unheard';
    shared.refusedSettlement = bad.id;
    await counters.settle(bad, [Number.NaN]);
    await counters.settle(good, [100]);
    shared.cut = null;
    await vi.advanceTimersByTimeAsync(1000);
    expect(told).toEqual(['down: a bad number', 'lost 1', 'up']);
    expect(shared.remaining(budget(0))).toBe(500);
  });

  it('say what will never be told when the gateway stops meanwhile', async () => {
    const { counters, shared, told } = open();
    const reserved = reservation(budget(400));
    await counters.reserve(reserved);
    shared.cut = 'unheard';
    await counters.settle(reserved, [100]);
    await counters.close();
    expect(told.at(-1)).toBe('lost 1');
  });
});
