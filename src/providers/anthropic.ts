import type { Provider } from '../core/provider.ts';
import { protocolOf } from '../core/operation.ts';
import { keyTrouble } from './key-trouble.ts';

/** Anthropic's own API. The official SDK's base URL has no version; one that ends in `/v1` is understood too. */
export const anthropic: Provider = {
  type: 'anthropic',
  wire: 'messages',
  speaks: (operation) => protocolOf(operation) === 'anthropic' || operation === 'models' || operation === 'passthrough',
  upstreamPath: (basePath, path) => (basePath.endsWith('/v1') ? basePath.slice(0, -'/v1'.length) : basePath) + path,
  authHeader: (key) => ['x-api-key', key],
  // @source https://docs.anthropic.com/en/api/versioning
  requiredHeaders: [['anthropic-version', '2023-06-01']],
  keyTrouble,
};
