import type { TokenUsage } from '../completion.ts';
import { readLongWrite, writeLongWrite } from '../openai/cache-writes.ts';
import { isObject, numberOrNull, objectOf, type JsonObject } from '../openai/fields.ts';

export function readUsage({ usage }: JsonObject): TokenUsage | null {
  if (!isObject(usage)) return null;
  const input = objectOf(usage['input_tokens_details']);
  return {
    input: numberOrNull(usage['input_tokens']) ?? 0,
    cacheRead: numberOrNull(input['cached_tokens']),
    cacheWrite: numberOrNull(input['cache_write_tokens']),
    ...readLongWrite(input),
    output: numberOrNull(usage['output_tokens']) ?? 0,
    reasoning: numberOrNull(objectOf(usage['output_tokens_details'])['reasoning_tokens']),
  };
}

export function writeUsage(usage: TokenUsage): JsonObject {
  const { input, cacheRead, cacheWrite, output, reasoning } = usage;
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: cacheRead ?? 0,
      cache_write_tokens: cacheWrite ?? 0,
      ...writeLongWrite(usage),
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning ?? 0 },
    total_tokens: input + output,
  };
}
