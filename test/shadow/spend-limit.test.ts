import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Random } from '../../bench/judge-scenarios.ts';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { Operation } from '../../src/core/operation.ts';
import { periodEnd, periodName } from '../../src/core/period.ts';
import type { Refusal, Reservation } from '../../src/shadow/spend-account.ts';
import { SpendLimit } from '../../src/shadow/spend-limit.ts';
import { worstCase } from '../../src/shadow/worst-case.ts';
import { MemoryCounters } from '../support/copy-watch.ts';

const NOON = Date.UTC(2026, 10, 21, 12);
const HOUR = 3_600_000;
const BUDGET = { usd: 1, per: 'day' } as const;
const COUNTER = 'shadow:try:2026-11-21';
/** Money is set aside at its end. */
const TURN = 250;

const clock = { now: () => Date.now() - NOON, wall: () => Date.now() };

function newLimits(gateways = 1) {
  const failures: unknown[] = [];
  const counters = new MemoryCounters();
  const failed = (_rollout: string, error: unknown) => void failures.push(error);
  const limits = Array.from({ length: gateways }, () => new SpendLimit({ clock, counters, failed }));
  return { counters, limits, limit: limits[0]!, failures };
}

/** What is reserved, or why not, once money could be set aside. */
async function reserved(limit: SpendLimit, usd: number): Promise<Reservation | Refusal> {
  const answer = limit.reserve('try', BUDGET, usd);
  await vi.advanceTimersByTimeAsync(TURN);
  return answer;
}

async function granted(limit: SpendLimit, usd: number): Promise<Reservation> {
  const answer = await reserved(limit, usd);
  if (typeof answer === 'string') throw new Error(answer);
  return answer;
}

/** One of the gateways of a store; after a crash nothing of it reaches the store. */
function crashable(counters: MemoryCounters) {
  const made = { limit: null as unknown as SpendLimit, isDead: false };
  const add = (name: string, usd: number) => (made.isDead ? new Promise<never>(() => {}) : counters.add(name, usd));
  const own = { add, value: (name: string) => counters.value(name), raise: () => Promise.resolve() };
  made.limit = new SpendLimit({ clock, counters: own, failed: () => {} });
  return made;
}

beforeEach(() => void vi.useFakeTimers({ now: NOON }));
afterEach(() => void vi.useRealTimers());

