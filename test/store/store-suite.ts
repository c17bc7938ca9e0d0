import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LeaseLostError, VersionConflictError, type Stores, KeyNameTakenError } from '../../src/core/stores.ts';
import { keySecret, storedKey } from './key-fixture.ts';
import { eventOf, stateOf, storedRollout } from './rollout-fixture.ts';

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
      const stored = storedRollout({ state: stateOf({ step: 2, weight: 0.25, winner: 'b', saltTurn: 1 }) });
      await stores.rollouts.put(stored, 0, eventOf(stored));
      expect(await stores.rollouts.get('fast-v2')).toEqual(stored);
      expect(await stores.rollouts.list()).toEqual([stored]);
    });

    it('keeps whose an object is: the first to write it has it, until it expires or is removed', async () => {
      const object = (id: string, tenant: string, expiresAt: number | null = null) => ({
        id,
        tenant,
        provider: 'p',
        account: '',
        expiresAt,
      });
      await stores.objects.add([object('a', 'ann'), object('b', 'ann', 1_000)]);
      await stores.objects.add([object('a', 'eve'), object('c', 'eve')]);
      const found = async (now: number) =>
        new Set((await stores.objects.find(['a', 'b', 'c', 'd'], now)).map(({ id, tenant }) => `${id} ${tenant}`));
      expect(await found(999)).toEqual(new Set(['a ann', 'b ann', 'c eve']));
      expect(await found(1_000)).toEqual(new Set(['a ann', 'c eve']));
      await stores.objects.removeExpired(1_000);
      await stores.objects.remove(['c']);
      expect(await found(0)).toEqual(new Set(['a ann']));
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

    describe('the events', () => {
      it('are one sequence of what was written and what was noted, and keep their evidence', async () => {
        const stored = storedRollout();
        await stores.rollouts.put(stored, 0, { ...eventOf(stored), detail: { metric: 'error_rate' } });
        const regression = { ...eventOf(stored, 'opened'), kind: 'regression', rollout: 'chat-fast' } as const;
        const id = await stores.rollouts.note(regression);
        expect(await stores.rollouts.newestEvent()).toBe(id);
        const events = await stores.rollouts.eventsAfter(0, 10);
        expect(events).toMatchObject([{ detail: { metric: 'error_rate' } }, { id, kind: 'regression', detail: null }]);
        expect(await stores.rollouts.eventsAfter(events[0]!.id, 10)).toHaveLength(1);
        expect(await stores.rollouts.history('chat-fast', 10)).toEqual([]);
      });
    });

    describe('the revisions', () => {
      it('are kept once each, newest first, and begin anew with a rollout that was deleted', async () => {
        const first = storedRollout();
        const paused = storedRollout({ version: 2 });
        const second = storedRollout({ version: 3, revision: 2, declared: { name: 'fast-v2', steps: [1] } });
        await stores.rollouts.put(first, 0, eventOf(first));
        await stores.rollouts.put(paused, 1, eventOf(paused, 'pause'));
        await stores.rollouts.put(second, 2, eventOf(second));
        expect(await stores.rollouts.revisions('fast-v2', 10)).toMatchObject([
          { revision: 2, declared: { steps: [1] } },
          { revision: 1, actor: 'api' },
        ]);
        await stores.rollouts.delete('fast-v2', 3, eventOf(second, 'delete'));
        await stores.rollouts.put(first, 0, eventOf(first));
        expect(await stores.rollouts.revisions('fast-v2', 10)).toMatchObject([{ revision: 1 }]);
      });
    });

    describe('a lease', () => {
      it('is held by one until it runs out or is released, and its token grows with each holder', async () => {
        const first = await stores.leases.acquire('controller', 'a', 60_000);
        expect(first).toEqual({ name: 'controller', holder: 'a', token: 1 });
        expect(await stores.leases.acquire('controller', 'b', 60_000)).toBeNull();
        expect(await stores.leases.acquire('controller', 'a', -1)).toEqual(first);
        expect(await stores.leases.acquire('controller', 'b', 60_000)).toMatchObject({ holder: 'b', token: 2 });
        await stores.leases.release(first!);
        expect(await stores.leases.acquire('controller', 'c', 60_000)).toBeNull();
        await stores.leases.release({ name: 'controller', holder: 'b', token: 2 });
        expect(await stores.leases.acquire('controller', 'c', 60_000)).toMatchObject({ token: 3 });
      });

      it('goes to one of many that ask at the same time', async () => {
        const all = await Promise.all(['a', 'b', 'c'].map((each) => stores.leases.acquire('x', each, 60_000)));
        expect(all.filter((lease) => lease !== null)).toHaveLength(1);
      });
    });

    describe('the evidence', () => {
      it('is saved together with how far it goes, and the batches up to there are gone', async () => {
        await stores.evidence.append('[1]');
        await stores.evidence.append('[2]');
        const ids = (await stores.evidence.batchesAfter(0, 10)).map(({ id }) => id);
        const lease = (await stores.leases.acquire('controller', 'a', 60_000))!;
        await stores.evidence.save([{ subject: 'rollout:x', snapshot: '{}' }], [], ids[0]!, lease);
        expect(await stores.evidence.load()).toEqual({
          upTo: ids[0],
          evidence: [{ subject: 'rollout:x', snapshot: '{}' }],
        });
        expect(await stores.evidence.batchesAfter(0, 10)).toEqual([{ id: ids[1], batch: '[2]' }]);
        await stores.evidence.save([{ subject: 'rollout:y', snapshot: '1' }], ['rollout:x'], ids[1]!, lease);
        expect((await stores.evidence.load()).evidence).toEqual([{ subject: 'rollout:y', snapshot: '1' }]);
        await stores.evidence.append('[3]');
        expect((await stores.evidence.batchesAfter(0, 10))[0]!.id).toBeGreaterThan(ids[1]!);
      });

      it('takes each batch of a sender once, also after it was judged, and those of others', async () => {
        const of = (sender: string, ...numbers: readonly number[]) =>
          stores.evidence.appendOnce(
            numbers.map((number) => ({ id: { sender, number }, batch: `["${sender} ${number}"]` })),
          );
        await of('a', 1, 2);
        await Promise.all([of('a', 1), of('a', 1, 2), of('b', 1)]);
        const batches = await stores.evidence.batchesAfter(0, 10);
        expect(batches.map(({ batch }) => batch)).toEqual(['["a 1"]', '["a 2"]', '["b 1"]']);
        const lease = (await stores.leases.acquire('controller', 'a', 60_000))!;
        await stores.evidence.save([], [], batches[2]!.id, lease);
        await of('a', 2, 3);
        expect((await stores.evidence.batchesAfter(0, 10)).map(({ batch }) => batch)).toEqual(['["a 3"]']);
      });

      it('of many that write at once is read on from the last one read without missing any', async () => {
        const seen: string[] = [];
        let last = 0;
        const read = async () => {
          for (const { id, batch } of await stores.evidence.batchesAfter(last, 100)) {
            last = id;
            seen.push(batch);
          }
        };
        const names = Array.from({ length: 60 }, (_, index) => `[${index}]`);
        const state = { isWritten: false };
        const written = Promise.all(names.map((name) => stores.evidence.append(name)));
        const ended = written.then(() => (state.isWritten = true));
        while (!state.isWritten) await read();
        await ended;
        await read();
        expect(seen.toSorted()).toEqual(names.toSorted());
      });

      it('cannot be written by a former holder of the lease', async () => {
        const former = (await stores.leases.acquire('controller', 'a', -1))!;
        await stores.leases.acquire('controller', 'b', 60_000);
        const evidence = [{ subject: 'rollout:x', snapshot: '{}' }];
        await expect(stores.evidence.save(evidence, [], 7, former)).rejects.toThrow(LeaseLostError);
        const analyses = [{ subject: 'rollout:x', analysis: '{}' }];
        await expect(stores.evidence.publish(analyses, [], former)).rejects.toThrow(LeaseLostError);
        const stored = storedRollout();
        await expect(stores.rollouts.put(stored, 0, eventOf(stored), former)).rejects.toThrow(LeaseLostError);
        await expect(stores.rollouts.note(eventOf(stored, 'hold'), former)).rejects.toThrow(LeaseLostError);
        expect([await stores.rollouts.list(), await stores.rollouts.newestEvent()]).toEqual([[], 0]);
        expect(await stores.evidence.load()).toEqual({ upTo: 0, evidence: [] });
        expect(await stores.evidence.analyses()).toEqual([]);
      });

      it('is told to everybody, the latest only', async () => {
        const lease = (await stores.leases.acquire('controller', 'a', 60_000))!;
        await stores.evidence.publish([{ subject: 'rollout:x', analysis: '1' }], [], lease);
        await stores.evidence.publish([{ subject: 'rollout:x', analysis: '2' }], [], lease);
        expect(await stores.evidence.analyses()).toMatchObject([{ subject: 'rollout:x', analysis: '2' }]);
        await stores.evidence.publish([], ['rollout:x'], lease);
        expect(await stores.evidence.analyses()).toEqual([]);
      });
    });

    describe('the keys', () => {
      it('are kept with their secrets, newest first, and found by any of their digests', async () => {
        const first = storedKey('one', { createdAt: 1 });
        const second = storedKey('two', { createdAt: 2, secrets: [keySecret('d-new', 3), keySecret('d-old', 2, 99)] });
        await stores.keys.put(first, 0);
        await stores.keys.put(second, 0);
        const all = await stores.keys.list();
        expect(all).toEqual([
          { ...second, change: 2 },
          { ...first, change: 1 },
        ]);
        expect(await stores.keys.get('key_two')).toEqual(all[0]);
        expect(await stores.keys.get('key_none')).toBeNull();
        const found = await stores.keys.withDigests(['d-old', 'd-new', 'd-none', 'd-one']);
        expect(found.map(({ name }) => name).toSorted()).toEqual(['one', 'two']);
        expect(await stores.keys.withDigests(['d-none'])).toEqual([]);
      });

      it('have one sequence of changes, in which each stands once, by its latest', async () => {
        expect(await stores.keys.newestChange()).toBe(0);
        await stores.keys.put(storedKey('one'), 0);
        await stores.keys.put(storedKey('two'), 0);
        await stores.keys.put(storedKey('one', { version: 2, revokedAt: 7, secrets: [keySecret('d-next')] }), 1);
        expect(await stores.keys.newestChange()).toBe(3);
        const changes = async (after: number, limit = 10) =>
          (await stores.keys.changedAfter(after, limit)).map(({ name, change }) => [name, change]);
        expect(await changes(0)).toEqual([
          ['two', 2],
          ['one', 3],
        ]);
        expect(await changes(0, 1)).toEqual([['two', 2]]);
        expect(await changes(3)).toEqual([]);
        expect(await stores.keys.withDigests(['d-one'])).toEqual([]);
      });

      it('are not overwritten by somebody who has read an older version, and a refused write is no change', async () => {
        await stores.keys.put(storedKey('one'), 0);
        await expect(stores.keys.put(storedKey('one'), 0)).rejects.toThrow(VersionConflictError);
        await expect(stores.keys.put(storedKey('one', { version: 9 }), 8)).rejects.toThrow(VersionConflictError);
        expect([await stores.keys.newestChange(), (await stores.keys.get('key_one'))!.version]).toEqual([1, 1]);
      });

      it('have names of their own, which are free again once they are revoked', async () => {
        await stores.keys.put(storedKey('one'), 0);
        const other = storedKey('one', { id: 'key_other', secrets: [keySecret('d-other')] });
        await expect(stores.keys.put(other, 0)).rejects.toThrow(KeyNameTakenError);
        await stores.keys.put(storedKey('one', { version: 2, revokedAt: 7 }), 1);
        await stores.keys.put(other, 0);
        expect((await stores.keys.list()).map(({ id }) => id).toSorted()).toEqual(['key_one', 'key_other']);
      });

      it('are written by many at the same time, one change each', async () => {
        const names = Array.from({ length: 10 }, (_, i) => `k${i}`);
        await Promise.all(names.map((name) => stores.keys.put(storedKey(name), 0)));
        expect((await stores.keys.changedAfter(0, 100)).map(({ change }) => change)).toEqual(
          names.map((_, i) => i + 1),
        );
      });
    });

    describe('a counter', () => {
      it('adds what many add at the same time, and is only raised', async () => {
        expect(await stores.counters.value('shadow:x')).toBe(0);
        await Promise.all([1, 2, 3].map((amount) => stores.counters.add('shadow:x', amount / 4)));
        expect(await stores.counters.value('shadow:x')).toBe(1.5);
        await stores.counters.raise('shadow:x', 7);
        await stores.counters.raise('shadow:x', 5);
        expect(await stores.counters.add('shadow:x', -1)).toBe(6);
      });

      it('is added to once by a batch that is sent twice, and found by how its name begins', async () => {
        const amounts = new Map([
          ['spend:{"b"}', 2],
          ['spend:{"a"}', 1],
        ]);
        for (const number of [1, 1, 2]) await stores.counters.addAll(amounts, { sender: 's', number });
        await stores.counters.add('spend_', 7);
        await stores.counters.add('speNd:', 7);
        const found = await stores.counters.list('spend:');
        expect(found.toSorted((one, other) => one.value - other.value)).toEqual([
          { name: 'spend:{"a"}', value: 2 },
          { name: 'spend:{"b"}', value: 4 },
        ]);
        await stores.counters.remove(['spend:{"a"}']);
        expect(await stores.counters.list('spend:')).toHaveLength(1);
      });

      it('can be added to by many batches in any order at the same time', async () => {
        const batch = (names: readonly string[]) => new Map(names.map((name) => [name, 1]));
        const orders = [
          ['a', 'b', 'c'],
          ['c', 'b', 'a'],
          ['b', 'c', 'a'],
        ];
        await Promise.all(
          orders.map((names, index) => stores.counters.addAll(batch(names), { sender: `s${index}`, number: 1 })),
        );
        expect(await Promise.all(['a', 'b', 'c'].map((name) => stores.counters.value(name)))).toEqual([3, 3, 3]);
      });
    });
  });
}
