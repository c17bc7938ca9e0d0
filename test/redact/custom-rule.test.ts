import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EDGE } from '../../src/redact/char-set.ts';
import { CustomDetector } from '../../src/redact/custom-rule.ts';

function detector(pattern: string): CustomDetector {
  return new CustomDetector({ id: 'custom.test', pattern, request: 'mask', response: 'mask' });
}

function spans(rule: CustomDetector, text: string, final = true, from = 0): string[] {
  const all: string[] = [];
  rule.search(text, from, final, (start, end) => all.push(`${start}-${end}`));
  return all;
}

const PATTERNS = [
  'TCK-[0-9]{4,8}',
  '\\bfoo(?:bar){0,2}\\b',
  '(?i)id[ :]{1,3}[a-z]{2}',
  '[^a-z]{2}x?|ab{1,4}c',
  '(?:a|b|ab){1,6}c',
  '(?:x{0,5}){1,5}y|x',
  '\\pL{3}[0-9]?$',
  '.{2}\\Q.*\\E',
  '(?P<n>[[:digit:]]{2})(?:-\\d{2}){0,3}',
];

const texts = fc
  .array(
    fc.constantFrom('TCK-', '12345', '-12', 'foo', 'bar', 'ID: ab', 'ab', 'b', 'c', 'x', 'y', ' ', 'é', '😀', '.*'),
  )
  .map((parts) => parts.join(''));

describe('a pattern of the configuration', () => {
  it('never matches more than the bound on its length says', () => {
    const cases = fc.property(fc.constantFrom(...PATTERNS), texts, (pattern, text) => {
      const rule = detector(pattern);
      rule.search(text, 0, true, (start, end) => expect(end - start).toBeLessThanOrEqual(rule.longest));
    });
    fc.assert(cases, { seed: 41, numRuns: 500 });
  });

  it('finds in pieces what it finds in the whole, however the text is cut', () => {
    const cases = fc.property(fc.constantFrom(...PATTERNS), texts, fc.nat(7), (pattern, text, size) => {
      const rule = detector(pattern);
      const found: string[] = [];
      for (let end = 0, from = 0; end < text.length;) {
        end = Math.min(text.length, end + size + 1);
        const isFinal = end === text.length;
        const part = text.slice(0, end);
        const reached = rule.search(part, from, isFinal, (start, to) => found.push(`${start}-${to}`));
        from = Math.max(reached, end - rule.longest, 0);
      }
      expect(found).toEqual(spans(rule, text));
    });
    fc.assert(cases, { seed: 42, numRuns: 500 });
  });

  it.each(['^ab$', '(?m)^a$\\n^b', '\\ba\\b-', '-\\B-', '\\bé', '(?i)k\\B\\x{212a}', '[^a]\\bz', '.\\b1'])(
    '%s is accepted or refused by what it can match',
    (pattern) => {
      expect(() => detector(pattern)).not.toThrow();
    },
  );

  it('takes the end of a JSON string for the end of the text', () => {
    expect(spans(detector('^ab$'), `ab${EDGE}ab${EDGE}abc`)).toEqual(['0-2', '3-5']);
    expect(spans(detector('a.b'), `a${EDGE}b`)).toEqual([]);
  });

  it.each([
    ['(?=a)b', 'is not valid RE2 syntax'],
    ['(a)\\1', 'is not valid RE2 syntax'],
    ['(?:a|bc|d?e){1,500}', 'takes up to'],
    ['a*b', 'has no longest match'],
    ['$a', 'can never match'],
    ['a\\bb', 'can never match'],
    ['b^', 'can never match'],
    ['\\b-\\b ', 'can never match'],
    ['\\BTCK\\b1', 'can never match'],
    ['x[^\\x00-\\x{10FFFF}]', 'can never match'],
    ['(?:a|b)?', 'matches the empty text'],
  ])('%s is refused, and the message says what to write', (pattern, problem) => {
    expect(() => detector(pattern)).toThrow(problem);
  });
});
