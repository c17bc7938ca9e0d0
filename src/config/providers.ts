import { canonicalAddress } from '../core/address.ts';
import type { CompatibleType, ProviderConfig, ProviderKey } from '../core/config.ts';
import { COMPATIBLE } from '../providers/compatible.ts';
import { checkBaseUrl } from './base-url.ts';
import type { Issues } from './problem.ts';
import type { ConfigFile, ProviderFile } from './schema.ts';

/** Adds an issue for all that the schema alone cannot see; what it returns counts only where none was added. */
export function toProvider(
  name: string,
  file: ProviderFile,
  { upstream }: Pick<ConfigFile, 'upstream'>,
  issues: Issues,
): ProviderConfig {
  const headers = Object.entries(file.headers).map(([header, value]) => [header.toLowerCase(), value]);
  const allowAddresses = file.type === 'simulator' ? [] : file.allowAddresses.map(canonicalAddress);
  const baseUrl = baseUrlOf(file);
  const at = ['providers', name, 'baseUrl'];
  return {
    name,
    type: file.type,
    baseUrl: baseUrl === null ? null : checkBaseUrl(baseUrl, allowAddresses, at, issues),
    key: file.type === 'simulator' ? { kind: 'none' } : toProviderKey(file.apiKey),
    api: file.type === 'openai' ? file.api : 'chat',
    headers: Object.fromEntries(headers) as Record<string, string>,
    timeouts: over(upstream.timeouts, file.timeouts),
    retries: over(upstream.retries, file.retries),
    circuitBreaker: over(upstream.circuitBreaker, file.circuitBreaker),
    maxConnections: file.maxConnections,
    allowAddresses,
    simulator: file.type === 'simulator' ? { seed: file.seed, profiles: file.profiles, faults: file.faults } : null,
  };
}

function baseUrlOf(file: ProviderFile): string | null {
  if (file.type === 'simulator') return null;
  return file.baseUrl ?? COMPATIBLE[file.type as CompatibleType].baseUrl;
}

function toProviderKey(apiKey: string | null | undefined): ProviderKey {
  if (!apiKey) return { kind: 'none' };
  return apiKey === 'client' ? { kind: 'client' } : { kind: 'configured', value: apiKey };
}

type Overrides<T> = { readonly [K in keyof T]?: T[K] | undefined };

function over<T extends object>(base: T, overrides: Overrides<T> | undefined): T {
  const given = Object.entries(overrides ?? {}).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(given) };
}
