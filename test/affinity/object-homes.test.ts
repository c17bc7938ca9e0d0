import { expect, test } from 'vitest';
import { ObjectHomes } from '../../src/affinity/object-homes.ts';
import type { GatewayError } from '../../src/core/errors.ts';
import type { OwnedObject } from '../../src/core/object-ids.ts';
import type { ObjectStore } from '../../src/core/stores.ts';

const HOME = { provider: 'p', account: '' };

/** A store that can be down, and time that passes when the test says. */
class World implements ObjectStore {
  readonly rows = new Map<string, OwnedObject>();
  readonly failures: unknown[] = [];
  isDown = false;
  reads = 0;
  now = 0;
  private timers: { readonly at: number; readonly callback: () => void }[] = [];
  readonly homes = new ObjectHomes({
    store: this,
    clock: { now: () => this.now, wall: () => this.now },
    failed: (error) => void this.failures.push(error),
    after: (delay, callback) => this.timers.push({ at: this.now + delay, callback }),
  });

  find(ids: readonly string[]): Promise<readonly OwnedObject[]> {
    this.reads++;
    if (this.isDown) return Promise.reject(new Error('down'));
    return Promise.resolve(ids.flatMap((id) => this.rows.get(id) ?? []));
  }

  add(objects: readonly OwnedObject[]): Promise<void> {
    if (this.isDown) return Promise.reject(new Error('down'));
    for (const object of objects) if (!this.rows.has(object.id)) this.rows.set(object.id, object);
    return Promise.resolve();
  }

  remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.rows.delete(id);
    return Promise.resolve();
  }

  removeExpired(): Promise<void> {
    return Promise.resolve();
  }

  async pass(time: number): Promise<void> {
    const end = this.now + time;
    for (;;) {
      await settled();
      const next = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.now = Math.max(this.now, next.at);
      next.callback();
    }
    this.now = end;
  }

  async ask(tenant: string, ...ids: string[]): Promise<unknown> {
    const find = async (): Promise<unknown> => this.homes.find(tenant, ids);
    const asked = find().catch((error: unknown) => (error as GatewayError).code);
    await this.pass(200);
    return asked;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

test('what is made is known at once, and written a moment later, all in one', async () => {
  const world = new World();
  world.homes.made('ann', HOME, ['id-00001', 'id-00002'], null);
  expect(world.homes.find('ann', ['id-00001', 'id-00002'])).toMatchObject(HOME);
  expect(world.rows.size).toBe(0);
  await world.pass(50);
  expect([...world.rows.keys()]).toEqual(['id-00001', 'id-00002']);
});

test('what was made elsewhere a moment ago is found by the second look', async () => {
  const world = new World();
  const asked = Promise.resolve(world.homes.find('ann', ['id-00001']));
  await world.pass(60);
  world.rows.set('id-00001', { id: 'id-00001', tenant: 'ann', ...HOME, expiresAt: null });
  await world.pass(100);
  expect(await asked).toMatchObject(HOME);
});

test('an unknown id is remembered as such for a while', async () => {
  const world = new World();
  expect(await world.ask('ann', 'id-00001')).toBeNull();
  const { reads } = world;
  expect(world.homes.find('ann', ['id-00001'])).toBeNull();
  expect(world.reads).toBe(reads);
  await world.pass(6_000);
  await world.ask('ann', 'id-00001');
  expect(world.reads).toBeGreaterThan(reads);
});

test('while the store is down nobody is let to what is not in memory, and nothing that was made is lost', async () => {
  const world = new World();
  world.isDown = true;
  world.homes.made('ann', HOME, ['id-00001'], null);
  await world.pass(3_000);
  expect(world.failures).toHaveLength(1);
  expect(world.homes.find('ann', ['id-00001'])).toMatchObject(HOME);
  expect(await world.ask('eve', 'id-00001')).toBe('not_found');
  expect(await world.ask('ann', 'id-00009')).toBe('overloaded');
  world.isDown = false;
  await world.pass(2_000);
  expect([...world.rows.keys()]).toEqual(['id-00001']);
  expect(world.homes.counts).toMatchObject({ unavailable: 1, foreign: 1, lost: 0 });
});

test('what has expired is nobody’s', async () => {
  const world = new World();
  world.homes.made('ann', HOME, ['id-00001'], 1_000);
  expect(world.homes.find('ann', ['id-00001'])).toMatchObject(HOME);
  world.now = 1_000;
  expect(world.homes.find('eve', ['id-00001'])).toBeNull();
});

test('whoever is second to claim an id does not get it', async () => {
  const world = new World();
  world.homes.made('ann', HOME, ['id-00001'], null);
  world.homes.made('eve', { provider: 'q', account: '' }, ['id-00001'], null);
  await world.pass(100);
  expect(world.rows.get('id-00001')).toMatchObject({ tenant: 'ann', provider: 'p' });
});
