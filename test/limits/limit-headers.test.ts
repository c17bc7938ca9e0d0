import { describe, expect, it } from 'vitest';
import { goDuration, limitHeaders } from '../../src/limits/limit-headers.ts';
import { Subject, type NamedClaim } from '../../src/limits/subject.ts';

const closed = { kind: 'closed' } as const;
const subject = (requests: number, tokens: number | null = null): Subject =>
  new Subject('key:a', 'key:a', {
    limits: {
      requests: { amount: requests, per: 60_000 },
      tokens: tokens === null ? null : { amount: tokens, per: 60_000 },
      concurrent: null,
    },
    budgets: [],
    onCounterFailure: closed,
  });

function claimsOf(...subjects: readonly Subject[]): NamedClaim[] {
  const claims: NamedClaim[] = [];
  for (const each of subjects) each.addClaims(claims, { tokens: 1, nanoUsd: 0 }, 0);
  return claims;
}

describe('a duration as OpenAI writes it', () => {
  it.each([
    [0, '0s'],
    [0.4, '1ms'],
    [120, '120ms'],
    [1_000, '1s'],
    [8_640, '8.64s'],
    [60_000, '1m0s'],
    [360_000, '6m0s'],
    [3_600_000, '1h0m0s'],
    [3_630_500, '1h0m30.5s'],
    [90_000_000, '25h0m0s'],
  ])('%d ms: %s', (milliseconds, text) => {
    expect(goDuration(milliseconds)).toBe(text);
  });
});

describe('the headers of several limits', () => {
  it('tell of the one of which least is left', () => {
    const claims = claimsOf(subject(100, 900), subject(50));
    const states = [9, 800, 10].map((remaining) => ({ remaining, resetAfter: 1_500, retryAfter: 0 }));
    expect(limitHeaders(claims, states, 'openai', 0)).toEqual([
      'x-ratelimit-limit-requests',
      '100',
      'x-ratelimit-remaining-requests',
      '9',
      'x-ratelimit-reset-requests',
      '1.5s',
      'x-ratelimit-limit-tokens',
      '900',
      'x-ratelimit-remaining-tokens',
      '800',
      'x-ratelimit-reset-tokens',
      '1.5s',
    ]);
  });

  it('come with Anthropic’s names for its clients, the time of the reset never too early', () => {
    const headers = limitHeaders(
      claimsOf(subject(5)),
      [{ remaining: 4, resetAfter: 1_500, retryAfter: 0 }],
      'anthropic',
      0,
    );
    expect(headers.slice(6)).toEqual([
      'anthropic-ratelimit-requests-limit',
      '5',
      'anthropic-ratelimit-requests-remaining',
      '4',
      'anthropic-ratelimit-requests-reset',
      '1970-01-01T00:00:02Z',
    ]);
  });
});
