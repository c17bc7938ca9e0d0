import * as fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';
import { DETECTORS } from '../../src/redact/detectors/registry.ts';
import { LiveRules } from '../../src/redact/live-rules.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { allActions, SECRET } from './support.ts';

const RUNS = 3000;
const GLUE = [' ', '\n', '', '"', '\\n', '=', ': ', '&', '%20', 'a', '-', '_'];

const redactor = createRedactor(allActions('mask'), SECRET);
const samples = DETECTORS.flatMap(({ examples, nearMisses }) => [...examples.map(({ text }) => text), ...nearMisses]);

afterEach(() => {
  vi.restoreAllMocks();
});

/** Part of what some rule finds or nearly finds, and what stands behind it. */
const piece = fc
  .record({ text: fc.constantFrom(...samples), from: fc.nat(40), less: fc.nat(40), glue: fc.constantFrom(...GLUE) })
  .map(({ text, from, less, glue }) => text.slice(from > 20 ? 0 : from, less > 20 ? undefined : -less) + glue);

it('a keyword that the first look at a text rules out is none of a match in it', () => {
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), (pieces) => {
      const text = pieces.join('');
      const found = redactor.redactText(text, 'request');
      const asked = vi.spyOn(LiveRules.prototype, 'firstKeywordIn').mockReturnValue(0);
      expect(redactor.redactText(text, 'request')).toEqual(found);
      asked.mockRestore();
    }),
    { numRuns: RUNS, seed: 11 },
  );
});

it('such a keyword is asked about once', () => {
  const rule = DETECTORS.find(({ id }) => id === 'secret.assignment');
  const match = vi.spyOn(rule!, 'match');
  redactor.redactText(`${'password is required. '.repeat(100)}password: x7k2m9q4w1`, 'request');
  expect(match.mock.calls.length).toBeLessThan(10);
});
