import type { Provider } from '../core/provider.ts';
import { protocolOf } from '../core/operation.ts';

/** OpenAI and every server that copies its API. The base URL carries the version, as the official SDKs have it. */
export const openai: Provider = {
  type: 'openai',
  wire: 'chat',
  speaks: (operation) => protocolOf(operation) === 'openai',
  upstreamPath: (basePath, path) => basePath + path.slice('/v1'.length),
  authHeader: (key) => ['authorization', `Bearer ${key}`],
  requiredHeaders: [],
};
