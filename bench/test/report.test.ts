import { expect, test } from 'vitest';
import { atLeast, atMost, formatCell, formatTable, verdict } from '../report.ts';

test('a target is met up to and including its limit', () => {
  expect(verdict(atMost(1.8, 'x', 'CPU', 1.8))).toBe('met');
  expect(verdict(atMost(1.8, 'x', 'CPU', 1.81))).toBe('not met');
  expect(verdict(atLeast(10, 'x', 'Portkey', 10))).toBe('met');
  expect(verdict(atLeast(10, 'x', 'Portkey', 9.9))).toBe('not met');
});

test('a target without a figure is neither met nor missed', () => {
  expect(verdict(atMost(1, 'ms', 'added', null))).toBe('not measured');
});

test('figures show three significant digits and absent ones a dash', () => {
  expect([33_249, 30.04, 0.13249, 0, null].map(formatCell)).toEqual(['33,200', '30', '0.132', '0', '-']);
});

test('a table sets the first column to the left and figures to the right', () => {
  expect(
    formatTable(
      ['path', 'ms'],
      [
        ['direct', 1.5],
        ['through', 12],
      ],
    ),
  ).toBe(['  path      ms', '  direct   1.5', '  through   12'].join('\n'));
});
