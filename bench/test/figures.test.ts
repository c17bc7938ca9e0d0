import { expect, test } from 'vitest';
import { Figures } from '../figures.ts';
import { median } from '../statistics.ts';

test('the median of an even number of rounds lies between the middle two', () => {
  expect(median([9, 1, 3, 2])).toBe(2.5);
});

test('a round without a figure is left out, and no figure at all stays absent', () => {
  expect(median([null, 7, null])).toBe(7);
  expect(median([null])).toBeNull();
  expect(median([])).toBeNull();
});

const rounds = (path: 'direct' | 'bare', values: (number | null)[]) => values.map((value) => ({ path, value }));
const value = (round: { value: number | null }) => round.value;

test('ratios are taken round by round before their median', () => {
  // Two of the three rounds of one path ran on a machine ten times as slow: the ratio of the medians would be 20.
  const figures = new Figures([...rounds('bare', [2, 20, 20]), ...rounds('direct', [1, 10, 1])]);
  expect(figures.ratio('bare', 'direct', value)).toBe(2);
});

test('what a path adds leaves out the rounds without a figure', () => {
  const figures = new Figures([...rounds('bare', [5, null, 9]), ...rounds('direct', [1, 1, 2])]);
  expect(figures.added('bare', value)).toBe(5.5);
});

test('going direct adds nothing to itself, and a path that was not run gives no figure', () => {
  const figures = new Figures(rounds('direct', [1, 2]));
  expect(figures.added('direct', value)).toBeNull();
  expect(figures.ratio('bare', 'direct', value)).toBeNull();
});
