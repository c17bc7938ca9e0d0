import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeywordAutomaton, ROOT } from '../../src/redact/keyword-automaton.ts';

const words = fc.uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b', '-'), minLength: 1, maxLength: 5 }), {
  minLength: 1,
  maxLength: 6,
});
const texts = fc.string({ unit: fc.constantFrom('a', 'b', '-', 'x', 'é'), maxLength: 40 });

function searched(keywords: readonly string[], text: string): string[] {
  const automaton = new KeywordAutomaton(
    keywords.map((word) => ({ text: word, begins: 'anywhere', changesText: true })),
  );
  const found = { state: ROOT, end: 0 };
  const hits: string[] = [];
  for (;;) {
    automaton.search(text, found.end, text.length, found.state, found);
    if (found.end < 0) return hits;
    for (const number of automaton.endingIn(found.state)) hits.push(`${keywords[number]}@${found.end}`);
  }
}

function naive(keywords: readonly string[], text: string): string[] {
  const ends = Array.from({ length: text.length }, (_, i) => i + 1);
  return ends.flatMap((end) =>
    keywords.filter((word) => text.slice(0, end).endsWith(word)).map((word) => `${word}@${end}`),
  );
}

describe('the keyword search', () => {
  it('finds what a plain search finds', () => {
    const cases = fc.property(words, texts, (keywords, text) => {
      expect(searched(keywords, text).toSorted()).toEqual(naive(keywords, text).toSorted());
    });
    fc.assert(cases, { seed: 31, numRuns: 500 });
  });

  it('knows the longest end of the text that may begin a keyword', () => {
    const cases = fc.property(words, texts, (keywords, text) => {
      const automaton = new KeywordAutomaton(
        keywords.map((word) => ({ text: word, begins: 'anywhere', changesText: true })),
      );
      const found = { state: ROOT, end: 0 };
      while (found.end >= 0) automaton.search(text, found.end, text.length, found.state, found);
      const open = (depth: number): boolean =>
        keywords.some((word) => word.length > depth && word.startsWith(text.slice(text.length - depth)));
      const depths = Array.from({ length: text.length + 1 }, (_, depth) => depth).filter(open);
      expect(automaton.openDepth(found.state, text)).toBe(Math.max(...depths, 0));
    });
    fc.assert(cases, { seed: 32, numRuns: 500 });
  });

  it('lets go of the beginning of a word-bound keyword inside a word', () => {
    const automaton = new KeywordAutomaton([
      { text: 'sk-', begins: 'word', changesText: true },
      { text: 'name=', begins: 'after', changesText: true },
      { text: 'tk-', begins: 'letters', changesText: true },
    ]);
    const open = (text: string): number => {
      const found = { state: ROOT, end: -1 };
      automaton.search(text, 0, text.length, ROOT, found);
      return automaton.openDepth(found.state, text);
    };
    expect([open('a sk'), open('task'), open('1sk'), open('a nam')]).toEqual([2, 0, 0, 0]);
    expect([open('1tk'), open('atk')]).toEqual([2, 0]);
  });

  it('tells apart what may become a match that changes the text', () => {
    const automaton = new KeywordAutomaton([
      { text: 'abc', begins: 'anywhere', changesText: false },
      { text: 'bd', begins: 'anywhere', changesText: true },
    ]);
    const found = { state: ROOT, end: -1 };
    automaton.search('xab', 0, 3, ROOT, found);
    expect([automaton.openDepth(found.state, 'xab'), automaton.changingDepth(found.state, 'xab')]).toEqual([2, 1]);
  });
});
