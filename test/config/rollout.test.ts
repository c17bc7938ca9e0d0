import { describe, expect, it } from 'vitest';
import { load, problemsOf, refusalOf } from './load-text.ts';
import { parseRollout } from '../../src/config/rollout.ts';

const { config } = load('providers: { sim: { type: simulator } }\nprompts: { support: { v6: { system: s } } }');
const CANARY = { name: 'r', match: { model: 'm' }, canary: { target: 'sim/a' } };
const AB = { name: 'r', match: { model: 'm' }, arms: { a: { weight: 50 }, b: { weight: '30%' } } };
const SHADOW = { name: 'r', match: { model: 'm' }, shadow: { target: 'sim/a' } };

const plainStep = (weight: number) => ({ weight, min: null, max: null, pause: false });

describe('a declared rollout', () => {
  it('gets the defaults of a canary', () => {
    expect(parseRollout(CANARY, config)).toEqual({
      name: 'r',
      kind: 'canary',
      match: { model: 'm', key: null, metadata: {} },
      arms: [
        { name: 'stable', target: null, params: null, prompt: null, weight: 0 },
        { name: 'canary', target: { provider: 'sim', model: 'a' }, params: null, prompt: null, weight: 0 },
      ],
      sticky: ['metadata.conversation', 'user'],
      salt: 'r',
      steps: [5, 25, 50, 100].map(plainStep),
      judgement: { guard: {}, watch: [], segments: [], step: null, on: { srm: 'hold', no_traffic: 'hold' } },
      holdback: null,
      layer: null,
      goal: null,
      shadow: null,
      declared: CANARY,
    });
  });

  it('says what each step waits for, what it is judged by and what is held back', () => {
    const declared = {
      ...CANARY,
      steps: [5, { weight: '25%', pause: true }, { weight: 50, min: '1h', max: '4h' }],
      step: { min: '10m' },
      guard: { error_rate: '+25%' },
      segments: ['language'],
      holdback: { weight: '2%', for: '24h' },
      layer: { name: 'search', to: '50%' },
    };
    expect(parseRollout(declared, config)).toMatchObject({
      steps: [
        plainStep(5),
        { ...plainStep(25), pause: true },
        { weight: 50, min: 3_600_000, max: 14_400_000, pause: false },
      ],
      judgement: {
        guard: { error_rate: '+25%' },
        segments: ['language'],
        step: { min: 600_000, max: null, inconclusive: 'pause' },
      },
      holdback: { weight: 2, for: 86_400_000 },
      layer: { name: 'search', from: 0, to: 50 },
    });
  });

  it('says what a shadow may cost', () => {
    const shadow = { target: 'sim/a', sample: '10%', budget: '20 USD/day' };
    expect(parseRollout({ name: 's', match: { model: 'm' }, shadow }, config).shadow).toEqual({
      sample: 10,
      budget: { usd: 20, per: 'day' },
      timeout: 30_000,
    });
  });

  it('keeps the arms of an A/B test in order, with their weights', () => {
    const { kind, arms, steps } = parseRollout(AB, config);
    expect(kind).toBe('experiment');
    expect(arms.map(({ name, weight }) => [name, weight])).toEqual([
      ['a', 50],
      ['b', 30],
    ]);
    expect(steps).toEqual([]);
  });

  it('accepts weights that add up to 100 but for rounding', () => {
    const arms = { a: { weight: 33.4 }, b: { weight: 33.3 }, c: { weight: 33.3 } };
    expect(parseRollout({ ...AB, arms }, config).arms).toHaveLength(3);
  });

  it('takes its own salt, units, steps and conditions', () => {
    const spec = parseRollout(
      { ...CANARY, salt: 's', sticky: ['key'], steps: [0, '0.5%', 10], match: { key: 'team-*', 'metadata.tier': 2 } },
      config,
    );
    expect(spec).toMatchObject({ salt: 's', sticky: ['key'], steps: [0, 0.5, 10].map(plainStep) });
    expect(spec.match).toEqual({ model: null, key: 'team-*', metadata: { tier: '2' } });
  });
});

type Case = [what: string, declared: unknown, path: string, message: string, fix: string];

