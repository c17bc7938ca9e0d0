import { describe, expect, it } from 'vitest';
import { PROVIDERS } from '../../src/providers/registry.ts';
import { KeyPool, type KeyNotice } from '../../src/upstream/key-pool.ts';
import { FakeClock } from './support.ts';

const COOLDOWN = { limited: 30_000, refused: 600_000 };

function open(values = ['a', 'b', 'c']) {
  const clock = new FakeClock();
  const notices: KeyNotice[] = [];
  const pool = new KeyPool({ values, cooldown: COOLDOWN }, PROVIDERS.openai, clock, (notice) => notices.push(notice));
  const answer = (index: number, status: number, headers: Record<string, string> = {}) => {
    const header = (name: string) => headers[name];
    return pool.answered(index, { status, header }, PROVIDERS.openai.keyTrouble(status, null, header));
  };
  return { clock, notices, pool, answer };
}

const uses = (pool: KeyPool, times: number): number[] => Array.from({ length: times }, () => pool.next());

describe('a pool of keys', () => {
  it('takes them in turn, each in the header of its vendor', () => {
    const { pool } = open();
    expect(uses(pool, 6)).toEqual([0, 1, 2, 0, 1, 2]);
    expect(pool.header(1)).toEqual(['authorization', 'Bearer b']);
  });

  it('leaves one alone that was limited, for as long as the provider says, else as configured', () => {
    const { pool, clock, answer } = open();
    expect([answer(0, 429, { 'retry-after': '7' }), answer(1, 429)]).toEqual([true, true]);
    expect(pool.cooldowns()).toEqual([7_000, 30_000, 0]);
    expect(uses(pool, 3)).toEqual([2, 2, 2]);
    clock.time += 7_000;
    expect(pool.cooldowns()).toEqual([0, 23_000, 0]);
    // It was limited, the other never.
    expect(uses(pool, 2)).toEqual([2, 2]);
  });

  it('prefers the one that was limited longest ago', () => {
    const { pool, clock, answer } = open(['a', 'b']);
    answer(1, 429, { 'retry-after-ms': '1' });
    clock.time += 10;
    answer(0, 429, { 'retry-after-ms': '1' });
    clock.time += 10;
    expect(uses(pool, 2)).toEqual([1, 1]);
  });

  it('uses the one whose time is up first where all are left alone', () => {
    const { pool, answer } = open(['a', 'b']);
    answer(0, 429);
    answer(1, 429, { 'retry-after': '2' });
    expect(uses(pool, 2)).toEqual([1, 1]);
    expect([pool.hasAnother(0), pool.hasAnother(1)]).toEqual([false, false]);
  });

  it('leaves one alone for longer that is refused, and tells of it once, by its place', () => {
    const { pool, clock, notices, answer } = open();
    answer(2, 401);
    expect(pool.cooldowns()).toEqual([0, 0, 600_000]);
    clock.time += 600_000;
    answer(2, 403);
    expect(notices).toEqual([{ key: 2, status: 401 }]);
    answer(2, 200);
    answer(2, 401);
    expect(notices.length).toBe(2);
  });

  it('has one back that is accepted while all were left alone', () => {
    const { pool, answer } = open(['a', 'b']);
    for (const key of [0, 1]) answer(key, 401);
    answer(0, 200);
    expect(pool.cooldowns()).toEqual([0, 600_000]);
  });

  it('takes no word of a provider for a time without end', () => {
    const { pool, answer } = open();
    answer(0, 429, { 'retry-after': '999999999' });
    expect(pool.cooldowns()[0]).toBe(3_600_000);
  });

  it('takes the time of the body where no header says one', () => {
    const { pool } = open();
    const header = (name: string) => (name === 'retry-after' ? '9' : undefined);
    pool.answered(0, { status: 429, header: () => undefined }, { isRefused: false, wait: 22_000, isStale: false });
    pool.answered(1, { status: 429, header }, { isRefused: false, wait: 22_000, isStale: false });
    // What is spent does not come back by itself, whatever the header says.
    pool.answered(2, { status: 429, header }, { isRefused: true, wait: null, isStale: false });
    expect(pool.cooldowns()).toEqual([22_000, 9_000, 600_000]);
  });

  it('says nothing of a key at any other answer', () => {
    const { pool, answer } = open();
    for (const status of [200, 400, 404, 500, 529]) expect(answer(0, status)).toBe(false);
    expect(pool.cooldowns()).toEqual([0, 0, 0]);
  });
});
