import { hash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { KeyConfig } from '../../src/core/config.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { KeyRing } from '../../src/identify/api-key.ts';

const HASH_KEY = Buffer.alloc(32, 7);

function key(name: string, secret: string, more: Partial<KeyConfig> = {}): KeyConfig {
  const secretHash = hash('sha256', secret);
  const limits = { requests: null, tokens: null, concurrent: null };
  const allowance = { limits, budgets: [], onCounterFailure: { kind: 'closed' } } as const;
  const rest = { models: ['*'], allowArmOverride: false, team: null, allowance, metadata: {}, redaction: null };
  return { name, secretHash, ...rest, ...more };
}

const KEYS = [
  key('dev', 'sk-sluice-dev', { metadata: { team: 'core' }, allowArmOverride: true }),
  key('narrow', 'sk-sluice-narrow', { models: ['gpt-*', 'chat-fast'] }),
];
const required = new KeyRing(KEYS, true, HASH_KEY);
const optional = new KeyRing(KEYS, false, HASH_KEY);

function refusal(ring: KeyRing, headers: Record<string, string>): GatewayError {
  try {
    ring.identify(headers);
  } catch (error) {
    if (error instanceof GatewayError) return error;
  }
  throw new Error('not refused');
}

describe('the auth gate', () => {
  it.each([
    { authorization: 'Bearer sk-sluice-dev' },
    { authorization: 'bearer  sk-sluice-dev ' },
    { 'x-api-key': 'sk-sluice-dev' },
  ])('knows the key in %j', (headers) => {
    const { principal, consumed } = required.identify(headers);
    expect([principal.name, principal.isAnonymous, principal.allowArmOverride]).toEqual(['dev', false, true]);
    expect(principal.metadata).toEqual({ team: 'core' });
    expect(consumed).toEqual(Object.keys(headers));
  });

  it('gives one and the same answer to a missing, a wrong and a malformed key', () => {
    const answers = [
      {},
      { authorization: 'Bearer nope' },
      { authorization: 'Basic c2stc2x1aWNlLWRldg==' },
      { authorization: 'Bearer ' },
      { 'x-api-key': '' },
      { 'x-api-key': 'SK-SLUICE-DEV' },
    ].map((headers) => refusal(required, headers as Record<string, string>));
    for (const { code, message, details } of answers) {
      expect([code, message, details]).toEqual(['invalid_api_key', answers[0]!.message, answers[0]!.details]);
    }
    expect(answers[0]!.message).not.toContain('nope');
  });

  it('takes its own key from one header and leaves the other to the provider', () => {
    const { principal, consumed } = required.identify({
      authorization: 'Bearer sk-provider',
      'x-api-key': 'sk-sluice-dev',
    });
    expect([principal.name, consumed]).toEqual(['dev', ['x-api-key']]);
    expect(required.identify({ authorization: 'Bearer sk-sluice-dev', 'x-api-key': 'sk-provider' }).consumed).toEqual([
      'authorization',
    ]);
  });

  it('marks both headers where both hold keys of ours, and goes by the first', () => {
    const { principal, consumed } = required.identify({
      authorization: 'Bearer sk-sluice-narrow',
      'x-api-key': 'sk-sluice-dev',
    });
    expect([principal.name, consumed]).toEqual(['narrow', ['authorization', 'x-api-key']]);
  });

  it('lets the anonymous caller in only where no key is required, and with no rights over arms', () => {
    const { principal, consumed } = optional.identify({ authorization: 'Bearer unknown' });
    expect([principal.name, principal.isAnonymous, principal.allowArmOverride, consumed]).toEqual([
      'anonymous',
      true,
      false,
      [],
    ]);
    expect(optional.identify({ 'x-api-key': 'sk-sluice-dev' }).principal.name).toBe('dev');
    expect(refusal(new KeyRing([], true, HASH_KEY), { authorization: 'Bearer x' }).code).toBe('invalid_api_key');
  });

  it('binds a key to its models', () => {
    const { principal } = required.identify({ 'x-api-key': 'sk-sluice-narrow' });
    expect(['gpt-4', 'chat-fast', 'chat-fast2', 'o1', '*'].map((model) => principal.mayUse(model))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('keeps no secret in memory that an inspection could show', () => {
    const shown = inspect([required, required.identify({ 'x-api-key': 'sk-sluice-dev' })], {
      depth: Infinity,
      showHidden: true,
      maxArrayLength: null,
    });
    expect(shown).toContain('dev');
    for (const secret of ['sk-sluice-dev', 'sk-sluice-narrow']) {
      expect(shown).not.toContain(secret);
      expect(shown).not.toContain(Buffer.from(secret).toString('hex'));
      // Without a key, it could be tried against guesses.
      expect(shown).not.toContain(hash('sha256', secret));
    }
  });

  it('digests with its hash key: the same secret looks different under another one', () => {
    const digests = (ring: KeyRing): string[] =>
      [...inspect(ring, { depth: Infinity }).matchAll(/[0-9a-f]{64}/g)].map(String);
    const other = digests(new KeyRing(KEYS, true, Buffer.alloc(32, 8)));
    expect(other.length).toBeGreaterThanOrEqual(KEYS.length);
    for (const digest of digests(required)) expect(other).not.toContain(digest);
  });
});
