import { expect, test } from 'vitest';
import { Random } from '../../src/simulator/random.ts';

test('equal seed parts give equal draws, and the joints between parts count', () => {
  expect(new Random('ab', 'c', 1).hex(16)).toBe(new Random('ab', 'c', 1).hex(16));
  expect(new Random('a', 'bc', 1).hex(16)).not.toBe(new Random('ab', 'c', 1).hex(16));
});

test('whole numbers cover their range, both ends included, about evenly', () => {
  const random = new Random('dice');
  const counts = new Map<number, number>();
  for (let roll = 0; roll < 6000; roll++) {
    const value = random.integer(1, 6);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  expect([...counts.keys()].toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
  expect(Math.min(...counts.values())).toBeGreaterThan(850);
});

test('a rate of 0 never strikes, of 1 always, and both draw', () => {
  const random = new Random('rates');
  const draws = Array.from({ length: 200 }, () => [random.chance(0), random.chance(1)]);
  expect(draws.every(([never, always]) => !never && always)).toBe(true);
  const [idle, drawing] = [new Random('x'), new Random('x')];
  drawing.chance(0);
  expect(drawing.next()).not.toBe(idle.next());
});

test('picking from nothing is an error', () => {
  expect(() => new Random('x').pick([])).toThrow('empty');
});
