import type { Provider } from '../core/provider.ts';
import { keyTrouble } from './key-trouble.ts';

/**
 * Google's Gemini API with an API key: all calls are translated. The base URL has no version.
 * @source https://ai.google.dev/api/generate-content
 */
export const googleGemini: Provider = {
  type: 'google-gemini',
  wire: 'gemini',
  embeddings: 'gemini-embeddings',
  speaks: () => false,
  upstreamPath: (basePath, path) => basePath + path,
  authHeader: (key) => ['x-goog-api-key', key],
  requiredHeaders: [['content-type', 'application/json']],
  keyTrouble,
};
