import { expect, it } from 'vitest';
import { LateCache } from '../../src/core/late-cache.ts';

it('a late cache is empty before the first value comes', () => {
  const cache = new LateCache<string, number>({ max: 2 });
  cache.delete('a');
  expect([cache.get('a'), cache.peek('a'), cache.has('a')]).toEqual([undefined, undefined, false]);
  expect([[...cache.entries()], [...cache.values()]]).toEqual([[], []]);
});

it('a late cache keeps the values used last, and a look does not count as a use', () => {
  const cache = new LateCache<string, number>({ max: 2 });
  cache.set('a', 1);
  cache.set('b', 2);
  expect([cache.get('a'), cache.peek('b'), cache.has('b')]).toEqual([1, 2, true]);
  cache.set('c', 3);
  expect([...cache.entries()]).toEqual([
    ['c', 3],
    ['a', 1],
  ]);
  cache.delete('c');
  expect([...cache.values()]).toEqual([1]);
});
