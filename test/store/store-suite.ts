import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VersionConflictError, type Stores } from '../../src/core/stores.ts';
import { eventOf, storedRollout } from './rollout-fixture.ts';

/** What every store must do. `open` opens the same place each time; `reset` empties it. */
export function describeStores(kind: string, open: () => Promise<Stores>, reset: () => Promise<void>): void {
  describe(`a ${kind} store`, () => {
    let stores: Stores;

    beforeEach(async () => {
      await reset();
      stores = await open();
    });

    afterEach(() => stores.close());

    it('gives back a rollout exactly as it was put', async () => {
      const stored = storedRollout({ state: { phase: 'paused', step: 2, weight: 0.25, desired: 'canary' } });
      await stores.rollouts.put(stored, 0, eventOf(stored));
      expect(await stores.rollouts.get('fast-v2')).toEqual(stored);
      expect(await stores.rollouts.list()).toEqual([stored]);
    });

    it('knows nothing of a name that was never put', async () => {
      expect(await stores.rollouts.get('nobody')).toBeNull();
      expect(await stores.rollouts.history('nobody', 10)).toEqual([]);
    });

    it('replaces a rollout whose version the writer has seen', async () => {
      const first = storedRollout();
      const second = storedRollout({ version: 2, configHash: null });
      await stores.rollouts.put(first, 0, eventOf(first));
      await stores.rollouts.put(second, 1, eventOf(second, 'set-weight'));
      expect(await stores.rollouts.get('fast-v2')).toEqual(second);
    });

    it.each([0, 2, 7])('refuses a writer who expects version %i of version 1 and leaves no event', async (expected) => {
      const first = storedRollout();
      await stores.rollouts.put(first, 0, eventOf(first));
      const second = storedRollout({ version: expected + 1 });
      await expect(stores.rollouts.put(second, expected, eventOf(second))).rejects.toThrow(VersionConflictError);
      expect(await stores.rollouts.get('fast-v2')).toEqual(first);
      expect(await stores.rollouts.history('fast-v2', 10)).toHaveLength(1);
    });

    it('refuses to update a rollout that does not exist', async () => {
      const stored = storedRollout({ version: 4 });
      await expect(stores.rollouts.put(stored, 3, eventOf(stored))).rejects.toThrow(VersionConflictError);
      expect(await stores.rollouts.list()).toEqual([]);
    });

    it('lets exactly one of two writers with the same version win', async () => {
      const first = storedRollout();
      await stores.rollouts.put(first, 0, eventOf(first));
      const next = storedRollout({ version: 2 });
      const results = await Promise.allSettled([1, 1].map((seen) => stores.rollouts.put(next, seen, eventOf(next))));
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await stores.rollouts.history('fast-v2', 10)).toHaveLength(2);
    });

    it('deletes the version that the writer has seen and keeps its history', async () => {
      const stored = storedRollout();
      await stores.rollouts.put(stored, 0, eventOf(stored));
      await expect(stores.rollouts.delete('fast-v2', 9, eventOf(stored, 'delete'))).rejects.toThrow(
        VersionConflictError,
      );
      await stores.rollouts.delete('fast-v2', 1, eventOf(stored, 'delete'));
      expect(await stores.rollouts.get('fast-v2')).toBeNull();
      const actions = (await stores.rollouts.history('fast-v2', 10)).map(({ action }) => action);
      expect(actions).toEqual(['delete', 'apply']);
    });

    it('tells the history of one rollout, newest first, up to the limit', async () => {
      const mine = storedRollout();
      const other = storedRollout({ name: 'other' });
      await stores.rollouts.put(mine, 0, eventOf(mine));
      await stores.rollouts.put(other, 0, eventOf(other));
      for (let version = 2; version <= 4; version++) {
        const next = storedRollout({ version, updatedAt: mine.updatedAt + version });
        await stores.rollouts.put(next, version - 1, eventOf(next, `change-${version}`));
      }
      const events = await stores.rollouts.history('fast-v2', 2);
      expect(events.map(({ action }) => action)).toEqual(['change-4', 'change-3']);
      expect(events[0]).toMatchObject({ ...eventOf(mine, 'change-4'), at: mine.updatedAt + 4 });
      expect(events[0]!.id).toBeGreaterThan(events[1]!.id);
    });

    it('lists rollouts by name', async () => {
      for (const name of ['b', 'a', 'c']) {
        const stored = storedRollout({ name });
        await stores.rollouts.put(stored, 0, eventOf(stored));
      }
      expect((await stores.rollouts.list()).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    });

    it('makes each secret once, of 32 bytes, and another for each name', async () => {
      const [first, again, other] = await Promise.all(
        ['keys', 'keys', 'hashes'].map((name) => stores.secrets.secret(name)),
      );
      expect(first).toHaveLength(32);
      expect(again).toEqual(first);
      expect(other).not.toEqual(first);
    });

    it('passes its check while it is open', async () => {
      await expect(stores.check()).resolves.toBeUndefined();
    });
  });
}
