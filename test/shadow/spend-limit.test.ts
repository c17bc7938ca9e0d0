import { describe, expect, it } from 'vitest';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { Operation } from '../../src/core/operation.ts';
import { SpendLimit, periodEnd, periodName } from '../../src/shadow/spend-limit.ts';
import { worstCase } from '../../src/shadow/worst-case.ts';
import { MemoryCounters } from '../support/copy-watch.ts';

const NOON = Date.UTC(2026, 10, 21, 12);
const BUDGET = { usd: 1, per: 'day' } as const;

function newLimits(gateways: number) {
  const time = { passed: 0 };
  const clock = { now: () => time.passed, wall: () => NOON + time.passed };
  const counters = new MemoryCounters();
  const limits = Array.from({ length: gateways }, () => new SpendLimit(counters, clock));
  return { counters, limits, time };
}

describe('a budget of money', () => {
  it('is never overspent, however many gateways reserve at once', async () => {
    const { counters, limits } = newLimits(3);
    const wishes = Array.from({ length: 30 }, (_, index) => limits[index % 3]!.reserve('try', BUDGET, 0.15));
    const granted = (await Promise.all(wishes)).filter((reservation) => reservation !== null);
    expect(granted).toHaveLength(6);
    expect(counters.values.get('shadow:try:2026-11-21')).toBeCloseTo(0.9, 9);
  });

  it('has again what a copy did not need', async () => {
    const { limits } = newLimits(1);
    const first = await limits[0]!.reserve('try', BUDGET, 0.9);
    await first!.settle(0.1);
    expect(await limits[0]!.reserve('try', BUDGET, 0.9)).not.toBeNull();
  });

  it('is not asked for again at once when it was spent, and is a while later', async () => {
    const { counters, limits, time } = newLimits(1);
    const all = await limits[0]!.reserve('try', BUDGET, 1);
    expect(await limits[0]!.reserve('try', BUDGET, 0.5)).toBeNull();
    await all!.settle(0);
    const asked = counters.calls.length;
    expect(await limits[0]!.reserve('try', BUDGET, 0.5)).toBeNull();
    expect(counters.calls).toHaveLength(asked);
    time.passed = 5_000;
    expect(await limits[0]!.reserve('try', BUDGET, 0.5)).not.toBeNull();
  });

  it('may still have room for less than what was refused', async () => {
    const { limits } = newLimits(1);
    await limits[0]!.reserve('try', BUDGET, 0.8);
    expect(await limits[0]!.reserve('try', BUDGET, 0.5)).toBeNull();
    expect(await limits[0]!.reserve('try', BUDGET, 0.1)).not.toBeNull();
  });

  it('tells what is spent and what is left, and when that was too little', async () => {
    const { limits, time } = newLimits(1);
    const resetsAt = NOON + 12 * 3_600_000;
    expect(await limits[0]!.state('try', BUDGET)).toEqual({
      usd: 1,
      spentUsd: 0,
      remainingUsd: 1,
      resetsAt,
      isSpent: false,
    });
    await limits[0]!.reserve('try', BUDGET, 0.75);
    await limits[0]!.reserve('try', BUDGET, 0.5);
    expect(await limits[0]!.state('try', BUDGET)).toMatchObject({ spentUsd: 0.75, remainingUsd: 0.25, isSpent: true });
    await limits[0]!.reserve('try', BUDGET, 0.125);
    expect(await limits[0]!.state('try', BUDGET)).toMatchObject({ spentUsd: 0.875, isSpent: false });
    await limits[0]!.reserve('try', BUDGET, 0.125);
    expect(await limits[0]!.state('try', BUDGET)).toMatchObject({ remainingUsd: 0, isSpent: true });
    time.passed = 12 * 3_600_000;
    expect(await limits[0]!.state('try', BUDGET)).toMatchObject({ spentUsd: 0, isSpent: false });
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
    const { limits, time } = newLimits(1);
    expect(await limits[0]!.reserve('try', BUDGET, 1)).not.toBeNull();
    time.passed = 12 * 3_600_000;
    expect(await limits[0]!.reserve('try', BUDGET, 1)).not.toBeNull();
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
  const costOf = (operation: Operation, body: unknown, bytes = 300): number =>
    worstCase(operation, JsonDocument.parse(JSON.stringify(body)), bytes, price) * 1e6;

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
