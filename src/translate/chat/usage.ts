import type { TokenUsage } from '../completion.ts';
import { readLongWrite, writeLongWrite } from '../openai/cache-writes.ts';
import { isObject, numberOrNull, objectOf, type JsonObject } from '../openai/fields.ts';

/** Null where the server tells none. DeepSeek and Groq tell theirs in members of their own. */
export function readUsage(body: JsonObject): TokenUsage | null {
  const usage = isObject(body['usage']) ? body['usage'] : objectOf(body['x_groq'])['usage'];
  if (!isObject(usage)) return null;
  const prompt = objectOf(usage['prompt_tokens_details']);
  const asked = numberOrNull(usage['prompt_tokens']);
  const made = numberOrNull(usage['completion_tokens']);
  if (asked === null && made === null) return null;
  const input = asked ?? 0;
  const written = made ?? 0;
  const reasoning = numberOrNull(objectOf(usage['completion_tokens_details'])['reasoning_tokens']);
  return {
    input,
    cacheRead: numberOrNull(prompt['cached_tokens']) ?? numberOrNull(usage['prompt_cache_hit_tokens']),
    cacheWrite: numberOrNull(prompt['cache_write_tokens']),
    ...readLongWrite(prompt),
    output: written + reasoningBeside(usage, input + written, reasoning ?? 0),
    reasoning,
  };
}

/** xAI counts reasoning beside what was written; the sum tells. */
function reasoningBeside(usage: JsonObject, told: number, reasoning: number): number {
  return reasoning > 0 && numberOrNull(usage['total_tokens']) === told + reasoning ? reasoning : 0;
}

export function writeUsage(usage: TokenUsage): JsonObject {
  const { input, cacheRead, cacheWrite, output, reasoning } = usage;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: {
      cached_tokens: cacheRead ?? 0,
      ...(cacheWrite === null ? null : { cache_write_tokens: cacheWrite }),
      ...writeLongWrite(usage),
    },
    completion_tokens_details: { reasoning_tokens: reasoning ?? 0 },
  };
}
