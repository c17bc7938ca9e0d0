import { describe, expect, it } from 'vitest';
import { holdsTo } from '../../src/outcome/json-schema.ts';

type Case = readonly [what: string, schema: unknown, holds: readonly unknown[], breaks: readonly unknown[]];

const CASES: readonly Case[] = [
  ['type', { type: 'object' }, [{}, { a: 1 }], [[], null, 'x', 1, true]],
  ['a list of types', { type: ['string', 'null'] }, ['a', null], [1, {}]],
  ['integer', { type: 'integer' }, [1, 1.0, -3, 1e3], [1.5, '1']],
  ['an unknown type, which says nothing', { type: 'date' }, [1, 'x'], []],
  ['nullable', { type: 'string', nullable: true }, [null, 'a'], [1]],
  ['true and false', { properties: { a: true, b: false } }, [{ a: 1 }, {}], [{ b: 1 }]],
  ['enum', { enum: ['a', 1, { x: [1] }] }, ['a', 1, { x: [1] }], ['b', '1', { x: [2] }, { x: [1], y: 1 }]],
  ['const', { const: { a: [1, null] } }, [{ a: [1, null] }], [{ a: [1] }, null]],
  ['const undefined-like names', { const: { toString: 1 } }, [{ toString: 1 }], [{ valueOf: 1 }]],
  ['required', { required: ['a', 'toString'] }, [{ a: 1, toString: 2 }, 'no object'], [{ a: 1 }]],
  ['properties', { properties: { a: { type: 'number' } } }, [{ a: 1 }, { b: 'x' }], [{ a: '1' }]],
  ['no additional properties', { properties: { a: {} }, additionalProperties: false }, [{ a: 1 }], [{ a: 1, b: 2 }]],
  ['additional properties', { additionalProperties: { type: 'string' } }, [{ a: 'x' }], [{ a: 1 }]],
  ['names that objects inherit', { additionalProperties: false }, [{}], [{ constructor: 1 }]],
  ['how many properties', { minProperties: 1, maxProperties: 2 }, [{ a: 1 }], [{}, { a: 1, b: 2, c: 3 }]],
  ['items', { items: { type: 'number' } }, [[1, 2], []], [[1, 'x']]],
  ['prefixItems', { prefixItems: [{ type: 'number' }], items: false }, [[1], []], [['x'], [1, 2]]],
  ['a list under items', { items: [{ type: 'number' }], additionalItems: { type: 'string' } }, [[1, 'a']], [[1, 2]]],
  ['how many items', { minItems: 1, maxItems: 2 }, [[1]], [[], [1, 2, 3]]],
  [
    'items that differ',
    { uniqueItems: true },
    [[], [1, '1', [1], null, { a: 1 }, { a: 2 }], 'aa', Array.from({ length: 1_001 }, () => 1)],
    [
      [1, 1],
      [
        { a: 1, b: [2] },
        { b: [2], a: 1 },
      ],
      [0, -0],
      Array.from({ length: 1_000 }, () => 1),
    ],
  ],
  ['items that may be alike', { uniqueItems: false }, [[1, 1]], []],
  ['contains', { contains: { type: 'string' } }, [['a'], [1, 'a'], 'x'], [[], [1]]],
  [
    'how many it contains',
    { contains: { type: 'string' }, minContains: 2, maxContains: 3 },
    [
      ['a', 'b'],
      ['a', 'b', 1, 'c'],
    ],
    [['a'], ['a', 'b', 'c', 'd']],
  ],
  ['contains none', { contains: { type: 'string' }, minContains: 0 }, [[], [1]], []],
  ['contains with a part that is not read', { contains: { type: 'string', pattern: 'a' } }, [['b']], [[1], []]],
  [
    'contains with a part that is not read, below not',
    { not: { contains: { type: 'string', pattern: 'a' }, maxContains: 1 } },
    [['b'], ['b', 'c'], [1]],
    [],
  ],
  ['multiples', { multipleOf: 0.1 }, [0.3, 1.1, -0.7, 0, 1e300, 'x'], [0.35, 1e-3]],
  ['multiples of whole numbers', { multipleOf: 3 }, [9, -3, 0], [10, 1, 0.5]],
  ['multiples of what is no size', { multipleOf: 0 }, [1], []],
  ['limits', { minimum: 1, maximum: 2 }, [1, 2, '0'], [0.9, 2.1]],
  ['exclusive limits', { exclusiveMinimum: 1, exclusiveMaximum: 2 }, [1.5], [1, 2]],
  ['exclusive limits of OpenAPI 3.0', { minimum: 1, exclusiveMinimum: true, maximum: 2 }, [1.1, 2], [1]],
  ['length in characters', { minLength: 2, maxLength: 3 }, ['ab', '🌍🌍', '🌍🌍🌍'], ['a', '🌍', 'abcd']],
  ['anyOf', { anyOf: [{ type: 'string' }, { type: 'number', minimum: 5 }] }, ['a', 5], [4, null]],
  ['oneOf', { oneOf: [{ minimum: 1 }, { maximum: 2 }] }, [0, 3], [1.5]],
  ['allOf', { allOf: [{ minimum: 1 }, { maximum: 2 }] }, [1.5], [0, 3]],
  ['not', { not: { type: 'string' } }, [1], ['x']],
  ['pattern, which is not read, also below not', { pattern: '^a', not: { pattern: 'b' } }, ['b', 'a'], []],
  ['oneOf with a part that is not read', { oneOf: [{ type: 'string', pattern: 'a' }, { type: 'string' }] }, ['a'], [1]],
  [
    'patternProperties, whose names are no others',
    { patternProperties: { '^x': {} }, additionalProperties: false },
    [{ x: 1 }],
    [],
  ],
  ['unknown keywords', { 'x-order': 1, title: 'A', description: 'B', default: 3 }, [1, 'x'], []],
  ['something that is no schema', 'string', [1], []],
  [
    'local references',
    {
      $defs: { node: { type: 'object', required: ['v'], properties: { next: { $ref: '#/$defs/node' } } } },
      $ref: '#/$defs/node',
    },
    [{ v: 1 }, { v: 1, next: { v: 2 } }],
    [{ v: 1, next: {} }, 1],
  ],
  ['escaped references', { $ref: '#/definitions/a~1b%20c', definitions: { 'a/b c': { type: 'null' } } }, [null], [1]],
  [
    'references to a place in a list',
    { anyOf: [{ $ref: '#/prefixItems/0' }], prefixItems: [{ type: 'null' }] },
    [null],
    [1],
  ],
  ['references that lead nowhere or outside', { allOf: [{ $ref: '#/x' }, { $ref: 'https://example.com/s' }] }, [1], []],
];

describe('a JSON schema', () => {
  it.each(CASES)('reads %s', (_what, schema, holds, breaks) => {
    expect(holds.map((value) => holdsTo(schema, value))).toEqual(holds.map(() => true));
    expect(breaks.map((value) => holdsTo(schema, value))).toEqual(breaks.map(() => false));
  });

  it('is given up where it refers to itself for ever, nests too deeply or branches without end', () => {
    expect(holdsTo({ $ref: '#' }, 1)).toBeNull();
    const deep = JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) as unknown;
    expect(holdsTo({ items: { $ref: '#' } }, deep)).toBeNull();
    const levels = Array.from({ length: 30 }, (_, level): [string, unknown] => {
      const next = { $ref: `#/$defs/${level + 1}` };
      return [String(level), { anyOf: [next, next] }];
    });
    const $defs = Object.fromEntries([...levels, ['30', false]]);
    expect(holdsTo({ $defs, $ref: '#/$defs/0' }, 1)).toBeNull();
  });

  it('is given up for more values than can be looked at in a moment', () => {
    expect(
      holdsTo(
        { items: { type: 'number' } },
        Array.from({ length: 60_000 }, () => 1),
      ),
    ).toBeNull();
  });
});
