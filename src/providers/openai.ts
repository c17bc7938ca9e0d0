import type { CompatibleType } from '../core/config.ts';
import { protocolOf, type Operation } from '../core/operation.ts';
import type { Provider } from '../core/provider.ts';
import { COMPATIBLE } from './compatible.ts';
import { keyTrouble } from './key-trouble.ts';

/** OpenAI and every server that copies its API. The base URL carries the version, as the official SDKs have it. */
export const openai: Provider = {
  type: 'openai',
  wire: 'chat',
  speaks: (operation) => protocolOf(operation) === 'openai',
  upstreamPath: (basePath, path) => basePath + path.slice('/v1'.length),
  authHeader: (key) => ['authorization', `Bearer ${key}`],
  requiredHeaders: [],
  keyTrouble,
  configured: ({ api }) => (api === 'responses' ? { ...openai, wire: 'responses' } : openai),
};

const OF_EVERY_VENDOR: readonly Operation[] = ['models', 'passthrough'];

/** A vendor of the table. */
export function compatible(type: CompatibleType): Provider {
  const { operations, rules } = COMPATIBLE[type];
  const served = new Set([...OF_EVERY_VENDOR, ...operations]);
  const { configured: _, ...base } = openai;
  return {
    ...base,
    type,
    speaks: (operation) => served.has(operation),
    ...(rules === null ? {} : { bodyRules: rules }),
  };
}
