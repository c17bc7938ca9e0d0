import { expect, it, onTestFinished } from 'vitest';
import type { BudgetClaim } from '../../src/core/counters.ts';
import { MemoryCounters } from '../../src/counters/memory-counters.ts';
import { SpendLedger } from '../../src/limits/spend-ledger.ts';
import { OpenWindow } from '../../src/limits/windows.ts';
import { openStores } from '../../src/store/open-stores.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 30, 22);

async function setup() {
  let wall = START;
  const clock = { now: () => wall, wall: () => wall };
  const stores = await openStores('sqlite::memory:', clock);
  const failures: unknown[] = [];
  const ledger = new SpendLedger({ store: stores.counters, clock, failed: (error) => void failures.push(error) });
  onTestFinished(async () => {
    await ledger.close();
    await stores.close();
  });
  /** A process that begins now. */
  const restarted = async (): Promise<MemoryCounters> => {
    const counters = new MemoryCounters(clock);
    await ledger.load(counters);
    return counters;
  };
  const claimAt = (per: 'hour' | 'day' | 'month', isRolling = false): BudgetClaim => {
    const window = new OpenWindow({ usd: 1, per, isRolling }).at(wall);
    return { kind: 'budget', counter: `key:%_ä/${per}`, limit: 1_000, amount: 0, window };
  };
  return { clock, stores, ledger, failures, restarted, claimAt, pass: (time: number) => (wall += time) };
}

it('what was spent of a calendar window counts after a restart, until the window ends', async () => {
  const { ledger, restarted, claimAt, clock, pass, stores } = await setup();
  for (const amount of [100, 250]) ledger.spent(claimAt('day'), amount, clock.wall());
  ledger.spent(claimAt('month'), 7, clock.wall());
  await ledger.flush();
  const counters = await restarted();
  expect(counters.peek([claimAt('day'), claimAt('month')]).map(({ remaining }) => remaining)).toEqual([650, 993]);
  pass(3 * HOUR);
  expect((await restarted()).peek([claimAt('day')])[0]!.remaining).toBe(1_000);
  expect(await stores.counters.list('spend:')).toEqual([]);
});

it('what was spent of a rolling window leaves it when it would have without the restart', async () => {
  const { ledger, restarted, claimAt, clock, pass } = await setup();
  ledger.spent(claimAt('day', true), 100, clock.wall());
  pass(12 * HOUR);
  ledger.spent(claimAt('day', true), 30, clock.wall());
  await ledger.flush();
  const counters = await restarted();
  expect(counters.peek([claimAt('day', true)])[0]!.remaining).toBe(870);
  pass(13 * HOUR);
  expect(counters.peek([claimAt('day', true)])[0]!.remaining).toBe(970);
});

it('charges the window in which it was reserved', async () => {
  const { ledger, restarted, claimAt, clock, pass } = await setup();
  const claim = claimAt('hour');
  const reserved = clock.wall();
  pass(HOUR);
  ledger.spent(claim, 100, reserved);
  await ledger.flush();
  expect((await restarted()).peek([claimAt('hour')])[0]!.remaining).toBe(1_000);
});

it('keeps what the store could not take, and tells of it once', async () => {
  const { ledger, restarted, claimAt, clock, stores, failures } = await setup();
  const { addAll } = stores.counters;
  stores.counters.addAll = () => Promise.reject(new Error('full'));
  ledger.spent(claimAt('day'), 100, clock.wall());
  await ledger.flush();
  await ledger.flush();
  expect(failures).toHaveLength(1);
  stores.counters.addAll = addAll;
  await ledger.flush();
  expect((await restarted()).peek([claimAt('day')])[0]!.remaining).toBe(900);
});
