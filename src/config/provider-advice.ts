import type { Config, ProviderConfig } from '../core/config.ts';
import { COMPATIBLE } from '../providers/compatible.ts';
import type { Issues } from './problem.ts';

/** Vendors outside the table that answer nobody without a key. */
const NEED_A_KEY: ReadonlySet<string> = new Set(['azure-openai', 'google-gemini']);
const CREDENTIAL_HEADER = /key|auth|token/;

/** Warns of vendors that would answer 401 to every request: the variable of a key is most often just not set. */
export function adviseProviders({ providers }: Config, warnings: Issues): void {
  for (const { name, type, baseUrl, key, headers } of providers) {
    const hasHeader = Object.keys(headers).some((header) => CREDENTIAL_HEADER.test(header));
    if (key.kind !== 'none' || hasHeader || !needsKey(type, baseUrl)) continue;
    warnings.add(['providers', name], `has no key, and ${type} answers nobody without one`, 'set apiKey');
  }
}

/** A server of one's own may speak a vendor's dialect and want no key. */
function needsKey(type: ProviderConfig['type'], baseUrl: string | null): boolean {
  if (NEED_A_KEY.has(type)) return true;
  const vendor = Object.entries(COMPATIBLE).find(([name]) => name === type)?.[1];
  return vendor !== undefined && vendor.needsKey && vendor.baseUrl === baseUrl;
}
