import type { TokenUsage } from '../completion.ts';
import { numberOf, objectOf, type JsonObject } from '../provider-json.ts';

/** Anthropic counts what was read from the cache and written to it beside the input. Null: it tells no numbers. */
export function readUsage(usage: JsonObject): TokenUsage | null {
  const input = numberOf(usage['input_tokens']);
  const output = numberOf(usage['output_tokens']);
  if (input === null && output === null) return null;
  const cacheRead = numberOf(usage['cache_read_input_tokens']);
  const cacheWrite = numberOf(usage['cache_creation_input_tokens']);
  return {
    input: (input ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0),
    cacheRead,
    cacheWrite,
    ...longWrite(objectOf(usage['cache_creation'])),
    output: output ?? 0,
    reasoning: numberOf(objectOf(usage['output_tokens_details'])['thinking_tokens']),
  };
}

function longWrite(created: JsonObject): Pick<TokenUsage, 'longCacheWrite'> {
  const long = numberOf(created['ephemeral_1h_input_tokens']) ?? 0;
  return long > 0 ? { longCacheWrite: long } : {};
}

/** What a later event of a stream tells replaces what an earlier one told; what it leaves out stays. */
export function mergeUsage(earlier: JsonObject, later: JsonObject): JsonObject {
  const merged: Record<string, JsonObject[string]> = { ...earlier };
  for (const [name, value] of Object.entries(later)) if (value !== null) merged[name] = value;
  return merged;
}

/** The part that all events of a stream tell. */
export function writeDeltaUsage(usage: TokenUsage | null): JsonObject {
  const { input, cacheRead, cacheWrite, longCacheWrite = 0, output, reasoning } = usage ?? NOTHING;
  return {
    input_tokens: Math.max(0, input - (cacheRead ?? 0) - (cacheWrite ?? 0)),
    cache_creation_input_tokens: cacheWrite ?? 0,
    ...(longCacheWrite > 0 ? { cache_creation: writeCreated(cacheWrite ?? longCacheWrite, longCacheWrite) } : null),
    cache_read_input_tokens: cacheRead ?? 0,
    output_tokens: output,
    output_tokens_details: reasoning === null ? null : { thinking_tokens: reasoning },
    server_tool_use: null,
  };
}

function writeCreated(all: number, long: number): JsonObject {
  return { ephemeral_5m_input_tokens: all - long, ephemeral_1h_input_tokens: long };
}

const NOTHING: TokenUsage = { input: 0, cacheRead: null, cacheWrite: null, output: 0, reasoning: null };

/** @param serviceTier in Anthropic's words, else nothing is told of it */
export function writeUsage(usage: TokenUsage | null, serviceTier: string | null): JsonObject {
  return {
    cache_creation: null,
    ...writeDeltaUsage(usage),
    inference_geo: null,
    service_tier: serviceTier !== null && TIERS.has(serviceTier) ? serviceTier : null,
    speed: null,
  };
}

const TIERS: ReadonlySet<string> = new Set(['standard', 'priority', 'batch']);
