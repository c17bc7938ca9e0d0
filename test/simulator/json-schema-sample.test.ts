import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { sampleJson } from '../../src/simulator/json-schema-sample.ts';
import { Random } from '../../src/simulator/random.ts';

function sample(schema: unknown, seed = 1): unknown {
  return sampleJson(schema, new Random(seed), () => 'some words');
}

const leaf: fc.Arbitrary<z.ZodType> = fc.oneof(
  fc.constant(z.string()),
  fc.tuple(fc.nat(20), fc.nat(20)).map(([least, more]) =>
    z
      .string()
      .min(least)
      .max(least + more),
  ),
  fc.tuple(fc.integer({ min: -500, max: 500 }), fc.nat(90)).map(([low, span]) =>
    z
      .int()
      .min(low)
      .max(low + span),
  ),
  fc.tuple(fc.integer({ min: -50, max: 50 }), fc.nat(9)).map(([low, span]) =>
    z
      .number()
      .gt(low)
      .lt(low + span + 1),
  ),
  fc.integer({ min: 1, max: 9 }).map((step) => z.int().multipleOf(step).min(0).max(100)),
  fc.constantFrom(z.boolean(), z.null(), z.iso.date(), z.iso.datetime(), z.email(), z.uuid(), z.url(), z.ipv4()),
  fc.uniqueArray(fc.string({ maxLength: 5 }), { minLength: 1, maxLength: 4 }).map((names) => z.enum(names)),
  fc.string({ maxLength: 5 }).map((value) => z.literal(value)),
);

const { schema: anySchema } = fc.letrec<{ schema: z.ZodType }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc
      .dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie('schema'), { maxKeys: 4 })
      .map((shape) => z.strictObject(shape)),
    tie('schema').map((schema) => schema.nullable()),
    tie('schema').map((schema) => z.strictObject({ maybe: schema.optional() })),
    fc.tuple(tie('schema'), fc.nat(3), fc.nat(3)).map(([item, least, more]) =>
      z
        .array(item)
        .min(least)
        .max(least + more),
    ),
    fc.tuple(tie('schema'), tie('schema')).map(([left, right]) => z.union([left, right])),
  ),
}));

test('a sample of a schema is accepted by it', () => {
  fc.assert(
    fc.property(anySchema, fc.integer(), (schema, seed) => {
      const value = sample(z.toJSONSchema(schema), seed);
      expect(schema.safeParse(value)).toMatchObject({ success: true });
    }),
    { seed: 20260115, numRuns: 400 },
  );
});

test('local references, allOf and definitions are followed', () => {
  const schema = {
    $defs: {
      point: { type: 'object', properties: { x: { type: 'integer' }, y: { type: 'integer' } }, required: ['x', 'y'] },
      named: { type: 'object', properties: { name: { const: 'p' } }, required: ['name'] },
    },
    allOf: [{ $ref: '#/$defs/point' }, { $ref: '#/$defs/named' }],
  };
  expect(sample(schema)).toEqual({ x: expect.any(Number), y: expect.any(Number), name: 'p' });
});

test('a recursive schema comes to an end and is met', () => {
  interface Tree {
    value: string;
    children: Tree[];
    parent: Tree | null;
  }
  const tree: z.ZodType<Tree> = z.lazy(() =>
    z.strictObject({ value: z.string(), children: z.array(tree), parent: tree.nullable() }),
  );
  for (let seed = 0; seed < 20; seed++) {
    expect(tree.safeParse(sample(z.toJSONSchema(tree), seed))).toMatchObject({ success: true });
  }
});

test('schemas without a finite value or a known form still give JSON', () => {
  const endless = { type: 'object', properties: { self: { $ref: '#' } }, required: ['self'] };
  const circular = { $ref: '#' };
  const missing = { $ref: '#/$defs/nowhere' };
  for (const schema of [endless, circular, missing, true, null, {}, { type: 'unheard-of' }]) {
    expect(JSON.stringify(sample(schema))).toBeTypeOf('string');
  }
});

test('huge bounds give values of a bearable size', () => {
  expect((sample({ type: 'string', minLength: 1e9 }) as string).length).toBeLessThan(1e6);
  expect(sample({ type: 'array', minItems: 1e9, items: { type: 'null' } })).toHaveLength(1000);
});

test('uniqueItems gives no item twice', () => {
  const schema = { type: 'array', minItems: 3, maxItems: 3, uniqueItems: true, items: { enum: ['a', 'b', 'c'] } };
  for (let seed = 0; seed < 20; seed++) expect(new Set(sample(schema, seed) as string[]).size).toBe(3);
});

test('an excluded bound is never given', () => {
  const schema = { type: 'number', exclusiveMinimum: 0.3, exclusiveMaximum: 0.33 };
  const values = Array.from({ length: 40 }, (_, seed) => sample(schema, seed));
  expect(new Set(values)).toEqual(new Set([0.31, 0.32]));
});
