import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeKeySettings, readStoredKey } from '../../src/config/keys.ts';
import { load, problemsOf, whole } from './load-text.ts';

const keyOf = (yaml: string) => load(`keys: [{ name: a, secret: s, ${yaml} }]`).config.keys[0]!;

describe('a key of the file', () => {
  it.each([
    [
      'limits: { requests: 600/m, tokens: 1.5M/h, concurrent: 4 }',
      { requests: [600, 60_000], tokens: [1.5e6, 3_600_000] },
    ],
    ['limits: { tokens: 200k/d }', { requests: null, tokens: [200_000, 86_400_000] }],
    ['limits: { requests: 1.005k/s }', { requests: [1_005, 1_000], tokens: null }],
  ])('reads %s', (yaml, expected) => {
    const { requests, tokens } = keyOf(yaml).limits;
    const pair = (rate: typeof requests) => (rate === null ? null : [rate.amount, rate.per]);
    expect({ requests: pair(requests), tokens: pair(tokens) }).toEqual(expected);
  });

  it.each([
    ['50 USD/month', [{ usd: 50, per: 'month', isRolling: false }]],
    ['0.5USD/hour rolling', [{ usd: 0.5, per: 'hour', isRolling: true }]],
    [
      '[50 USD/month, 5 USD/day rolling]',
      [
        { usd: 50, per: 'month', isRolling: false },
        { usd: 5, per: 'day', isRolling: true },
      ],
    ],
  ])('reads the budget %s', (text, budgets) => {
    expect(keyOf(`budget: ${text}`).budgets).toEqual(budgets);
  });

  it.each([
    ['2027-01-31', Date.UTC(2027, 0, 31)],
    ['2027-01-31T12:30:00Z', Date.UTC(2027, 0, 31, 12, 30)],
    ['"2027-01-31T12:30+02:00"', Date.UTC(2027, 0, 31, 10, 30)],
    ['2028-02-29', Date.UTC(2028, 1, 29)],
  ])('ends at %s', (text, instant) => {
    expect(keyOf(`expiresAt: ${text}`).expiresAt).toBe(instant);
  });

  it.each([
    ['closed', { kind: 'closed' }],
    ['25%', { kind: 'local', share: 0.25 }],
    ['0.5%', { kind: 'local', share: 0.005 }],
  ])('takes onCounterFailure: %s', (text, expected) => {
    expect(keyOf(`onCounterFailure: ${text}`).onCounterFailure).toEqual(expected);
  });
});

it('keys of a team find it, wherever it stands', () => {
  const { config } = load(
    'keys: [{ name: a, secret: s, team: t }]\nteams: [{ name: t, models: [o1], metadata: { x: 1 } }]',
  );
  expect(config.teams).toEqual([
    {
      name: 't',
      models: ['o1'],
      metadata: { x: '1' },
      limits: { requests: null, tokens: null, concurrent: null },
      budgets: [],
      onCounterFailure: { kind: 'closed' },
    },
  ]);
  expect(config.keys[0]!.team).toBe('t');
});

describe('is refused at its place, with the fix:', () => {
  it.each([
    [
      'an unknown team',
      'keys: [{ name: a, secret: s, team: serach }]\nteams: [{ name: search }]',
      '1:36',
      'did you mean "search"?',
    ],
    ['a team twice', 'teams: [{ name: t }, { name: t }]', '1:30', 'give each its own name'],
    ['a rate of nothing', 'keys: [{ name: a, secret: s, limits: { tokens: 0/m } }]', '1:48', '600/m'],
    ['a budget in a list', 'keys: [{ name: a, secret: s, budget: [5 USD/day, 5 USD/year] }]', '1:50', '50 USD/month'],
    ['a day that there is not', 'keys: [{ name: a, secret: s, expiresAt: 2027-02-30 }]', '1:41', '2027-01-31'],
    [
      'a time without its zone',
      'keys: [{ name: a, secret: s, expiresAt: 2027-02-03T10:00 }]',
      '1:41',
      '2027-01-31T12:00:00Z',
    ],
    [
      'two budgets of one window, which would be counted as one',
      'keys: [{ name: a, secret: s, budget: [5 USD/day, 6 USD/day rolling, 7 USD/day] }]',
      '1:69',
      'keep the lower of the two',
    ],
    ['an unknown failure', 'teams: [{ name: t, onCounterFailure: open }]', '1:38', 'write closed'],
    ['more than all', 'teams: [{ name: t, onCounterFailure: 200% }]', '1:38', 'a share of the limit such as 25%'],
    ['a secret of a team', 'teams: [{ name: t, secret: s }]', '1:20', 'remove it'],
    ['a stale time without a unit', 'auth: { staleKeys: 5 }', '1:20', '30s'],
  ])('%s', (_, yaml, place, fix) => {
    const [problem] = problemsOf(whole(yaml));
    expect(`${problem!.line}:${problem!.column}`).toBe(place);
    expect(problem!.fix).toContain(fix);
  });
});

it('what a key is described as declares the same key', () => {
  const rate = fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.constantFrom('s', 'm', 'h', 'd'));
  const declared = fc.record({
    name: fc.constant('a'),
    limits: fc.record({
      requests: rate.map(([n, per]) => `${n}/${per}`),
      tokens: rate.map(([n, per]) => `${n}k/${per}`),
    }),
    budget: fc.uniqueArray(fc.constantFrom('5 USD/day', '0.25 USD/month rolling', '0 USD/hour')),
    onCounterFailure: fc.constantFrom('closed', '50%'),
    expiresAt: fc.integer({ min: 0, max: 4e12 }).map((ms) => new Date(ms).toISOString()),
    redaction: fc.constantFrom(
      { emails: 'mask' },
      { rules: [{ id: 'x', request: 'mask' }], restore: { cards: 'nowhere' } },
    ),
  });
  fc.assert(
    fc.property(declared, (given) => {
      const settings = readStoredKey(given);
      const described = Object.entries(describeKeySettings(settings)).filter(([, value]) => value !== null);
      expect(readStoredKey(Object.fromEntries(described))).toEqual(settings);
    }),
    { seed: 5, numRuns: 200 },
  );
});
