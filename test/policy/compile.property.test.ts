import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkCondition } from '../../src/policy/cel/check.ts';
import { compileCondition, nativeCondition } from '../../src/policy/cel/compile.ts';
import { libraryCondition } from '../../src/policy/cel/library.ts';
import type { PolicyFacts } from '../../src/policy/facts.ts';
import { compileRules } from '../../src/policy/rule-set.ts';
import { factsOf, policyOf } from './support.ts';

const quoted = (text: string) => JSON.stringify(text);
const word = fc.constantFrom('', 'a', 'gpt-4o', 'eu', 'é😀', '12', '-3', '9007199254740993', '0x1', ' 7');
const { bool } = fc.letrec<{ string: string; int: string; double: string; bool: string }>((tie) => ({
  string: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    word.map(quoted),
    fc.constantFrom('request.model', 'metadata.a', 'metadata["b"]', 'key.team', 'request.tools[0]', 'request.tools[9]'),
    fc.tuple(tie('string'), tie('string')).map(([a, b]) => `(${a} + ${b})`),
    tie('int').map((a) => `string(${a})`),
    fc.tuple(tie('bool'), tie('string'), tie('string')).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
    fc.tuple(tie('string'), fc.constantFrom('lowerAscii', 'upperAscii', 'trim')).map(([a, f]) => `${a}.${f}()`),
  ),
  int: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom('0', '1', '7', '-3', '9007199254740991', '9223372036854775807'),
    fc.constantFrom(
      'request.max_tokens',
      'request.messages',
      'redaction.rules["r"]',
      'size(request.tools)',
      'size(metadata)',
    ),
    fc.tuple(tie('int'), fc.constantFrom('+', '-', '*', '/', '%'), tie('int')).map(([a, o, b]) => `(${a} ${o} ${b})`),
    tie('int').map((a) => `(-${a})`),
    tie('string').map((a) => `size(${a})`),
    tie('string').map((a) => `int(${a})`),
    tie('double').map((a) => `int(${a})`),
  ),
  double: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom('0.0', '1.5', '1e300', 'request.temperature', 'attack.score'),
    fc.tuple(tie('double'), fc.constantFrom('+', '-', '*', '/'), tie('double')).map(([a, o, b]) => `(${a} ${o} ${b})`),
    tie('int').map((a) => `double(${a})`),
  ),
  bool: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom(
      'true',
      'false',
      'request.stream',
      'has(metadata.a)',
      'has(key.metadata.team)',
      '("a" in metadata)',
    ),
    fc.tuple(tie('bool'), fc.constantFrom('&&', '||'), tie('bool')).map(([a, o, b]) => `(${a} ${o} ${b})`),
    tie('bool').map((a) => `!(${a})`),
    fc.tuple(tie('string'), order(), tie('string')).map(([a, o, b]) => `(${a} ${o} ${b})`),
    fc.tuple(tie('int'), order(), tie('int')).map(([a, o, b]) => `(${a} ${o} ${b})`),
    fc.tuple(tie('double'), order(), tie('double')).map(([a, o, b]) => `(${a} ${o} ${b})`),
    fc.tuple(tie('int'), fc.constantFrom('<', '>='), tie('double')).map(([a, o, b]) => `(${a} ${o} ${b})`),
    fc
      .tuple(tie('string'), fc.constantFrom('startsWith', 'endsWith', 'contains'), tie('string'))
      .map(([a, f, b]) => `${a}.${f}(${b})`),
    fc.tuple(tie('string'), fc.constantFrom('^g', 'a|b$', '[0-9]+')).map(([a, p]) => `${a}.matches(${quoted(p)})`),
    fc
      .tuple(tie('string'), fc.array(tie('string'), { minLength: 1, maxLength: 3 }))
      .map(([a, l]) => `(${a} in [${l.join(', ')}])`),
    tie('string').map((a) => `(${a} in request.tools)`),
    fc
      .tuple(
        fc.constantFrom('exists', 'all', 'exists_one'),
        fc.constantFrom('t == "a"', 't.startsWith(request.model)', 'size(t) > 2', 'int(t) > 1'),
      )
      .map(([m, body]) => `request.tools.${m}(t, ${body})`),
  ),
}));

function order() {
  return fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
}

const requests = fc.record({
  model: word,
  tools: fc.array(word, { maxLength: 3 }),
  maxTokens: fc.constantFrom(0, 1, 4096, Number.MAX_SAFE_INTEGER),
  stream: fc.boolean(),
  metadata: fc.dictionary(fc.constantFrom('a', 'b', 'c'), word),
  team: fc.option(word, { nil: null }),
});

function toFacts(given: typeof requests extends fc.Arbitrary<infer T> ? T : never): PolicyFacts {
  const tools = given.tools.map((name) => ({ type: 'function', function: { name } }));
  const body = { model: given.model, stream: given.stream, max_tokens: given.maxTokens, tools, temperature: 0.5 };
  const metadata: Record<string, string> = given.team === null ? {} : { team: given.team };
  const facts = factsOf({ body, metadata: given.metadata, key: { metadata } });
  facts.exchange.found('request', { rule: 'r', category: 'secrets', action: 'mask', start: 0, end: 1 });
  return facts;
}

/** What a condition says, in one word. */
function answer(holds: (facts: PolicyFacts) => boolean, facts: PolicyFacts): boolean | 'error' {
  try {
    return holds(facts);
  } catch {
    return 'error';
  }
}

function never(): never {
  throw new Error('only the library knows');
}

it('our own compiler says what the library says', () => {
  let native = 0;
  let errors = 0;
  fc.assert(
    fc.property(bool, requests, (text, given) => {
      fc.pre(text.length < 2000);
      const checked = checkCondition(text);
      const condition = compileCondition(checked);
      const facts = toFacts(given);
      const expected = answer(libraryCondition(checked), facts);
      if (condition.isNative) native++;
      if (expected === 'error') errors++;
      expect(answer((each) => condition.holds(each), facts)).toBe(expected);
      // Where our own code gives an answer at all, it is the library's.
      const own = nativeCondition(checked) ?? (() => never());
      expect([expected, 'error']).toContain(answer(own, facts));
    }),
    { seed: 5, numRuns: 3000 },
  );
  expect(native).toBeGreaterThan(2000);
  expect(errors).toBeGreaterThan(50);
});

it('the index leaves out no rule that holds', () => {
  const guarded = fc.oneof(
    word.map((value) => `request.model == ${quoted(value)}`),
    fc.tuple(word, word).map(([a, b]) => `metadata.a in [${quoted(a)}, ${quoted(b)}]`),
    fc.tuple(word, bool).map(([value, rest]) => `metadata.a == ${quoted(value)} && ${rest}`),
    bool,
  );
  fc.assert(
    fc.property(fc.array(guarded, { minLength: 6, maxLength: 14 }), requests, (conditions, given) => {
      fc.pre(conditions.every((text) => text.length < 2000));
      const all = compileRules(conditions.map((when, i) => policyOf({ name: `p${i}`, when, deny: 'no' })))!;
      for (const { rules, candidates } of Object.values(all.at).map((index) => ({
        rules: index.rules,
        candidates: index.candidates(toFacts(given)),
      }))) {
        const left = rules.filter((rule) => !candidates.includes(rule));
        for (const rule of left) expect(answer((f) => rule.condition.holds(f), toFacts(given))).toBe(false);
        expect(candidates.map(({ order: place }) => place)).toEqual(
          candidates.map(({ order: place }) => place).toSorted((a, b) => a - b),
        );
      }
    }),
    { seed: 6, numRuns: 500 },
  );
});