describe('a budget of money', () => {
  it('is never overspent, however many gateways reserve at once', async () => {
    const { limits } = newLimits(3);
    const wishes = Array.from({ length: 30 }, (_, index) => limits[index % 3]!.reserve('try', BUDGET, 0.15));
    await vi.advanceTimersByTimeAsync(TURN);
    const answers = await Promise.all(wishes);
    expect(answers.filter((answer) => typeof answer !== 'string')).toHaveLength(6);
    expect(answers.filter((answer) => answer === 'over_budget')).toHaveLength(24);
  });

  it('is never overspent by gateways that crash and come back, nor through a store that fails now and then', async () => {
    const random = new Random(7);
    const counters = new MemoryCounters();
    const gateways = [crashable(counters), crashable(counters)];
    let spent = 0;
    const spend = async (limit: SpendLimit, worst: number, actual: number) => {
      const answer = await limit.reserve('try', BUDGET, worst);
      if (typeof answer === 'string') return;
      spent += actual;
      answer.settle(actual);
    };
    for (let copy = 0; copy < 3_000; copy++) {
      counters.failure = random.uniform() < 0.05 ? new Error('locked') : null;
      const at = copy % 2;
      if (random.uniform() < 0.005) {
        gateways[at]!.isDead = true;
        gateways[at] = crashable(counters);
      }
      const worst = random.uniform() * 0.01;
      const actual = worst * random.uniform();
      void spend(gateways[at]!.limit, worst, actual);
      await vi.advanceTimersByTimeAsync(random.uniform() * 500);
      expect(spent).toBeLessThanOrEqual(1);
      expect(spent).toBeLessThanOrEqual((counters.values.get(COUNTER) ?? 0) + 1e-9);
    }
    expect(spent).toBeGreaterThan(0.5);
  });

  it('is spent from memory: the store is asked for a block of it, not for each copy', async () => {
    const { limit, counters } = newLimits();
    await granted(limit, 0.001);
    const asked = counters.calls.length;
    for (let copy = 0; copy < 1_000; copy++) ((await limit.reserve('try', BUDGET, 0.001)) as Reservation).settle(0);
    expect(counters.calls).toHaveLength(asked);
  });

  it('gives back at the end what was not spent, and after a minute what nobody needed', async () => {
    const { limits, counters } = newLimits(2);
    const used = await granted(limits[0]!, 0.004);
    used.settle(0.003);
    await granted(limits[1]!, 0.002);
    expect(counters.values.get(COUNTER)).toBeCloseTo(0.02, 9);
    await limits[0]!.close();
    expect(counters.values.get(COUNTER)).toBeCloseTo(0.013, 9);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(counters.values.get(COUNTER)).toBeCloseTo(0.005, 9);
  });

  it('has again what a copy did not need', async () => {
    const { limit } = newLimits();
    const first = await granted(limit, 0.9);
    first.settle(0.1);
    expect(await reserved(limit, 0.9)).toHaveProperty('settle');
  });

  it('lets whoever waits have what another did not need', async () => {
    const { limit, counters } = newLimits();
    const first = await granted(limit, 0.006);
    counters.failure = null;
    const waits = limit.reserve('try', BUDGET, 0.008);
    first.settle(0);
    expect(await waits).toHaveProperty('settle');
  });

  it('is not asked for again at once when it was spent, and is a while later', async () => {
    const { counters, limit, limits } = newLimits(2);
    await granted(limits[1]!, 0.6);
    expect(await reserved(limit, 0.5)).toBe('over_budget');
    await limits[1]!.close();
    const asked = counters.calls.length;
    expect(await reserved(limit, 0.5)).toBe('over_budget');
    expect(counters.calls).toHaveLength(asked);
    counters.values.set(COUNTER, 0);
    await vi.advanceTimersByTimeAsync(5_000);
    await granted(limit, 0.5);
  });

  it('may still have room for less than what was refused', async () => {
    const { limit } = newLimits();
    await granted(limit, 0.8);
    expect(await reserved(limit, 0.5)).toBe('over_budget');
    await granted(limit, 0.1);
  });

  it('is not asked for while the store fails: copies are refused at once, and the failure is told once', async () => {
    const { limit, counters, failures } = newLimits();
    counters.failure = new Error('database is locked');
    expect(await reserved(limit, 0.5)).toBe('store');
    for (let copy = 0; copy < 100; copy++) expect(await limit.reserve('try', BUDGET, 0.5)).toBe('store');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(counters.calls).toHaveLength(1);
    expect(await reserved(limit, 0.5)).toBe('store');
    expect(counters.calls).toHaveLength(2);
    expect(failures).toEqual([counters.failure]);
    counters.failure = null;
    await vi.advanceTimersByTimeAsync(5_000);
    await granted(limit, 0.5);
  });

  it('goes on being spent from the block at hand while the store fails', async () => {
    const { limit, counters } = newLimits();
    await granted(limit, 0.001);
    counters.failure = new Error('database is locked');
    for (let copy = 0; copy < 9; copy++) expect(await limit.reserve('try', BUDGET, 0.001)).toHaveProperty('settle');
    expect(await reserved(limit, 0.001)).toBe('store');
  });

  it('tells what is spent and what is left, and when that was too little', async () => {
    const { limit } = newLimits();
    const resetsAt = NOON + 12 * HOUR;
    expect(await limit.state('try', BUDGET)).toEqual({
      usd: 1,
      spentUsd: 0,
      remainingUsd: 1,
      resetsAt,
      isSpent: false,
    });
    await granted(limit, 0.75);
    expect(await reserved(limit, 0.5)).toBe('over_budget');
    expect(await limit.state('try', BUDGET)).toMatchObject({ spentUsd: 0.75, remainingUsd: 0.25, isSpent: true });
    await granted(limit, 0.125);
    expect(await limit.state('try', BUDGET)).toMatchObject({ spentUsd: 0.875, isSpent: false });
    await granted(limit, 0.125);
    expect(await limit.state('try', BUDGET)).toMatchObject({ remainingUsd: 0, isSpent: true });
    vi.setSystemTime(resetsAt);
    expect(await limit.state('try', BUDGET)).toMatchObject({ spentUsd: 0, isSpent: false });
  });

  it('that is lowered is not spent from what was set aside of the larger one, which goes back', async () => {
    const { limit, counters } = newLimits();
    const open = await granted(limit, 0.004);
    await counters.add(COUNTER, 0.089);
    const lower = { usd: 0.094, per: 'day' } as const;
    const answer = limit.reserve('try', lower, 0.002);
    await vi.advanceTimersByTimeAsync(TURN);
    expect(await answer).toBe('over_budget');
    expect(counters.values.get(COUNTER)).toBeCloseTo(0.094, 9);
    open.settle(0.001);
    const late = limit.reserve('try', lower, 0.002);
    await vi.advanceTimersByTimeAsync(TURN);
    expect(await late).toBe('over_budget');
    expect(counters.values.get(COUNTER)).toBeCloseTo(0.091, 9);
  });

  it('of another period gets back what was set aside of the former one, and goes on where it is declared again', async () => {
    const { limit, counters } = newLimits();
    const open = await granted(limit, 0.004);
    const hourly = { usd: 1, per: 'hour' } as const;
    const answer = limit.reserve('try', hourly, 0.003);
    await vi.advanceTimersByTimeAsync(TURN);
    expect(await answer).toHaveProperty('settle');
    expect(counters.values.get(COUNTER)).toBeCloseTo(0.004, 9);
    open.settle(0.001);
    expect(await limit.state('try', BUDGET)).toMatchObject({ spentUsd: expect.closeTo(0.001, 9) });
    await granted(limit, 0.005);
    await limit.close();
    expect(counters.values.get(COUNTER)).toBeCloseTo(0.006, 9);
    expect(counters.values.get('shadow:try:2026-11-21T12')).toBeCloseTo(0.003, 9);
  });

  it('is asked for no more once all of a former period is given back', async () => {
    const { limit, counters } = newLimits();
    (await granted(limit, 0.004)).settle(0.004);
    vi.setSystemTime(NOON + 12 * HOUR);
    await granted(limit, 0.004);
    const asked = counters.calls.filter(([name]) => name === COUNTER).length;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(counters.calls.filter(([name]) => name === COUNTER)).toHaveLength(asked);
  });

  it('is not told as spent once others have given back what the last copy would need, nor when nobody asks', async () => {
    const { limit, limits } = newLimits(2);
    const big = await granted(limits[1]!, 0.75);
    expect(await reserved(limit, 0.5)).toBe('over_budget');
    expect(await limit.state('try', BUDGET)).toMatchObject({ isSpent: true });
    big.settle(0.1);
    await limits[1]!.close();
    expect(await limit.state('try', BUDGET)).toMatchObject({ remainingUsd: 0.9, isSpent: false });
    await vi.advanceTimersByTimeAsync(5_000);
    await granted(limit, 0.5);
    expect(await reserved(limit, 0.5)).toBe('over_budget');
    expect(await limit.state('try', BUDGET)).toMatchObject({ isSpent: true });
    await vi.advanceTimersByTimeAsync(61_000);
    expect(await limit.state('try', BUDGET)).toMatchObject({ isSpent: false });
  });

  it.each([
    ['hour', Date.UTC(2026, 11, 31, 23, 59), Date.UTC(2027, 0, 1)],
    ['day', Date.UTC(2026, 11, 31, 23, 59), Date.UTC(2027, 0, 1)],
    ['week', Date.UTC(2026, 10, 22, 23, 59), Date.UTC(2026, 10, 23)],
    ['week', Date.UTC(2026, 10, 23), Date.UTC(2026, 10, 30)],
    ['month', Date.UTC(2026, 11, 1), Date.UTC(2027, 0, 1)],
  ] as const)('of a %s ends with the calendar', (per, wall, end) => {
    expect(periodEnd(per, wall)).toBe(end);
    expect(periodName(per, end - 1)).toBe(periodName(per, wall));
    expect(periodName(per, end)).not.toBe(periodName(per, wall));
  });

  it('begins anew with each period', async () => {
    const { limit } = newLimits();
    await granted(limit, 1);
    vi.setSystemTime(NOON + 12 * HOUR);
    expect(await reserved(limit, 1)).toHaveProperty('settle');
  });
});

