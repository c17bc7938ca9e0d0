import type { ProviderConfig, VertexConfig } from '../core/config.ts';
import type { AddressedCall, BodyRules, Provider } from '../core/provider.ts';
import { googleTokenRequest } from './google-token.ts';
import { keyTrouble } from './key-trouble.ts';

/**
 * Gemini at Google Cloud, with a service account; `publisher: anthropic` for Claude there.
 * @source https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference and
 * https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude
 */
export const googleVertex: Provider = {
  type: 'google-vertex',
  wire: 'gemini',
  speaks: () => false,
  upstreamPath: (basePath, path) => basePath + path,
  authHeader: (token) => ['authorization', `Bearer ${token}`],
  requiredHeaders: [['content-type', 'application/json']],
  keyTrouble,
  tokenRequest: googleTokenRequest,
  configured,
};

/** The version stands in the body, the model in the path. */
const CLAUDE_RULES: BodyRules = {
  renamed: {},
  unsent: [],
  refused: {},
  lacksDeveloper: false,
  omitsModel: true,
  added: { anthropic_version: '"vertex-2023-10-16"' },
};

function configured({ vertex }: ProviderConfig): Provider {
  if (vertex === null) return googleVertex;
  if (vertex.publisher === 'google')
    return { ...googleVertex, embeddings: 'vertex-embeddings', upstreamPath: geminiPath(vertex) };
  return {
    ...googleVertex,
    wire: 'messages',
    speaks: (operation) => operation === 'messages',
    bodyRules: CLAUDE_RULES,
    upstreamPath: claudePath(vertex),
  };
}

/** `/v1beta/models/M:generateContent` under its project and place. */
function geminiPath(vertex: VertexConfig): Provider['upstreamPath'] {
  const models = modelsOf(vertex);
  return (basePath, path) => basePath + path.replace(/^\/v1(?:beta\d*)?\/models\//, () => models);
}

function claudePath(vertex: VertexConfig): Provider['upstreamPath'] {
  const models = modelsOf(vertex);
  return (basePath: string, _path: string, call?: AddressedCall) =>
    `${basePath}${models}${encodeURIComponent(call?.model ?? '')}:${call?.isStream === true ? 'streamRawPredict' : 'rawPredict'}`;
}

function modelsOf({ project, location, publisher }: VertexConfig): string {
  return `/v1/projects/${project}/locations/${location}/publishers/${publisher}/models/`;
}
