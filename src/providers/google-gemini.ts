import type { ListedModel, Provider } from '../core/provider.ts';
import { keyTrouble } from './key-trouble.ts';

/**
 * Google's Gemini API with an API key: all calls are translated. The base URL has no version.
 * @source https://ai.google.dev/api/generate-content
 */
export const googleGemini: Provider = {
  type: 'google-gemini',
  wire: 'gemini',
  embeddings: 'gemini-embeddings',
  modelList: { path: '/v1beta/models?pageSize=1000', read: listedModels },
  speaks: () => false,
  upstreamPath: (basePath, path) => basePath + path,
  authHeader: (key) => ['x-goog-api-key', key],
  requiredHeaders: [['content-type', 'application/json']],
  keyTrouble,
};

const CALLABLE: ReadonlySet<unknown> = new Set(['generateContent', 'embedContent']);

interface GeminiModel {
  readonly name?: unknown;
  readonly supportedGenerationMethods?: unknown;
}

/** @source https://ai.google.dev/api/models#method:-models.list */
function listedModels(reply: unknown): readonly ListedModel[] {
  const { models } = (reply ?? {}) as { readonly models?: unknown };
  if (!Array.isArray(models)) return [];
  return models.flatMap((model: GeminiModel | null) => {
    const { name, supportedGenerationMethods: methods } = model ?? {};
    if (typeof name !== 'string' || !Array.isArray(methods) || !methods.some((each) => CALLABLE.has(each))) return [];
    return [{ id: name.replace(/^models\//, '') }];
  });
}
