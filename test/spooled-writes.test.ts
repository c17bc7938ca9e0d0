import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock as clock } from '../src/core/clock.ts';
import type { OwnedObject } from '../src/core/object-ids.ts';
import type { Stores } from '../src/core/stores.ts';
import { withSpooledWrites } from '../src/spooled-writes.ts';
import { openStores } from '../src/store/open-stores.ts';

const OBJECT: OwnedObject = { id: 'file-1', tenant: 'ann', provider: 'up', account: 'a', expiresAt: null };
const NOW = 0;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sluice-writes-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A store that several gateways share, and that may be away, or be lost after it has written. */
async function sharedStore() {
  const store = await openStores('sqlite::memory:', clock);
  onTestFinished(() => store.close());
  const state: { how: 'well' | 'away' | 'lost' } = { how: 'well' };
  const through = async (write: () => Promise<void>): Promise<void> => {
    if (state.how === 'away') throw new Error('away');
    await write();
    if (state.how === 'lost') throw new Error('lost');
  };
  const { counters, objects } = store;
  const stores: Stores = {
    ...store,
    isShared: true,
    counters: Object.assign(Object.create(counters) as Stores['counters'], {
      addAll: (...given: Parameters<Stores['counters']['addAll']>) => through(() => counters.addAll(...given)),
    }),
    objects: Object.assign(Object.create(objects) as Stores['objects'], {
      add: (...given: Parameters<Stores['objects']['add']>) => through(() => objects.add(...given)),
    }),
  };
  return { stores, state };
}

/** A gateway's own view; `end` is a clean stop. */
async function opened(stores: Stores, directory: string | null) {
  const stack = new AsyncDisposableStack();
  const config = { spool: { directory, maxBytes: 1e6 } };
  const log = pino({ level: 'silent' });
  const { stores: view, state: waiting } = await withSpooledWrites({ stores, config, clock, log }, stack);
  return { view, waiting, end: () => stack.disposeAsync() };
}

const spent = (amount: number) => new Map([['spend:a', amount]]);

test('what was spent and made while the store is away is there after the end of the process that knew of it, once', async () => {
  const { stores, state } = await sharedStore();
  const directory = folder();
  const first = await opened(stores, directory);
  await first.view.counters.addAll(spent(1), { sender: 'one', number: 1 });
  state.how = 'away';
  await first.view.counters.addAll(spent(10), { sender: 'one', number: 2 });
  await first.view.objects.add([OBJECT]);
  expect(first.waiting()).toEqual({ bytes: expect.any(Number), spooled: 2, reason: 'away' });
  expect(first.waiting().bytes).toBeGreaterThan(0);
  await first.end();
  expect([await stores.counters.value('spend:a'), await stores.objects.find(['file-1'], NOW)]).toEqual([1, []]);
  state.how = 'well';
  const next = await opened(stores, directory);
  expect(await next.view.counters.value('spend:a')).toBe(11);
  expect(await next.view.objects.find(['file-1'], NOW)).toEqual([OBJECT]);
  expect(next.waiting()).toEqual({ bytes: 0, spooled: 0, reason: null });
  await next.end();
  await (await opened(stores, directory)).end();
  expect(await stores.counters.value('spend:a')).toBe(11);
});

test('a sum whose connection was lost while it was written is added once', async () => {
  const { stores, state } = await sharedStore();
  const gateway = await opened(stores, folder());
  state.how = 'lost';
  await gateway.view.counters.addAll(spent(5), { sender: 'one', number: 1 });
  state.how = 'well';
  await gateway.end();
  expect(await stores.counters.value('spend:a')).toBe(5);
});

test('without a directory the caller learns that the store is away, and keeps what it has', async () => {
  const { stores, state } = await sharedStore();
  const gateway = await opened(stores, null);
  state.how = 'away';
  await expect(gateway.view.counters.addAll(spent(1), { sender: 'one', number: 1 })).rejects.toThrow('away');
  await expect(gateway.view.objects.add([OBJECT])).rejects.toThrow('away');
  await gateway.end();
});
