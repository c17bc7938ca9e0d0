import { expect, test } from 'vitest';
import type { Figure } from '../redact.ts';
import { toRedactReport } from '../redact-report.ts';
import { verdict } from '../report.ts';

const figure = (name: string, bytes: number, micros: number): Figure => ({ name, bytes, micros, rounds: [micros] });
const sizes = (name: string, micros: number) => [figure(name, 1000, micros), figure(name, 10_000, 10 * micros)];

test('prose is held to its speed, and the worst text to the cost of prose of its length', () => {
  const { targets } = toRedactReport({
    clean: [sizes('prose', 4), sizes('code', 400)],
    prefilter: sizes('prefilter', 2),
    baseline: figure('prose', 100_000, 400),
    worst: [figure('mild', 100_000, 500), figure('bad', 200_000, 24_000), figure('long', 900_000, 30_000)],
    work: [],
  });
  expect(targets.map(({ measured }) => measured)).toEqual([250, 4, 30]);
  expect(targets.map(verdict)).toEqual(['met', 'met', 'not met']);
  expect(targets[2]!.label).toContain('bad');
});
