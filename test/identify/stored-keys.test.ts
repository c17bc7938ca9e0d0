import { beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { KeySettings } from '../../src/core/keys.ts';
import { StoredKeys, type FoundKey } from '../../src/identify/stored-keys.ts';
import { FakeKeys, FakeTime, secret, START } from './fake-keys.ts';
import { SETTINGS } from './key-fixtures.ts';

const STALE = 300_000;
const NO_TEAMS = new Map();

let time: FakeTime;
let store: FakeKeys;
let keys: StoredKeys;
let told: string[];

beforeEach(async () => {
  time = new FakeTime();
  store = new FakeKeys();
  told = [];
  store.put('key_a', [secret('digest-a')]);
  keys = await openKeys();
});

function openKeys(): Promise<StoredKeys> {
  return StoredKeys.open({
    store,
    clock: time.clock,
    after: time.after,
    parse: (declared) => {
      if ((declared as { name?: unknown }).name === 'newer') throw new Error('an unknown field');
      return declared as unknown as KeySettings;
    },
    failed: (error) => told.push(`failed: ${(error as Error).message}`),
    recovered: () => told.push('recovered'),
    unreadable: (id) => told.push(`unreadable: ${id}`),
  });
}

const find = (digest: string): FoundKey | Promise<FoundKey> => keys.find(digest, NO_TEAMS, STALE);

async function answer(digest: string): Promise<string> {
  try {
    const found = await find(digest);
    return found === null ? 'unknown' : found === 'ended' ? 'ended' : found.name;
  } catch (error) {
    return error instanceof GatewayError ? error.code : 'fault';
  }
}

describe('a key that is looked up', () => {
  it('is read once, and then answered at once', async () => {
    expect(await answer('digest-a')).toBe('key_a');
    const again = find('digest-a');
    expect(again).toMatchObject({ id: 'key_a', name: 'key_a' });
    expect(find('digest-a')).toBe(again);
    expect(store.reads).toEqual([['digest-a']]);
  });

  it('is read once, however many ask before the answer is there', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => answer('digest-a')));
    expect(new Set(answers)).toEqual(new Set(['key_a']));
    expect(store.reads).toHaveLength(1);
  });

  it('and is unknown is remembered as such, for a while', async () => {
    expect(await answer('digest-x')).toBe('unknown');
    expect(find('digest-x')).toBeNull();
    await time.pass(6_000);
    await keys.poll();
    expect(await answer('digest-x')).toBe('unknown');
    expect(store.reads).toHaveLength(2);
  });

  it.each([
    ['revoked', () => store.put('key_b', [secret('digest-b')], {}, START)],
    ['expired', () => store.put('key_b', [secret('digest-b')], { expiresAt: START })],
    ['rotated out', () => store.put('key_b', [secret('digest-b', START)])],
    ['of a team that is not configured', () => store.put('key_b', [secret('digest-b')], { team: 'gone' })],
    ['declared by newer software', () => store.put('key_b', [secret('digest-b')], { name: 'newer' })],
  ])('and %s is none any more, on the same way as any other', async (_, put) => {
    put();
    await keys.poll();
    expect(await answer('digest-b')).toBe('ended');
    expect(find('digest-b')).toBe('ended');
  });

  it('ends at its time though it is remembered', async () => {
    store.put('key_b', [secret('digest-b')], { expiresAt: START + 1_000 });
    expect(await answer('digest-b')).toBe('key_b');
    await time.pass(999);
    expect(find('digest-b')).toMatchObject({ id: 'key_b' });
    await time.pass(1);
    expect(find('digest-b')).toBe('ended');
  });

  it('has the teams of the configuration that asks', async () => {
    store.put('key_b', [secret('digest-b')], { team: 'search' });
    expect(await answer('digest-b')).toBe('ended');
    const team = { ...SETTINGS, name: 'search', models: ['o1'] };
    const found = keys.find('digest-b', new Map([['search', team]]), STALE);
    expect(found).toMatchObject({ modelNames: ['o1'] });
    expect(find('digest-b')).toBe('ended');
  });
});

