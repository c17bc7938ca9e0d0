import type { TokenUsage } from '../completion.ts';
import { isObject, numberOf } from '../provider-json.ts';

/**
 * What a reply has used so far; null where nothing is counted yet. Thoughts stand beside the candidates, results of the
 * vendor's own tools beside the prompt, and each is billed as what it stands beside.
 * @source https://ai.google.dev/api/generate-content#UsageMetadata
 */
export function readUsage(metadata: unknown): TokenUsage | null {
  if (!isObject(metadata)) return null;
  const prompt = numberOf(metadata['promptTokenCount']);
  const candidates = numberOf(metadata['candidatesTokenCount']);
  if (prompt === null && candidates === null) return null;
  const thoughts = numberOf(metadata['thoughtsTokenCount']);
  return {
    input: (prompt ?? 0) + (numberOf(metadata['toolUsePromptTokenCount']) ?? 0),
    cacheRead: numberOf(metadata['cachedContentTokenCount']),
    cacheWrite: null,
    output: (candidates ?? 0) + (thoughts ?? 0),
    reasoning: thoughts,
  };
}
