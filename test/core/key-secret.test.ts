import { describe, expect, it } from 'vitest';
import { createSecret, hasSecretForm, KeyDigest, secretPrefix } from '../../src/core/key-secret.ts';

describe('the secret of a stored key', () => {
  it('is another each time, of a form that is known again', () => {
    const secrets = new Set(Array.from({ length: 1_000 }, createSecret));
    expect(secrets.size).toBe(1_000);
    for (const secret of secrets) expect([secret, hasSecretForm(secret)]).toEqual([secret, true]);
  });

  it('uses all letters and digits, each about as often as any other', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 2_000; i++)
      for (const letter of createSecret().slice('sk-sluice-'.length)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect(counts.size).toBe(62);
    // 1387 are expected; ten standard deviations are 370.
    for (const count of counts.values()) expect(Math.abs(count - 1_387)).toBeLessThan(370);
  });

  it('shows four characters of it, and leaves 39', () => {
    const secret = createSecret();
    expect(secretPrefix(secret)).toBe(`${secret.slice(0, 14)}…`);
  });

  it.each([
    '',
    'sk-sluice-dev',
    `sk-sluice-${'a'.repeat(42)}`,
    `sk-sluice-${'a'.repeat(44)}`,
    `sk-sluice-${'-'.repeat(43)}`,
    `SK-SLUICE-${'a'.repeat(43)}`,
  ])('is not %j', (text) => expect(hasSecretForm(text)).toBe(false));
});

it('a digest is another under another key of the store', () => {
  const [one, other] = [new KeyDigest(Buffer.alloc(32, 1)), new KeyDigest(Buffer.alloc(32, 2))];
  expect(one.of('sk')).toMatch(/^[0-9a-f]{64}$/);
  expect(one.of('sk')).toBe(new KeyDigest(Buffer.alloc(32, 1)).of('sk'));
  expect(one.of('sk')).not.toBe(other.of('sk'));
});