describe('a change by another gateway', () => {
  it('that revokes takes effect with the next look at the changes', async () => {
    await answer('digest-a');
    store.put('key_a', [secret('digest-a')], {}, START);
    expect(find('digest-a')).toMatchObject({ id: 'key_a' });
    await keys.poll();
    expect(find('digest-a')).toBe('ended');
  });

  it('that makes a key is known though the key was unknown before', async () => {
    expect(await answer('digest-b')).toBe('unknown');
    store.put('key_b', [secret('digest-b')]);
    await keys.poll();
    expect(find('digest-b')).toMatchObject({ id: 'key_b' });
  });

  it('that rotates leaves the old secret until its end, and forgets what is no secret any more', async () => {
    await answer('digest-a');
    store.put('key_a', [secret('digest-b'), secret('digest-a', START + 5_000)]);
    await keys.poll();
    expect([find('digest-a'), find('digest-b')]).toMatchObject([{ id: 'key_a' }, { id: 'key_a' }]);
    await time.pass(5_000);
    await keys.poll();
    expect([find('digest-a'), find('digest-b')]).toMatchObject(['ended', { id: 'key_a' }]);
    store.put('key_a', [secret('digest-c')]);
    await keys.poll();
    const gone = Promise.all(['digest-a', 'digest-b'].map(answer));
    await time.pass(10);
    expect(await gone).toEqual(['unknown', 'unknown']);
    expect(find('digest-c')).toMatchObject({ id: 'key_a' });
  });

  it('that comes in while the key is being read is not overlooked', async () => {
    store.meanwhile = async () => {
      store.put('key_a', [secret('digest-a')], {}, START);
      await keys.poll();
    };
    expect(await answer('digest-a')).toBe('ended');
    expect(store.reads).toHaveLength(2);
  });

  it('is found among many', async () => {
    await answer('digest-a');
    for (let i = 0; i < 1_200; i++) store.put(`key_${i}`, [secret(`digest-${i}`)]);
    store.put('key_a', [secret('digest-a')], {}, START);
    await keys.poll();
    expect(find('digest-a')).toBe('ended');
  });
});

describe('a flood of made-up keys', () => {
  it('causes a bounded number of reads, and a real key among them is found', async () => {
    const answers = Array.from({ length: 4_000 }, (_, i) => answer(`made-up-${i}`));
    answers.push(answer('digest-a'));
    for (let i = 0; i < 20; i++) await time.pass(10);
    const told = await Promise.all(answers);
    expect(told.at(-1)).toBe('key_a');
    expect(told.slice(0, -1).every((each) => each === 'unknown')).toBe(true);
    expect(store.reads.length).toBeLessThanOrEqual(21);
  });

  it('displaces no key that is in use', async () => {
    await answer('digest-a');
    for (let round = 0; round < 6; round++) {
      const answers = Array.from({ length: 2_500 }, (_, i) => answer(`made-up-${round}-${i}`));
      for (let i = 0; i < 12; i++) await time.pass(10);
      await Promise.all(answers);
      await keys.poll();
    }
    const before = store.reads.length;
    expect(find('digest-a')).toMatchObject({ id: 'key_a' });
    expect(store.reads).toHaveLength(before);
  });

  it('beyond what can wait is answered 503', async () => {
    const answers = Array.from({ length: 6_000 }, (_, i) => answer(`made-up-${i}`));
    for (let i = 0; i < 30; i++) await time.pass(10);
    const told = await Promise.all(answers);
    expect(told.filter((each) => each === 'overloaded')).toHaveLength(1_000);
  });
});

describe('while the store cannot be read', () => {
  beforeEach(async () => {
    await answer('digest-a');
    await time.pass(10);
    store.isDown = true;
  });

  it('known keys stay good for the time that is configured, and no longer', async () => {
    await time.pass(STALE);
    await keys.poll();
    expect(find('digest-a')).toMatchObject({ id: 'key_a' });
    expect(keys.counts.stale).toBe(1);
    await time.pass(3_000);
    expect(await answer('digest-a')).toBe('overloaded');
  });

  it('others are answered 503, also those just found unknown, and it is told once', async () => {
    expect(await answer('digest-b')).toBe('overloaded');
    await time.pass(600);
    expect(await answer('digest-b')).toBe('overloaded');
    await keys.poll();
    expect(told).toEqual(['failed: the disk is gone']);
    expect(keys.counts.unavailable).toBe(2);
    store.isDown = false;
    await keys.poll();
    await time.pass(10);
    expect(await answer('digest-b')).toBe('unknown');
    expect(told).toEqual(['failed: the disk is gone', 'recovered']);
  });

  it('a key that was unknown lately is not taken for unknown', async () => {
    store.isDown = false;
    await time.pass(10);
    expect(await answer('digest-b')).toBe('unknown');
    store.isDown = true;
    await time.pass(2_500);
    expect(await answer('digest-b')).toBe('overloaded');
  });

  it('the store is left alone for a moment after each failure', async () => {
    let asked = 0;
    store.withDigests = async () => {
      asked++;
      throw new Error('the disk is gone');
    };
    for (let i = 0; i < 100; i++) expect(await answer(`made-up-${i}`)).toBe('overloaded');
    expect(asked).toBe(1);
  });

  it('a known key still ends at its time', async () => {
    store.isDown = false;
    store.put('key_b', [secret('digest-b')], { expiresAt: START + 4_000 });
    await keys.poll();
    store.isDown = true;
    await time.pass(4_000);
    expect(find('digest-b')).toBe('ended');
  });
});
