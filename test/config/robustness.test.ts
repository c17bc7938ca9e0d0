import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { parseRollout } from '../../src/config/rollout.ts';
import { load, parse } from './load-text.ts';
import { runsOf } from '../support/runs.ts';

const SEED = { seed: 20_260_731 };

const WORDS =
  'gateway admin store counters auth upstream providers passthrough models prompts rollouts keys policies redaction record log host port token type openai anthropic simulator baseUrl apiKey headers target provider fallbacks name match model canary stable arms shadow steps weight params prompt secret limits budget metadata rules pattern allow timeouts retries statuses __proto__ constructor toString'.split(
    ' ',
  );

const word = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...WORDS) }, { weight: 1, arbitrary: fc.string() });
const leaf = fc.oneof(
  word,
  fc.constantFrom('sim/a', 'p@v1', '5%', '30s', '20MiB', '${A}', '${A:-b}', '$${', 'http://h', '*', '+25%', ''),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(word, tie('tree'), { maxKeys: 5 }),
  ),
}));
const file = fc.dictionary(fc.constantFrom(...WORDS.slice(0, 16)), tree, { maxKeys: 6 });

/** What is wrong with the way in which an action refuses; empty where it accepts, or refuses as it should. */
function flawsOf(action: () => unknown): readonly unknown[] {
  try {
    action();
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError) || error.problems.length === 0) return [error];
    return error.problems.filter(({ message, fix }) => message === '' || fix === '');
  }
}

it('any tree of settings is accepted or refused with problems that have a place and a fix', () => {
  fc.assert(
    fc.property(file, (tree) => {
      expect(flawsOf(() => parse(stringify(tree), { A: 'x' }))).toEqual([]);
    }),
    { ...SEED, numRuns: runsOf(500) },
  );
});

it('any text is accepted or refused', () => {
  const fragment = fc.oneof(
    word,
    fc.constantFrom(
      ': ',
      '\n',
      '\n  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '&a ',
      '*a',
      '"',
      '|',
      '%YAML 1.1\n---\n',
      '!!set ',
      '<<',
      '? ',
      '#',
      '\t',
      '\u0000',
    ),
  );
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 30 }), (parts) => {
      expect(flawsOf(() => parse(parts.join('')))).toEqual([]);
    }),
    { ...SEED, numRuns: runsOf(1000) },
  );
});

it('any value is accepted or refused as a rollout', () => {
  const { config } = load('providers: { sim: { type: simulator } }\nprompts: { p: { v1: { system: s } } }');
  const arm = fc.record({ target: leaf, params: tree, prompt: leaf, weight: leaf }, { requiredKeys: [] });
  const rollout = fc.record(
    {
      name: word,
      match: fc.oneof(tree, fc.constant({ model: 'm' })),
      canary: arm,
      stable: arm,
      arms: fc.dictionary(word, arm),
      steps: tree,
      sticky: tree,
      shadow: arm,
    },
    { requiredKeys: ['name', 'match'] },
  );
  fc.assert(
    fc.property(fc.oneof(rollout, tree), (declared) => {
      expect(flawsOf(() => parseRollout(declared, config))).toEqual([]);
    }),
    { ...SEED, numRuns: runsOf(500) },
  );
});

it('a directory is refused like a file that cannot be read', () => {
  expect(() => loadConfig('/', {})).toThrow('The file cannot be read (EISDIR).');
});
