import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/audit/canonical-json.ts';
import type { JsonValue } from '../../src/core/rollout.ts';

const SEED = { seed: 8785, numRuns: 1_000 };
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);
const wellFormedJson = json.filter(
  (value) => JSON.stringify(value).isWellFormed() && !/\\ud[89a-f]/i.test(JSON.stringify(value)),
);

/** The same value with the members of its objects in another order. */
function shuffled(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).toReversed();
  return Object.fromEntries(members.map(([name, member]) => [name, shuffled(member as JsonValue)]));
}

/** Member names of every object of a text, in the order in which they stand there. */
function nameLists(text: string): string[][] {
  const lists: string[][] = [];
  JSON.parse(text, (_, value: unknown) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) lists.push(Object.keys(value));
    return value;
  });
  return lists;
}

describe('canonical JSON', () => {
  it('is what RFC 8785 shows in its example', () => {
    const value = {
      // oxlint-disable-next-line no-loss-of-precision -- as the RFC writes it
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts names by UTF-16 units, as the RFC shows', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    const text = canonicalJson(Object.fromEntries(names.map((name) => [name, 0])));
    expect([...text.matchAll(/"((?:[^"\\]|\\.)*)":/g)].map(([, name]) => JSON.parse(`"${name}"`) as string)).toEqual([
      '\r',
      '1',
      '\u0080',
      '\u00f6',
      '\u20ac',
      '\ud83d\ude00',
      '\ufb33',
    ]);
  });

  it('writes numbers as ECMAScript does, and both zeros as one', () => {
    const texts = [0, -0, 1, -1, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 2 ** 53, 0.1 + 0.2].map(canonicalJson);
    expect(texts).toEqual([
      '0',
      '0',
      '1',
      '-1',
      '1e+21',
      '1e-7',
      '5e-324',
      '1.7976931348623157e+308',
      '9007199254740992',
      '0.30000000000000004',
    ]);
  });

  it('says what the value says', () => {
    fc.assert(
      fc.property(wellFormedJson, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      SEED,
    );
  });

  it('is the same whatever the order of members, and when it is made of itself', () => {
    fc.assert(
      fc.property(wellFormedJson, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(shuffled(value))).toBe(text);
        expect(canonicalJson(JSON.parse(text) as JsonValue)).toBe(text);
      }),
      SEED,
    );
  });

  it('holds no white space outside strings, and every object in order', () => {
    fc.assert(
      fc.property(wellFormedJson, (value) => {
        const text = canonicalJson(value);
        expect(text.replace(/"(?:[^"\\]|\\.)*"/g, '""')).not.toMatch(/\s/);
        // Names that are numbers come first in JavaScript's own objects, so only others are looked at.
        for (const names of nameLists(text).filter((list) => !list.some((name) => /^\d+$/.test(name))))
          expect(names).toEqual(names.toSorted((a, b) => (a < b ? -1 : 1)));
      }),
      SEED,
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '\ud800', 'a\udc00b', { '\ud800': 1 }, [undefined], 1n])(
    'refuses what is not I-JSON: %o',
    (value) => expect(() => canonicalJson(value as never)).toThrow(TypeError),
  );
});
