import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LANGUAGES } from '../../src/simulator/phrases.ts';
import { Random } from '../../src/simulator/random.ts';
import { firstTokens, splitTokens, tokensOf, writeSentences } from '../../src/simulator/text.ts';

const RUN = { seed: 20260115, numRuns: 300 };
const anyText = fc.string({ unit: 'grapheme', maxLength: 200 });

test('deltas joined are the text, as many as it bills; none is empty and none splits a character', () => {
  fc.assert(
    fc.property(anyText, fc.integer(), (text, seed) => {
      const deltas = splitTokens(text, new Random(seed));
      expect(deltas.join('')).toBe(text);
      expect(deltas.every((delta) => delta !== '' && delta.isWellFormed())).toBe(true);
      expect(deltas).toHaveLength(tokensOf(text.length));
    }),
    RUN,
  );
});

test('a long run without spaces comes in several deltas, and words are sometimes cut', () => {
  const deltas = splitTokens('AKIAIOSFODNN7EXAMPLE', new Random(1));
  expect(deltas.length).toBeGreaterThan(2);
  const words = splitTokens('several words that are short enough here', new Random(1));
  expect(words.some((delta) => !delta.startsWith(' ') && delta !== words[0])).toBe(true);
});

test('the first tokens of a text bill no more than asked', () => {
  fc.assert(
    fc.property(anyText, fc.nat(60), (text, tokens) => {
      const start = firstTokens(text, tokens);
      expect(text.startsWith(start)).toBe(true);
      expect(tokensOf(start.length)).toBeLessThanOrEqual(tokens);
      expect(start.isWellFormed()).toBe(true);
    }),
    RUN,
  );
});

test.each(LANGUAGES)('%s writes about as many tokens as wanted, in whole words', (language) => {
  for (const tokens of [10, 60, 400]) {
    const text = writeSentences(tokens, language, new Random(language, tokens));
    expect(tokensOf(text.length)).toBeLessThanOrEqual(tokens);
    expect(tokensOf(text.length)).toBeGreaterThan(tokens - 8);
    expect(text).toMatch(/\p{L}\.$/u);
  }
});
