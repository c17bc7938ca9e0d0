import type { StoredKey, StoredSecret } from '../../src/core/keys.ts';

export function keySecret(digest: string, createdAt = 1, validUntil: number | null = null): StoredSecret {
  return { digest, prefix: 'sk-sluice-ab12…', createdAt, validUntil };
}

/** `key_NAME` with the digest `d-NAME`, in its first version. */
export function storedKey(name: string, change: Partial<StoredKey> = {}): Omit<StoredKey, 'change'> {
  return {
    id: `key_${name}`,
    name,
    declared: { name, models: ['gpt-*'] },
    secrets: [keySecret(`d-${name}`)],
    createdAt: 1,
    updatedAt: 2,
    revokedAt: null,
    version: 1,
    ...change,
  };
}
