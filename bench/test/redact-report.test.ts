import { expect, test } from 'vitest';
import type { Figure, WorstFigure } from '../redact.ts';
import { toRedactReport } from '../redact-report.ts';
import { verdict } from '../report.ts';

const figure = (name: string, bytes: number, micros: number): Figure => ({ name, bytes, micros, rounds: [micros] });
const worst = (name: string, ratio: number): WorstFigure => ({ ...figure(name, 100_000, 500), ratio });
const sizes = (name: string, micros: number) => [figure(name, 1000, micros), figure(name, 10_000, 10 * micros)];

test('prose is held to its speed, and the worst text to the cost of prose of its length', () => {
  const { targets } = toRedactReport({
    clean: [sizes('prose', 4), sizes('code', 400)],
    prefilter: sizes('prefilter', 2),
    worst: [worst('bad', 30), worst('long', 12), worst('mild', 1)],
    screened: [],
    work: [],
  });
  expect(targets.map(({ measured }) => measured)).toEqual([250, 4, 30]);
  expect(targets.map(verdict)).toEqual(['met', 'met', 'not met']);
  expect(targets[2]!.label).toContain('bad');
});
