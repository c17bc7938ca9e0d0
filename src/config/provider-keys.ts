import type { KeyCooldown, ProviderKey } from '../core/provider-key.ts';
import type { Issues, Path } from './problem.ts';

interface KeyFields {
  readonly apiKey?: string | null | undefined;
  readonly apiKeys?: readonly string[] | undefined;
  readonly keyCooldown: KeyCooldown;
}

/** @param at the path of the provider */
export function toStaticKey({ apiKey, apiKeys, keyCooldown }: KeyFields, at: Path, issues: Issues): ProviderKey {
  if (apiKeys !== undefined) return toPool(apiKeys, apiKey, keyCooldown, at, issues);
  if (!apiKey) return { kind: 'none' };
  return apiKey === 'client' ? { kind: 'client' } : { kind: 'configured', value: apiKey };
}

function toPool(
  apiKeys: readonly string[],
  apiKey: string | null | undefined,
  cooldown: KeyCooldown,
  at: Path,
  issues: Issues,
): ProviderKey {
  if (apiKey) issues.add([...at, 'apiKeys'], 'stands beside "apiKey"', 'write one of the two');
  for (const [index, key] of apiKeys.entries()) {
    const path = [...at, 'apiKeys', index];
    if (key === 'client') issues.add(path, 'is no key', 'write apiKey: client instead of apiKeys');
    if (key !== '' && apiKeys.indexOf(key) < index)
      issues.add(path, `is the same as "apiKeys[${apiKeys.indexOf(key)}]"`, 'name each key once');
  }
  const values = apiKeys.filter((key) => key !== '');
  if (values.length === 0) return { kind: 'none' };
  return values.length === 1 ? { kind: 'configured', value: values[0]! } : { kind: 'pool', values, cooldown };
}
