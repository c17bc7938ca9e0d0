import { beforeEach, describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/core/rollout.ts';
import type { RolloutChange } from '../../src/rollout/in-force.ts';
import { RolloutRegistry } from '../../src/rollout/registry.ts';
import { FakeStore } from './fake-store.ts';
import { parse } from './fixtures.ts';

const clock = { elapsed: 0, now: () => 0, wall: () => 1_700_000_000_000 + clock.elapsed };
const API = { actor: 'api' };
const JUDGED = { actor: 'controller' };
const FAST = { name: 'fast-v2' };

let store: FakeStore;
let registry: RolloutRegistry;

/** A process that starts on the same store with a configuration file. */
async function start(...declared: JsonValue[]): Promise<RolloutRegistry> {
  const started = await RolloutRegistry.open(store, clock);
  await declare(started, ...declared);
  return started;
}

function declare(target: RolloutRegistry, ...declared: JsonValue[]): Promise<readonly string[]> {
  return target.declare({ specs: declared.map(parse), parse });
}

function names(target: RolloutRegistry): readonly string[] {
  return target.current().map(({ spec }) => spec.name);
}

beforeEach(async () => {
  store = new FakeStore();
  registry = await start(FAST);
});

describe('a declared rollout', () => {
  it('starts at its first step, revision 1', () => {
    expect(registry.get('fast-v2')).toMatchObject({
      state: { phase: 'progressing', weight: 5 },
      revision: 1,
      version: 1,
    });
  });

  it('keeps a weight that was set by hand across a restart', async () => {
    await registry.execute('fast-v2', { verb: 'set-weight', weight: 37 }, API);
    const restarted = await start(FAST);
    expect(restarted.get('fast-v2')).toMatchObject({ state: { phase: 'paused', weight: 37 }, revision: 1, version: 2 });
  });

  it('is not written again by a reload of the same declaration, whatever its key order', async () => {
    await declare(registry, { name: 'fast-v2', steps: [5, 50], sticky: ['key'] });
    const { events } = store;
    const written = events.length;
    await declare(registry, { sticky: ['key'], steps: [5, 50], name: 'fast-v2' });
    expect(events).toHaveLength(written);
  });

  it('that was rolled back stays so across restarts, reloads and changed steps', async () => {
    await registry.execute('fast-v2', { verb: 'abort' }, API);
    await declare(registry, FAST);
    await declare(registry, { ...FAST, steps: [1, 2, 3] });
    const restarted = await start({ ...FAST, steps: [1, 2, 3] });
    expect(restarted.get('fast-v2')).toMatchObject({
      state: { phase: 'degraded', weight: 0, desired: 'stable' },
      revision: 2,
    });
  });

  it('that was rolled back starts over with another canary', async () => {
    await registry.execute('fast-v2', { verb: 'abort' }, API);
    await declare(registry, { ...FAST, target: 'fast-v3' });
    expect(registry.get('fast-v2')).toMatchObject({ state: { phase: 'progressing', weight: 5 }, revision: 2 });
  });

  it('leaves with its declaration and continues when that comes back', async () => {
    await registry.execute('fast-v2', { verb: 'abort' }, API);
    await declare(registry);
    expect(names(registry)).toEqual([]);
    expect(() => registry.get('fast-v2')).toThrow('There is no rollout "fast-v2".');
    await declare(registry, FAST);
    expect(registry.get('fast-v2').state.phase).toBe('degraded');
  });

  it('keeps what the API applied until the file says something new', async () => {
    await registry.apply(parse({ ...FAST, target: 'fast-v3' }), API);
    await declare(registry, FAST);
    expect(registry.get('fast-v2').spec.arms[1]!.target!.model).toBe('fast-v3');
    expect((await start(FAST)).get('fast-v2').spec.arms[1]!.target!.model).toBe('fast-v3');
    await declare(registry, { ...FAST, target: 'fast-v4' });
    expect(registry.get('fast-v2').spec.arms[1]!.target!.model).toBe('fast-v4');
  });

  it('cannot be deleted while the file declares it', async () => {
    await expect(registry.delete('fast-v2', API)).rejects.toMatchObject({ code: 'declared_in_config' });
    await declare(registry);
    await registry.delete('fast-v2', API);
    expect(store.rollouts.size).toBe(0);
  });
});

describe('a rollout from the API', () => {
  it('is created once and unchanged by an equal declaration', async () => {
    const first = await registry.apply(parse({ name: 'extra' }), API);
    expect(first.created).toBe(true);
    expect(await registry.apply(parse({ name: 'extra' }), API)).toEqual({ ...first, created: false });
  });

  it('outlives restarts and reloads that do not know it, and matches after those of the file', async () => {
    await registry.apply(parse({ name: 'b' }), API);
    await registry.apply(parse({ name: 'a' }), API);
    expect(names(await start(FAST, { name: 'z' }))).toEqual(['fast-v2', 'z', 'a', 'b']);
  });

  it('whose provider is gone is out of force with a warning that names it, and returns with the provider', async () => {
    await registry.apply(parse({ name: 'extra' }), API);
    const without = (declared: JsonValue) => {
      if ((declared as { name: string }).name === 'extra')
        throw new Error('"canary.target" names the unknown provider "sim"');
      return parse(declared);
    };
    const warnings = await registry.declare({ specs: [parse(FAST)], parse: without });
    expect(warnings).toEqual([
      'The stored rollout "extra" is out of force: "canary.target" names the unknown provider "sim"',
    ]);
    expect(names(registry)).toEqual(['fast-v2']);
    expect(() => registry.get('extra')).toThrow(/out of force.*unknown provider/);
    expect(await declare(registry, FAST)).toEqual([]);
    expect(names(registry)).toEqual(['fast-v2', 'extra']);
  });

  it('that is deleted and made anew has no epoch and no version of before', async () => {
    const seen = new Set<string>();
    for (let life = 0; life < 4; life++) {
      await registry.apply(parse({ name: 'extra' }), API);
      for (const verb of ['abort', 'retry', 'abort'] as const) await registry.execute('extra', { verb }, API);
      const { state, version } = registry.get('extra');
      expect(seen).not.toContain(`epoch ${state.epoch}`);
      expect(seen).not.toContain(`epoch ${state.epoch - 1}`);
      expect(seen).not.toContain(`version ${version}`);
      for (const each of [state.epoch - 1, state.epoch]) seen.add(`epoch ${each}`);
      for (let each = version - 3; each <= version; each++) seen.add(`version ${each}`);
      await registry.delete('extra', API);
    }
    expect(seen.size).toBe(4 * (2 + 4));
  });

  it('is gone after a delete, its history kept', async () => {
    await registry.apply(parse({ name: 'extra' }), API);
    await registry.delete('extra', { ...API, reason: 'done' });
    expect(names(registry)).toEqual(['fast-v2']);
    expect((await registry.history('extra', 10)).map(({ action }) => action)).toEqual(['delete', 'apply']);
    await expect(registry.delete('extra', API)).rejects.toMatchObject({ code: 'rollout_not_found' });
  });
});

describe('undo', () => {
  const next = (declared: Record<string, JsonValue>) => registry.apply(parse({ ...FAST, ...declared }), API);
  const target = () => registry.get('fast-v2').spec.arms[1]!.target!.model;

  it('goes back to the newest other declaration, as a new revision from its first step', async () => {
    await next({ target: 'fast-v3' });
    await registry.execute('fast-v2', { verb: 'set-weight', weight: 60 }, API);
    const undone = await registry.undo('fast-v2', null, { ...API, reason: 'v3 is worse' });
    expect(undone).toMatchObject({ revision: 3, state: { phase: 'progressing', weight: 5, epoch: 3 } });
    expect(target()).toBe('fast-v2');
    const [event] = await registry.history('fast-v2', 1);
    expect(event).toMatchObject({ action: 'undo', reason: 'back to revision 1: v3 is worse', revision: 3 });
  });

  it('brings back at once in full what had been promoted, less what is held back', async () => {
    await next({ holdback: { weight: 2, for: 1000 } });
    await registry.execute('fast-v2', { verb: 'promote', full: true }, JUDGED);
    await next({ target: 'fast-v3' });
    expect(await registry.undo('fast-v2', 2, API)).toMatchObject({
      state: { phase: 'healthy', weight: 98, desired: 'canary' },
    });
  });

  it.each([
    [[5, 100], 59_999, 'progressing'],
    [[5, 100], 60_000, 'healthy'],
    [[5, { weight: 100, min: 600_000 }], 599_999, 'progressing'],
    [[5, { weight: 100, min: 600_000 }], 600_000, 'healthy'],
  ])('of steps %j that somebody promoted by hand for %i ms is %s', async (steps, time, phase) => {
    await next({ steps });
    await registry.execute('fast-v2', { verb: 'promote', full: true }, API);
    clock.elapsed += time;
    await next({ target: 'fast-v3' });
    clock.elapsed += 3_600_000;
    expect(await registry.undo('fast-v2', 2, API)).toMatchObject({ state: { phase } });
  });

  it('of what was brought back at once needs no other proof', async () => {
    await registry.execute('fast-v2', { verb: 'promote', full: true }, JUDGED);
    for (let time = 0; time < 2; time++) {
      await next({ target: 'fast-v3' });
      expect(await registry.undo('fast-v2', 1, API)).toMatchObject({ state: { phase: 'healthy' } });
    }
  });

  it('takes no promotion of a rollout that was deleted since for its own', async () => {
    const extra = (model: string) => registry.apply(parse({ name: 'extra', target: model }), API);
    await extra('a');
    await registry.execute('extra', { verb: 'promote', full: true }, JUDGED);
    await registry.delete('extra', API);
    await extra('b');
    await extra('c');
    expect(await registry.undo('extra', null, API)).toMatchObject({ state: { phase: 'progressing', weight: 5 } });
  });

  it('climbs again with what was rolled back after its promotion, under whichever of its numbers', async () => {
    await registry.execute('fast-v2', { verb: 'promote', full: true }, JUDGED);
    await next({ target: 'fast-v3' });
    expect(await registry.undo('fast-v2', null, API)).toMatchObject({ revision: 3, state: { phase: 'healthy' } });
    await registry.execute('fast-v2', { verb: 'abort' }, API);
    await next({ target: 'fast-v3' });
    expect(await registry.undo('fast-v2', 1, API)).toMatchObject({ state: { phase: 'progressing', weight: 5 } });
    await next({ target: 'fast-v3' });
    expect(await registry.undo('fast-v2', null, API)).toMatchObject({ state: { phase: 'progressing', weight: 5 } });
  });

  it('climbs again with what was rolled back, then deleted and applied again', async () => {
    const extra = (model: string) => registry.apply(parse({ name: 'extra', target: model }), API);
    await extra('a');
    await registry.execute('extra', { verb: 'promote', full: true }, JUDGED);
    await registry.execute('extra', { verb: 'abort' }, API);
    await registry.delete('extra', API);
    expect((await extra('a')).rollout).toMatchObject({ state: { phase: 'progressing', weight: 5 } });
    await extra('b');
    expect(await registry.undo('extra', 1, API)).toMatchObject({ state: { phase: 'progressing', weight: 5 } });
  });

  it('is refused where the revision declares what is in force', async () => {
    await next({ target: 'fast-v3' });
    await registry.undo('fast-v2', null, API);
    for (const revision of [1, 3])
      await expect(registry.undo('fast-v2', revision, API)).rejects.toMatchObject({
        code: 'invalid_transition',
        message: expect.stringContaining(`revision ${revision} declares what is in force`),
      });
    expect(registry.get('fast-v2').revision).toBe(3);
  });

  it('leaves a shadow without traffic', async () => {
    await registry.apply(parse({ name: 's', kind: 'shadow' }), API);
    await registry.apply(parse({ name: 's', kind: 'shadow', target: 'other' }), API);
    expect(await registry.undo('s', null, API)).toMatchObject({ state: { phase: 'healthy', weight: 0 } });
  });

  it('stays across reloads and restarts with the file as it was', async () => {
    await declare(registry, { ...FAST, target: 'fast-v3' });
    await registry.undo('fast-v2', null, API);
    await declare(registry, { ...FAST, target: 'fast-v3' });
    expect(target()).toBe('fast-v2');
    expect((await start({ ...FAST, target: 'fast-v3' })).get('fast-v2').revision).toBe(3);
  });

  it('is refused without a revision to go back to, or one that the configuration cannot serve', async () => {
    await expect(registry.undo('fast-v2', null, API)).rejects.toMatchObject({ code: 'revision_not_found' });
    await expect(registry.undo('fast-v2', 7, API)).rejects.toMatchObject({
      code: 'revision_not_found',
      message: 'The rollout "fast-v2" has no revision 7; it has 1.',
    });
    await expect(registry.undo('nobody', null, API)).rejects.toMatchObject({ code: 'rollout_not_found' });
    await next({ target: 'fast-v3' });
    const bound = { ...API, expectedVersion: 1 };
    await expect(registry.undo('fast-v2', null, bound)).rejects.toMatchObject({ code: 'version_mismatch' });
    const without = (declared: JsonValue) => {
      if (!Object.hasOwn(declared as object, 'target')) throw new Error('names the unknown provider "sim"');
      return parse(declared);
    };
    await registry.declare({ specs: [], parse: without });
    await expect(registry.undo('fast-v2', null, API)).rejects.toMatchObject({
      code: 'invalid_transition',
      message: expect.stringContaining('revision 1 of the rollout "fast-v2" does not fit'),
    });
  });

  it('shows the revisions, newest first', async () => {
    await next({ target: 'fast-v3' });
    await registry.execute('fast-v2', { verb: 'pause' }, API);
    await registry.undo('fast-v2', null, API);
    const revisions = await registry.revisions('fast-v2', 10);
    expect(revisions.map(({ revision, actor, declared }) => [revision, actor, declared])).toEqual([
      [3, 'api', FAST],
      [2, 'api', { ...FAST, target: 'fast-v3' }],
      [1, 'config', FAST],
    ]);
  });
});

describe('a note', () => {
  it('stands in the history with its evidence, is told to listeners and changes nothing', async () => {
    const before = registry.get('fast-v2');
    const heard: RolloutChange[] = [];
    registry.listen((change) => heard.push(change));
    const entry = { action: 'hold', actor: 'controller', reason: 'too few units', detail: { units: 12 } };
    await registry.note('fast-v2', entry);
    expect(registry.get('fast-v2')).toEqual(before);
    const noted = { kind: 'rollout', ...entry, revision: 1, phase: 'progressing', weight: 5 };
    expect(await registry.history('fast-v2', 1)).toMatchObject([noted]);
    expect(heard).toMatchObject([{ event: noted, rollout: { version: 1 } }]);
  });

  it('of an unknown rollout is refused', async () => {
    const entry = { action: 'hold', actor: 'controller', reason: '' };
    await expect(registry.note('nobody', entry)).rejects.toMatchObject({ code: 'rollout_not_found' });
  });
});

describe('a change', () => {
  it('keeps the evidence for it', async () => {
    await registry.execute('fast-v2', { verb: 'abort' }, { actor: 'controller', detail: { metric: 'error_rate' } });
    await registry.execute('fast-v2', { verb: 'retry' }, API);
    const details = (await registry.history('fast-v2', 2)).map(({ detail }) => detail);
    expect(details).toEqual([null, { metric: 'error_rate' }]);
  });

  it('takes no effect where it cannot be made durable', async () => {
    const before = registry.current();
    store.failure = new Error('disk full');
    for (const [verb, options] of [
      ['pause', API],
      ['abort', { ...API, expectedVersion: 1 }],
    ] as const)
      await expect(registry.execute('fast-v2', { verb }, options)).rejects.toMatchObject({
        code: 'store_unavailable',
        message: 'The store failed, so nothing was changed: disk full',
      });
    expect(registry.current()).toBe(before);
    store.failure = null;
    await registry.execute('fast-v2', { verb: 'pause' }, API);
    expect(registry.get('fast-v2').state.phase).toBe('paused');
  });

  it('that aborts takes effect here at once also where it cannot be made durable, which follows when it can', async () => {
    const replica = await start(FAST);
    store.failure = new Error('disk full');
    const pending = { state: { phase: 'degraded', weight: 0 }, version: 1, isPending: true };
    expect(await registry.execute('fast-v2', { verb: 'abort' }, { ...API, reason: 'bad' })).toMatchObject(pending);
    expect(await registry.execute('fast-v2', { verb: 'abort' }, API)).toMatchObject(pending);
    clock.elapsed += 2_000;
    await registry.refresh();
    expect(registry.get('fast-v2')).toMatchObject(pending);
    store.failure = null;
    await registry.refresh();
    expect(registry.get('fast-v2')).toMatchObject(pending);
    clock.elapsed += 2_000;
    await registry.refresh();
    expect(registry.get('fast-v2')).toMatchObject({ state: { phase: 'degraded', weight: 0 }, version: 2 });
    expect(registry.get('fast-v2').isPending).toBeUndefined();
    await replica.refresh();
    expect(replica.get('fast-v2').state.weight).toBe(0);
    expect(await registry.history('fast-v2', 1)).toMatchObject([{ action: 'abort', actor: 'api', reason: 'bad' }]);
  });

  it('that aborts comes before whatever follows it', async () => {
    store.failure = new Error('disk full');
    await registry.execute('fast-v2', { verb: 'abort' }, API);
    for (const next of [
      () => registry.execute('fast-v2', { verb: 'retry' }, API),
      () => registry.apply(parse({ ...FAST, target: 'fast-v3' }), API),
      () => registry.undo('fast-v2', null, API),
    ])
      await expect(next()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(registry.get('fast-v2').state.phase).toBe('degraded');
    store.failure = null;
    await registry.execute('fast-v2', { verb: 'retry' }, API);
    clock.elapsed += 10_000;
    await registry.refresh();
    expect(registry.get('fast-v2').state.phase).toBe('progressing');
    expect((await registry.history('fast-v2', 2)).map(({ action }) => action)).toEqual(['retry', 'abort']);
  });

  it.each([
    ['retried', (other: RolloutRegistry) => other.execute('fast-v2', { verb: 'retry' }, API)],
    ['applied anew', (other: RolloutRegistry) => other.apply(parse({ ...FAST, target: 'fast-v3' }), API)],
  ])('that aborts says nothing about a later start, which another gateway %s', async (_, restart) => {
    const replica = await start(FAST);
    store.failure = new Error('locked');
    await registry.execute('fast-v2', { verb: 'abort' }, API);
    store.failure = null;
    await replica.execute('fast-v2', { verb: 'abort' }, API);
    await restart(replica);
    for (let turn = 0; turn < 3; turn++) {
      clock.elapsed += 2_000;
      await registry.refresh();
    }
    expect(registry.get('fast-v2')).toMatchObject({ state: { phase: 'progressing', weight: 5 }, version: 3 });
    expect(registry.get('fast-v2').isPending).toBeUndefined();
    await replica.refresh();
    expect(replica.get('fast-v2').state.weight).toBe(5);
  });

  it('that aborts says nothing about another rollout that has its name later', async () => {
    const own = parse({ name: 'own', target: 'fast-v3' });
    await registry.apply(own, API);
    const replica = await start(FAST);
    store.failure = new Error('locked');
    await registry.execute('own', { verb: 'abort' }, API);
    store.failure = null;
    await replica.delete('own', API);
    await replica.apply(own, API);
    await registry.refresh();
    clock.elapsed += 2_000;
    await registry.refresh();
    expect(registry.get('own').state.phase).toBe('progressing');
  });

  it('follows one that aborts also where another gateway has written the same abort', async () => {
    const replica = await start(FAST);
    store.failure = new Error('locked');
    await registry.execute('fast-v2', { verb: 'abort' }, API);
    store.failure = null;
    await replica.execute('fast-v2', { verb: 'abort' }, API);
    await registry.execute('fast-v2', { verb: 'retry' }, API);
    expect(registry.get('fast-v2')).toMatchObject({ state: { phase: 'progressing' }, version: 3 });
  });

  it('that aborts comes before a reload that has the rollout judged otherwise', async () => {
    const judged = (margin: string) => ({ ...FAST, guard: { error_rate: margin } });
    await declare(registry, judged('+25%'));
    store.failure = new Error('locked');
    await registry.execute('fast-v2', { verb: 'abort' }, API);
    await expect(declare(registry, judged('+10%'))).rejects.toMatchObject({ code: 'store_unavailable' });
    store.failure = null;
    await declare(registry, judged('+10%'));
    expect(registry.get('fast-v2').state.phase).toBe('degraded');
    expect(store.rollouts.get('fast-v2')!.state.phase).toBe('degraded');
  });

  it('that aborts is written at the end where the store can take it by then', async () => {
    store.failure = new Error('locked');
    await registry.execute('fast-v2', { verb: 'abort' }, API);
    expect(await registry.close()).toEqual(['fast-v2']);
    store.failure = null;
    expect(await registry.close()).toEqual([]);
    expect(store.rollouts.get('fast-v2')!.state).toMatchObject({ phase: 'degraded', weight: 0 });
  });

  it('that aborts holds also for what another gateway made of the rollout meanwhile', async () => {
    const replica = await start(FAST);
    store.failure = new Error('locked');
    await registry.execute('fast-v2', { verb: 'abort' }, API);
    store.failure = null;
    await replica.execute('fast-v2', { verb: 'set-weight', weight: 60 }, API);
    clock.elapsed += 2_000;
    await registry.refresh();
    expect(registry.get('fast-v2').state.weight).toBe(0);
    clock.elapsed += 2_000;
    await registry.refresh();
    expect(store.rollouts.get('fast-v2')!.state.weight).toBe(0);
  });

  it('swaps the list that the data plane reads and leaves the old one as it was', async () => {
    const before = registry.current();
    await registry.execute('fast-v2', { verb: 'promote', full: false }, API);
    expect(before[0]!.state.weight).toBe(5);
    expect(registry.current()[0]!.state.weight).toBe(25);
    expect(registry.current()[0]!.spec).toBe(before[0]!.spec);
  });

  it('is told to listeners after it is in force, with actor and reason', async () => {
    const heard: [RolloutChange, number][] = [];
    const stop = registry.listen((change) => heard.push([change, registry.get('fast-v2').state.weight]));
    await registry.execute('fast-v2', { verb: 'set-weight', weight: 40 }, { ...API, reason: 'try more' });
    await registry.execute('fast-v2', { verb: 'pause' }, API);
    stop();
    await registry.execute('fast-v2', { verb: 'abort' }, API);
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject([
      { event: { action: 'set-weight', actor: 'api', reason: 'try more', weight: 40 }, rollout: { version: 2 } },
      40,
    ]);
  });

  it('that makes no sense is refused and leaves no event', async () => {
    const written = store.events.length;
    await expect(registry.execute('fast-v2', { verb: 'retry' }, API)).rejects.toMatchObject({
      code: 'invalid_transition',
    });
    expect(store.events).toHaveLength(written);
  });

  it('holds for commands that come at the same time, one after the other', async () => {
    await Promise.all([1, 2, 3].map(() => registry.execute('fast-v2', { verb: 'promote', full: false }, API)));
    expect(registry.get('fast-v2')).toMatchObject({ state: { weight: 100, phase: 'progressing' }, version: 4 });
  });

  it('for a version that is not the current one is refused', async () => {
    const bound = { ...API, expectedVersion: 7 };
    await expect(registry.execute('fast-v2', { verb: 'abort' }, bound)).rejects.toMatchObject({
      code: 'version_mismatch',
    });
    await expect(registry.apply(parse({ ...FAST, steps: [1] }), bound)).rejects.toMatchObject({
      code: 'version_mismatch',
    });
    expect(registry.get('fast-v2').version).toBe(1);
  });

  it('that another replica made is taken over at the next refresh, and nothing else changes', async () => {
    const other = await start(FAST);
    await other.execute('fast-v2', { verb: 'set-weight', weight: 42 }, API);
    const before = registry.get('fast-v2');
    await registry.refresh();
    const after = registry.get('fast-v2');
    expect([before.state.weight, after.state.weight]).toEqual([5, 42]);
    expect(after.spec).toBe(before.spec);
    const inForce = registry.current();
    await registry.refresh();
    expect(registry.current()).toBe(inForce);
  });

  it('holds for what another replica wrote meanwhile, unless it was bound to a version', async () => {
    const replica = await start(FAST);
    await replica.execute('fast-v2', { verb: 'set-weight', weight: 60 }, API);
    const bound = { ...API, expectedVersion: 1 };
    await expect(registry.execute('fast-v2', { verb: 'promote', full: false }, bound)).rejects.toMatchObject({
      code: 'version_mismatch',
    });
    expect(registry.get('fast-v2').state.weight).toBe(60);
    await replica.execute('fast-v2', { verb: 'set-weight', weight: 70 }, API);
    const aborted = await registry.execute('fast-v2', { verb: 'abort' }, API);
    expect(aborted).toMatchObject({ state: { phase: 'degraded', weight: 0 }, version: 4 });
  });

  it('is refused rather than queued without end while the store hangs', async () => {
    const all = Array.from({ length: 101 }, () => registry.execute('fast-v2', { verb: 'pause' }, API));
    const refused = (await Promise.allSettled(all)).filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject([{ reason: { code: 'store_unavailable' } }]);
  });
});
