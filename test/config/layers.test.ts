import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/problem.ts';
import { load } from './load-text.ts';

const BASE = 'providers: { sim: { type: simulator } }\nmodels: { m: { target: sim/a }, n: { target: sim/a } }\n';

/** @returns the message of each problem */
function problems(rollouts: readonly object[]): readonly string[] {
  try {
    load(`${BASE}rollouts: ${JSON.stringify(rollouts)}`);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ message }) => message);
  }
}

const canary = (name: string, more: object = {}): object => ({
  name,
  match: { model: 'm' },
  canary: { target: 'sim/b' },
  ...more,
});
const prompted = (name: string, more: object = {}): object => ({
  name,
  match: { model: 'm' },
  canary: { params: { temperature: 0 } },
  ...more,
});

describe('rollouts of one layer', () => {
  it('may follow one another in its range', () => {
    const one = canary('one', { layer: { name: 'l', to: 50 } });
    expect(problems([one, canary('two', { layer: { name: 'l', from: 50 } })])).toEqual([]);
  });

  it('may not overlap', () => {
    const one = canary('one', { layer: { name: 'l', to: 60 } });
    const [problem] = problems([one, canary('two', { layer: { name: 'l', from: 50 } })]);
    expect(problem).toContain('overlaps the range of "one" in the layer "l"');
  });

  it('must have the same units', () => {
    const one = canary('one', { layer: { name: 'l', to: 50 }, sticky: ['key'] });
    const [problem] = problems([one, canary('two', { layer: { name: 'l', from: 50 } })]);
    expect(problem).toContain('differs from that of "one" in the same layer');
  });
});

describe('rollouts of different layers', () => {
  const layer = { name: 'l' };

  it('may change different things of the same requests', () => {
    expect(problems([canary('one'), prompted('two', { layer })])).toEqual([]);
  });

  it('may change the same thing of different requests', () => {
    expect(problems([canary('one'), canary('two', { layer, match: { model: 'n' } })])).toEqual([]);
  });

  it.each<readonly [object, object, string]>([
    [{ model: 'm' }, { model: '*' }, 'names that a glob takes'],
    [{ model: 'gpt-*' }, { model: '*-mini' }, 'globs that one name can fit'],
    [{ model: 'gpt-*' }, { model: 'gpt-4*' }, 'globs of which one holds the other'],
    [{ model: 'm' }, { key: 'team-a' }, 'conditions of different kinds'],
    [{ 'metadata.a': 'x' }, { 'metadata.b': 'y' }, 'values of different metadata'],
  ])('may not change the same thing where they match %j and %j: %s', (match, other) => {
    const [problem] = problems([canary('one', { match }), canary('two', { layer, match: other })]);
    expect(problem).toContain('changes the target and so does "one"');
  });

  it.each<readonly [object, object]>([
    [{ model: 'gpt-*' }, { model: 'claude-1' }],
    [{ model: 'gpt-*' }, { model: 'claude-*' }],
    [{ model: '*-mini' }, { model: '*-large' }],
    [
      { model: 'm', key: 'team-a' },
      { model: 'm', key: 'team-b' },
    ],
    [{ 'metadata.a': 'x' }, { 'metadata.a': 'y' }],
  ])('may change the same thing where no request matches both %j and %j', (match, other) => {
    expect(problems([canary('one', { match }), canary('two', { layer, match: other })])).toEqual([]);
  });

  it('may not share a salt', () => {
    const [problem] = problems([canary('one', { salt: 's' }), prompted('two', { layer, salt: 's' })]);
    expect(problem).toContain('their arms would go together');
  });

  it('leave shadows out of account', () => {
    const shadow = { name: 's', match: { model: 'm' }, shadow: { target: 'sim/b' } };
    expect(problems([canary('one'), shadow])).toEqual([]);
  });
});

describe('the holdout', () => {
  const holdout = (text: string) => load(`${BASE}holdout: ${text}`).config.holdout;

  it('is nobody where the file has none', () => {
    expect(load(BASE).config.holdout).toBeNull();
  });

  it('is a share of users, of keys where no user is named, unless it says otherwise', () => {
    expect(holdout('{ share: 2% }')).toEqual({ share: 2, sticky: ['user', 'key'], salt: 'holdout' });
    expect(holdout('{ share: 5, sticky: [metadata.team], salt: s }')).toEqual({
      share: 5,
      sticky: ['metadata.team'],
      salt: 's',
    });
  });

  it('is refused without units', () => {
    expect(() => holdout('{ share: 2%, sticky: [] }')).toThrow('is empty');
    expect(() => holdout('{ share: 2%, sticky: [team] }')).toThrow('is not a source of units');
  });
});

describe('guards that look at no time', () => {
  const warnings = (rollout: object): readonly string[] =>
    load(`${BASE}rollouts: ${JSON.stringify([rollout])}`).warnings.map(({ message }) => message);

  it('are warned of: a canary that hangs would go unnoticed', () => {
    expect(warnings(canary('one', { guard: { error_rate: '+25%' } }))).toEqual([
      '"rollouts[0].guard" has neither latency_p95 nor ttft_p95: a canary that hangs until its callers give up would go unnoticed',
    ]);
    for (const metric of ['latency_p95', 'ttft_p95'])
      expect(warnings(canary('one', { guard: { error_rate: '+25%', [metric]: '+50%' } }))).toEqual([]);
    expect(warnings(canary('one', {}))).toEqual([]);
  });
});

describe('rollouts without a layer', () => {
  const warnings = (...rollouts: object[]): readonly string[] =>
    load(`${BASE}rollouts: ${JSON.stringify(rollouts)}`).warnings.map(({ message }) => message);
  const matching = (name: string, match: object): object => canary(name, { match });

  it.each<[object, object]>([
    [{ model: 'm' }, { model: 'm' }],
    [{ model: '*' }, { model: 'm' }],
    [{ model: 'gpt-*' }, { model: 'gpt-*', key: 'a' }],
    [{ 'metadata.tier': 'p*' }, { 'metadata.tier': 'pro', model: 'm' }],
  ])('are warned of where %j hides %j', (first, second) => {
    expect(warnings(matching('one', first), matching('two', second))).toEqual([
      '"rollouts[1]" never takes part: "one" matches all of its requests and comes first',
    ]);
  });

  it.each<[object, object]>([
    [{ model: 'm' }, { model: 'n' }],
    [{ model: 'm', key: 'a' }, { model: 'm' }],
    [{ model: 'm' }, { key: 'a' }],
    [{ model: 'gpt-*' }, { model: '*' }],
    [{ 'metadata.tier': 'pro' }, { model: 'm' }],
  ])('are not where %j leaves something to %j', (first, second) => {
    expect(warnings(matching('one', first), matching('two', second))).toEqual([]);
  });

  it('are not where a shadow or one of a layer is the other', () => {
    const shadow = { name: 's', match: { model: 'm' }, shadow: { target: 'sim/b' } };
    expect(warnings(shadow, canary('one'), { ...shadow, name: 't' })).toEqual([]);
    expect(warnings(canary('one'), prompted('two', { layer: { name: 'l' } }))).toEqual([]);
  });
});