describe('periods', () => {
  it.each([
    ['hour', '2026-11-21T12'],
    ['day', '2026-11-21'],
    ['week', '2026-W47'],
    ['month', '2026-11'],
  ] as const)('of an %s have a name', (per, name) => {
    expect(periodName(per, NOON)).toBe(name);
  });

  // From the examples of ISO 8601 as Wikipedia lists them under "ISO week date".
  it.each([
    ['2005-01-01', '2004-W53'],
    ['2005-01-02', '2004-W53'],
    ['2007-01-01', '2007-W01'],
    ['2007-12-31', '2008-W01'],
    ['2008-12-28', '2008-W52'],
    ['2008-12-29', '2009-W01'],
    ['2010-01-03', '2009-W53'],
  ])('the week of %s is %s', (day, week) => {
    expect(periodName('week', Date.parse(`${day}T23:59:59Z`))).toBe(week);
  });
});

describe('what a copy may cost', () => {
  const price = { input: 3, cachedInput: 0.3, output: 15 };
  const costOf = (operation: Operation, body: unknown, bytes = 300, params: Record<string, number> | null = null) =>
    worstCase(operation, JsonDocument.parse(JSON.stringify(body)), params, bytes, price) * 1e6;

  it('takes what the shadow sets before what the app asks for', () => {
    expect(costOf('chat', { max_tokens: 10 }, 300, { max_tokens: 500, n: 2 })).toBeCloseTo(100 * 3 + 1_000 * 15, 6);
  });

  it.each<[Operation, unknown, number]>([
    ['chat', {}, 4096],
    ['chat', { max_tokens: 100 }, 100],
    ['chat', { max_tokens: 100, max_completion_tokens: 200, n: 3 }, 600],
    ['chat', { max_tokens: null }, 4096],
    ['chat', { max_tokens: -5 }, 0],
    ['responses', { max_output_tokens: 50 }, 50],
    ['messages', { max_tokens: 1000 }, 1000],
    ['text_completion', { prompt: ['a', 'b'], max_tokens: 10, best_of: 4 }, 80],
    ['embeddings', { input: 'x' }, 0],
    ['count_tokens', { max_tokens: 100 }, 0],
  ])('counts %s %j with so many output tokens', (operation, body, tokens) => {
    expect(costOf(operation, body)).toBeCloseTo(100 * 3 + tokens * 15, 6);
  });
});
