import type { TokenUsage } from '../completion.ts';
import { isObject, numberOf } from '../provider-json.ts';

/** `inputTokens` leaves out what was read from a cache or written to one; null where nothing is counted. */
export function readUsage(usage: unknown): TokenUsage | null {
  if (!isObject(usage)) return null;
  const cacheRead = numberOf(usage['cacheReadInputTokens']);
  const cacheWrite = numberOf(usage['cacheWriteInputTokens']);
  return {
    input: (numberOf(usage['inputTokens']) ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0),
    cacheRead,
    cacheWrite,
    output: numberOf(usage['outputTokens']) ?? 0,
    reasoning: null,
  };
}
