import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob } from '../../src/core/glob.ts';

/** The same by a regular expression, for short input. */
function reference(pattern: string, name: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[^a-z]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`, 's').test(name);
}

describe('a glob', () => {
  it('means what the regular expression with .* for each star means', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
    const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 7 });
    fc.assert(
      fc.property(patterns, letters, (pattern, name) => {
        expect({ pattern, name, matches: compileGlob(pattern)(name) }).toEqual({
          pattern,
          name,
          matches: reference(pattern, name),
        });
      }),
      { seed: 11, numRuns: 3_000 },
    );
  });

  it.each([
    ['gpt-*', 'gpt-', true],
    ['gpt-*', 'GPT-4', false],
    ['*', '', true],
    ['a*a', 'a', false],
    ['gpt-4', 'gpt-4o', false],
    ['g?t', 'gpt', false],
  ])('%s on %j: %s', (pattern, name, expected) => {
    expect(compileGlob(pattern)(name)).toBe(expected);
  });
});
