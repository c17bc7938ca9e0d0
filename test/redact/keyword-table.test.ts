import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeywordOpenings } from '../../src/redact/keyword-openings.ts';
import { KeywordTable, ROOT } from '../../src/redact/keyword-table.ts';
import type { Keyword } from '../../src/redact/keyword-table.ts';

const word = fc.string({ unit: fc.constantFrom('a', 'A', 'b', '-'), minLength: 1, maxLength: 5 });
const keyword = fc
  .record({ text: word, anyCase: fc.boolean() })
  .map(({ text, anyCase }) => ({ text: anyCase ? text.toLowerCase() : text, anyCase }));
const keywordLists = fc.uniqueArray(keyword, { minLength: 1, maxLength: 6 });
const texts = fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'B', '-', 'x', 'é'), maxLength: 40 });

function searched(keywords: readonly Keyword[], text: string): string[] {
  const table = new KeywordTable(keywords);
  const found = { state: ROOT, end: 0 };
  const hits: string[] = [];
  for (;;) {
    table.search(text, found.end, text.length, found.state, found);
    if (found.end < 0) return hits;
    const here = table.endingIn(found.state).filter((number) => table.isAt(number, text, found.end));
    hits.push(...here.map((number) => `${number}@${found.end}`));
  }
}

/** Those that are told of while none of them counts; some twice, where blocks overlap. */
function toldOf(keywords: readonly Keyword[], text: string): string[] {
  const table = new KeywordTable(keywords);
  const told = new Set<string>();
  const counts = (state: number, whole: string, end: number): boolean => {
    for (const number of table.endingIn(state)) if (table.isAt(number, whole, end)) told.add(`${number}@${end}`);
    return false;
  };
  expect(table.ruledOut(text, { counts })).toBe(Infinity);
  return [...told];
}

function naive(keywords: readonly Keyword[], text: string): string[] {
  const ends = Array.from({ length: text.length }, (_, i) => i + 1);
  const endsWith = (text_: string, { text: each, anyCase }: Keyword): boolean =>
    anyCase ? text_.toLowerCase().endsWith(each) : text_.endsWith(each);
  return ends.flatMap((end) =>
    keywords.flatMap((each, number) => (endsWith(text.slice(0, end), each) ? [`${number}@${end}`] : [])),
  );
}

function stateBehind(table: KeywordTable, text: string): number {
  const found = { state: ROOT, end: 0 };
  while (found.end >= 0) table.search(text, found.end, text.length, found.state, found);
  return found.state;
}

const exact = (text: string): Keyword => ({ text, anyCase: false });

describe('the keyword search', () => {
  it('finds what a plain search finds, in the letters asked for', () => {
    const cases = fc.property(keywordLists, texts, (keywords, text) => {
      expect(searched(keywords, text).toSorted()).toEqual(naive(keywords, text).toSorted());
    });
    fc.assert(cases, { seed: 31, numRuns: 500 });
  });

  it('finds the same in quarters', () => {
    const cases = fc.property(keywordLists, texts, (keywords, text) => {
      expect(toldOf(keywords, text).toSorted()).toEqual(naive(keywords, text).toSorted());
    });
    fc.assert(cases, { seed: 32, numRuns: 500 });
  });

  it('finds a keyword wherever it stands in a text of many blocks', () => {
    const keywords = [exact('needle-in-hay')];
    for (let at = 32_700; at < 32_800; at++) {
      const text = `${'x'.repeat(at)}needle-in-hay${'y'.repeat(70_000)}`;
      expect(toldOf(keywords, text)).toEqual([`0@${at + 13}`]);
    }
  });

  it('ends at the first keyword that counts', () => {
    const ends: number[] = [];
    const counts = (_state: number, _text: string, end: number): boolean => ends.push(end) === 2;
    expect(new KeywordTable([exact('ab')]).ruledOut('ab.ab.ab.ab.', { counts })).toBe(2);
    expect(ends).toHaveLength(2);
  });

  it('finds a name however it is written, and a prefix only as it is', () => {
    const keywords = [{ text: 'api_key', anyCase: true }, exact('AKIA')];
    expect(searched(keywords, 'Api_Key API_KEY api_key akia AKIA')).toEqual(['0@7', '0@15', '0@23', '1@33']);
  });
});

describe('the ends of a text that may begin a keyword', () => {
  it('are the longest there are', () => {
    const cases = fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 6 }), texts, (words, text) => {
      const table = new KeywordTable(words.map(exact));
      const openings = new KeywordOpenings(
        table,
        words.map((each) => ({ text: each, begins: 'anywhere' })),
      );
      const open = (depth: number): boolean =>
        words.some((each) => each.length > depth && each.startsWith(text.slice(text.length - depth)));
      const depths = Array.from({ length: text.length + 1 }, (_, depth) => depth).filter(open);
      expect(openings.depth(stateBehind(table, text), text)).toBe(Math.max(...depths, 0));
    });
    fc.assert(cases, { seed: 32, numRuns: 500 });
  });

  it('are let go of inside a word where the keyword is bound to the beginning of one', () => {
    const keywords = [
      { text: 'sk-', begins: 'word' },
      { text: 'name=', begins: 'after' },
      { text: 'tk-', begins: 'letters' },
    ] as const;
    const table = new KeywordTable(keywords.map(({ text }) => exact(text)));
    const openings = new KeywordOpenings(table, keywords);
    const open = (text: string): number => openings.depth(stateBehind(table, text), text);
    expect([open('a sk'), open('task'), open('1sk'), open('a nam'), open('a SK')]).toEqual([2, 0, 0, 0, 0]);
    expect([open('1tk'), open('atk')]).toEqual([2, 0]);
  });

  it('may be those of some keywords only', () => {
    const table = new KeywordTable(['abc', 'bd'].map(exact));
    const openings = new KeywordOpenings(table, [{ text: 'bd', begins: 'anywhere' }]);
    expect(openings.depth(stateBehind(table, 'xab'), 'xab')).toBe(1);
  });
});