const CASES: Case[] = [
  ['no object', 'x', '', 'must be a map, not text', 'write a map'],
  ['no name', { ...CANARY, name: undefined }, 'name', 'is missing', 'add it'],
  ['a bad name', { ...CANARY, name: 'a b' }, 'name', 'must be a name', '1 to 64'],
  ['no match', { ...CANARY, match: undefined }, 'match', 'is missing', 'add it'],
  ['an empty match', { ...CANARY, match: {} }, 'match', 'names no condition', 'model: "*"'],
  ['a mistyped condition', { ...CANARY, match: { modle: 'm' } }, 'match.modle', 'is not a condition', 'metadata.NAME'],
  ['no form', { name: 'r', match: { model: 'm' } }, '', 'none of canary, arms and shadow', 'exactly one'],
  ['two forms', { ...CANARY, ...AB }, '', 'has canary and arms', 'exactly one'],
  ['a canary that changes nothing', { ...CANARY, canary: {} }, 'canary', 'changes nothing', 'target, params'],
  ['an unknown field', { ...CANARY, step: { mni: '1m' } }, 'step.mni', 'is not a known setting', '"min"'],
  ['an unknown provider', { ...CANARY, canary: { target: 'sin/a' } }, 'canary.target', 'provider "sin"', '"sim"'],
  ['an unknown provider for stable', { ...CANARY, stable: { target: 'x/a' } }, 'stable.target', 'provider "x"', 'sim'],
  ['an unknown shadow provider', { ...SHADOW, shadow: { target: 'x/a' } }, 'shadow.target', 'provider "x"', 'sim'],
  ['an unknown prompt', { ...CANARY, canary: { prompt: 'support@v7' } }, 'canary.prompt', 'prompt "support@v7"', '@v6'],
  [
    'a prompt without a version',
    { ...CANARY, canary: { prompt: 'support' } },
    'canary.prompt',
    'must be a prompt',
    '@',
  ],
  ['an empty step list', { ...CANARY, steps: [] }, 'steps', 'is empty', '5%'],
  ['steps that stand still', { ...CANARY, steps: [5, 5] }, 'steps', 'must rise strictly', 'larger'],
  ['steps that fall', { ...CANARY, steps: ['50%', '5%'] }, 'steps', 'must rise strictly', 'larger'],
  ['the name of the holdout', { ...CANARY, name: 'holdout' }, 'name', 'is the name of the holdout', 'another name'],
  [
    'an empty range of a layer',
    { ...CANARY, layer: { name: 'l', from: 50, to: 50 } },
    'layer.to',
    'not above',
    'from: 0%',
  ],
  ['a margin of everything', { ...CANARY, guard: { cost: '-100%' } }, 'guard.cost', 'more than -100 %', '+25%'],
  ['a holdback of nothing', { ...CANARY, holdback: { weight: 0, for: '1h' } }, 'holdback.weight', 'nothing back', '1%'],
  ['a step that ends too early', { ...CANARY, step: { min: '2h', max: '1h' } }, 'step.max', 'ends before', 'below min'],
  [
    'one step that ends before the least time of all',
    { ...CANARY, step: { min: '2h' }, steps: [5, { weight: 25, max: '1h' }] },
    'steps[1].max',
    'ends before',
    'below min',
  ],
  ['a step without a weight', { ...CANARY, steps: [{ pause: true }] }, 'steps[0].weight', 'is missing', 'add it'],
  ['a step above 100 %', { ...CANARY, steps: [5, 101] }, 'steps[1]', 'must be a percentage', '0 to 100'],
  ['an unknown unit', { ...CANARY, sticky: ['session'] }, 'sticky[0]', 'not a source of units', 'metadata.NAME'],
  ['an unknown segment', { ...CANARY, segments: ['user'] }, 'segments[0]', 'is not a segment', 'metadata.NAME'],
  ['a margin without a sign of %', { ...CANARY, guard: { cost: 20 } }, 'guard.cost', 'must be a margin', '+25%'],
  ['one arm', { ...AB, arms: { a: { weight: 50 } } }, 'arms', 'fewer than two arms', 'another arm'],
  ['too much weight', { ...AB, arms: { a: { weight: 60 }, b: { weight: 50 } } }, 'arms', 'add up to 110 %', 'at most'],
  ['an arm without weight', { ...AB, arms: { a: {}, b: { weight: 5 } } }, 'arms.a.weight', 'is missing', 'add it'],
  [
    'a bad arm name',
    { ...AB, arms: { 'a b': { weight: 1 }, b: { weight: 5 } } },
    'arms["a b"]',
    'must be a name',
    '64',
  ],
  ['steps in an A/B test', { ...AB, steps: [5] }, 'steps', 'has no meaning in an A/B test', 'remove it'],
  ['a goal in a canary', { ...CANARY, goal: { feedback: 'up' } }, 'goal', 'has no meaning in a canary', 'remove it'],
  ['a guard in shadow traffic', { ...SHADOW, guard: {} }, 'guard', 'has no meaning in shadow traffic', 'remove it'],
  ['a bad shadow budget', { ...SHADOW, shadow: { target: 'sim/a', budget: '5' } }, 'shadow.budget', 'a budget', 'USD'],
];

describe('a rollout is refused for', () => {
  it.each(CASES)('%s', (_, declared, path, message, fix) => {
    const [problem, ...others] = refusalOf(() => parseRollout(declared, config));
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ file: null, line: null, column: null, path });
    expect(problem!.message).toContain(message);
    expect(problem!.fix).toContain(fix);
  });

  it.each(['model', 'messages', 'input', 'prompt', 'system', 'stream'])('setting the body field %s', (field) => {
    const canary = { params: { [field]: 'x', temperature: 1 } };
    const problems = refusalOf(() => parseRollout({ ...CANARY, canary }, config));
    expect(problems.map(({ path }) => path)).toEqual([`canary.params.${field}`]);
    expect(problems[0]!.message).toContain('may not be set by a rollout');
  });

  it('a parameter that JSON cannot hold', () => {
    const canary = { params: { temperature: Number.NaN } };
    expect(refusalOf(() => parseRollout({ ...CANARY, canary }, config))[0]!.path).toContain(
      'canary.params.temperature',
    );
  });
});

describe('a rollout of the configuration file', () => {
  it('is refused with the line of the file', () => {
    const text = 'rollouts:\n  - name: r\n    match: { model: m }\n    canary:\n      target: sim/a\n';
    const [problem] = problemsOf(text);
    expect(problem).toMatchObject({ line: 5, column: 15, path: 'rollouts[0].canary.target', fix: 'remove it' });
  });
});
