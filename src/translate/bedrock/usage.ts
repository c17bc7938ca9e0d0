import type { TokenUsage } from '../completion.ts';
import { isObject, listOf, numberOf, objectOf } from '../provider-json.ts';

/** `inputTokens` leaves out what was read from a cache or written to one; null where nothing is counted. */
export function readUsage(usage: unknown): TokenUsage | null {
  if (!isObject(usage)) return null;
  const cacheRead = numberOf(usage['cacheReadInputTokens']);
  const cacheWrite = numberOf(usage['cacheWriteInputTokens']);
  return {
    input: (numberOf(usage['inputTokens']) ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0),
    cacheRead,
    cacheWrite,
    ...longWrite(usage['cacheDetails']),
    output: numberOf(usage['outputTokens']) ?? 0,
    reasoning: null,
  };
}

/** What was written, by how long it is kept. */
function longWrite(details: unknown): Pick<TokenUsage, 'longCacheWrite'> {
  const long = listOf(details)
    .map(objectOf)
    .filter(({ ttl }) => ttl === '1h');
  if (long.length === 0) return {};
  return { longCacheWrite: long.reduce((sum, { inputTokens }) => sum + (numberOf(inputTokens) ?? 0), 0) };
}
