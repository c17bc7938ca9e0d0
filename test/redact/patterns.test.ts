import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DETECTORS } from '../../src/redact/detectors/registry.ts';
import type { Detector } from '../../src/redact/detector.ts';
import { longestMatch } from '../../src/redact/pattern-length.ts';
import { waysToMatch } from './pattern-ways.ts';

/** Longer than every window that rules look through. */
const LONG = 40_000;
/** In how many ways an expression may divide the same text among its parts before it gives up. */
const MOST_WAYS = 25_000;
const PADDING = 'x '.repeat(LONG / 2);

interface Use {
  readonly expression: RegExp;
  readonly rule: string;
  longestText: number;
}

function offsetsOf(text: string, keyword: string): number[] {
  const offsets: number[] = [];
  for (let at = text.indexOf(keyword); at >= 0; at = text.indexOf(keyword, at + 1)) offsets.push(at);
  return offsets;
}

/** Lets a rule look at all its texts, in the middle of much other text. */
function judgeTexts(rule: Detector): void {
  for (const text of [...rule.examples.map((example) => example.text), ...rule.nearMisses]) {
    const judge = (at: number, length: number): void => {
      const long = PADDING + text + PADDING;
      const after = PADDING.length + at + length;
      rule.plausible(long, after);
      rule.match(long, PADDING.length + at, after, true);
    };
    for (const keyword of rule.keywords) for (const at of offsetsOf(text, keyword)) judge(at, keyword.length);
    for (const name of rule.names ?? []) for (const at of offsetsOf(text.toLowerCase(), name)) judge(at, name.length);
    if (rule.trigger === 'number') for (const [word, at] of wordsOf(text)) judge(at, word.length);
  }
}

function wordsOf(text: string): [word: string, at: number][] {
  return Array.from(text.matchAll(/[A-Za-z0-9]+/g), (found) => [found[0], found.index]);
}

describe('the regular expressions of the rules', () => {
  const uses = new Map<string, Use>();
  const { exec } = RegExp.prototype;

  beforeAll(() => {
    const trackedRules = DETECTORS.map((rule) => [rule, [] as [RegExp, string][]] as const);
    for (const [rule, tracked] of trackedRules) {
      // Every method of strings and expressions comes down to it.
      // eslint-disable-next-line no-extend-native -- put back below
      RegExp.prototype.exec = function (this: RegExp, text: string) {
        tracked.push([this, text]);
        return exec.call(this, text);
      };
      judgeTexts(rule);
      // eslint-disable-next-line no-extend-native -- as it was
      RegExp.prototype.exec = exec;
      for (const [expression, text] of tracked) note(expression, text, rule.id);
    }
  });

  afterAll(() => {
    // eslint-disable-next-line no-extend-native -- as it was, whatever was thrown
    RegExp.prototype.exec = exec;
  });

  function note(expression: RegExp, text: string, rule: string): void {
    const use = uses.get(String(expression)) ?? { expression, rule, longestText: 0 };
    use.longestText = Math.max(use.longestText, text.length);
    uses.set(String(expression), use);
  }

  it('are many: those of every builder are seen', () => {
    expect(uses.size).toBeGreaterThan(500);
  });

  it('read a bounded window, from where they are told, of texts of any length', () => {
    const unbounded = [...uses.values()].filter(({ expression, longestText }) => {
      return longestText > 2 * LONG && !(expression.sticky && longestMatch(expression.source) < LONG);
    });
    expect(unbounded.map(({ expression, rule }) => [rule, String(expression)])).toEqual([]);
  });

  it('never try a text in more ways than a bounded number', () => {
    const costly = [...uses.values()].filter(({ expression }) => !(waysToMatch(expression.source) <= MOST_WAYS));
    expect(costly.map(({ expression, rule }) => [rule, String(expression), waysToMatch(expression.source)])).toEqual(
      [],
    );
  });
});

describe('the ways to match', () => {
  it.each([
    ['a{1,200}-[a-z]{1,200}x', 200],
    ['(?:[a-z]{1,9}\\.){1,9}x', 9],
    ['[a-z]{1,200}[a-z0-9]{1,200}x', 40_000],
    ['[a-z]{1,200}k=[a-z]{1,200}x', 200],
    ['[a-z]{1,200}key[a-z]{1,200}x', 40_000],
    ['(?:[a-z]{1,9}){1,99}x', Infinity],
    ['(?:[a-z]{1,9}-?)+x', Infinity],
    ['(?:ab|a[b-d])+x', Infinity],
  ])('of %s are %d', (source, ways) => {
    expect(waysToMatch(source)).toBe(ways);
  });
});
