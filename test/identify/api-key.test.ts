import { hash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { KeyConfig } from '../../src/core/config.ts';
import type { TeamConfig } from '../../src/core/limits.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { KeyDigest } from '../../src/core/key-secret.ts';
import { KeyRing, type Identity } from '../../src/identify/api-key.ts';

import { SETTINGS } from './key-fixtures.ts';

const HASH_KEY = Buffer.alloc(32, 7);

const NOW = Date.UTC(2026, 0, 31, 12);
const clock = { now: () => 0, wall: () => NOW };

function key(name: string, secret: string, more: Partial<KeyConfig> = {}): KeyConfig {
  return { ...SETTINGS, name, secretHash: hash('sha256', secret), ...more };
}

const KEYS = [
  key('dev', 'sk-sluice-dev', { metadata: { team: 'core' }, allowArmOverride: true }),
  key('narrow', 'sk-sluice-narrow', { models: ['gpt-*', 'chat-fast'] }),
];

/** Of keys of the configuration alone: their answers are there at once. */
function ringOf(
  keys: readonly KeyConfig[],
  isRequired: boolean,
  hashKey = HASH_KEY,
  teams: readonly TeamConfig[] = [],
) {
  const stored = { find: () => null };
  const digest = new KeyDigest(hashKey);
  const ring = new KeyRing({ keys, teams, isRequired, digest, clock, stored, staleKeys: 0 });
  return { ring, identify: (headers: Record<string, string>) => ring.identify(headers) as Identity };
}

const required = ringOf(KEYS, true);
const optional = ringOf(KEYS, false);

function refusal(ring: { identify(headers: Record<string, string>): unknown }, headers: Record<string, string>) {
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
    expect(refusal(ringOf([], true), { authorization: 'Bearer x' }).code).toBe('invalid_api_key');
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
    const shown = inspect([required.ring, required.identify({ 'x-api-key': 'sk-sluice-dev' })], {
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
    const other = digests(ringOf(KEYS, true, Buffer.alloc(32, 8)).ring);
    expect(other.length).toBeGreaterThanOrEqual(KEYS.length);
    for (const digest of digests(required.ring)) expect(other).not.toContain(digest);
  });

  it('is ended by the clock for a key with an end', () => {
    const keys = [key('over', 'a', { expiresAt: NOW }), key('still', 'b', { expiresAt: NOW + 1 })];
    const { identify } = ringOf(keys, true);
    expect(refusal({ identify }, { 'x-api-key': 'a' }).code).toBe('invalid_api_key');
    expect(identify({ 'x-api-key': 'b' }).principal.expiresAt).toBe(NOW + 1);
    const anonymous = ringOf(keys, false).identify({ 'x-api-key': 'a' });
    expect([anonymous.principal.isAnonymous, anonymous.consumed]).toEqual([true, ['x-api-key']]);
  });

  it('gives a key of a team what both allow, and the metadata of both', () => {
    const { name: _, ...rest } = SETTINGS;
    const team = { ...rest, name: 'search', models: ['gpt-*', 'o1'], metadata: { team: 'search', tier: 'b' } };
    const keys = [
      key('any', 'a', { team: 'search', metadata: { tier: 'a' } }),
      key('one', 'b', { team: 'search', models: ['o1', 'o3'] }),
    ];
    const { identify } = ringOf(keys, true, HASH_KEY, [team]);
    const any = identify({ 'x-api-key': 'a' }).principal;
    expect([any.metadata, any.modelNames, any.team?.name]).toEqual([{ team: 'search', tier: 'a' }, ['o1'], 'search']);
    expect(any.allowances.map(({ counter }) => counter)).toEqual(['key:config:any', 'team:search']);
    expect(['gpt-4', 'o1', 'o3', '*'].map(any.mayUse)).toEqual([true, true, false, false]);
    const one = identify({ 'x-api-key': 'b' }).principal;
    expect(['gpt-4', 'o1', 'o3', '*'].map(one.mayUse)).toEqual([false, true, false, false]);
  });
});
