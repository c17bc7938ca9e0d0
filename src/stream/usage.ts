import type { Exchange, Usage } from '../core/exchange.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Takes the token counts of a reply or event. Counts are cumulative: later ones overwrite earlier ones, and one that is
 * absent keeps its value.
 * @param reply the parsed JSON; usage stands at its top, in Anthropic's `message` or in the Responses API's `response`
 * @returns false where the figures only stand for some that the provider did not tell
 */
export function takeUsage(exchange: Exchange, reply: unknown): boolean {
  if (exchange.usageSource?.hasUsage === false) return false;
  const fields = asFields(reply);
  if (fields === null) return true;
  takeCounts(exchange, asFields(fields['usage']));
  takeCounts(exchange, asFields(asFields(fields['message'])?.['usage']));
  takeCounts(exchange, asFields(asFields(fields['response'])?.['usage']));
  return true;
}

function takeCounts(exchange: Exchange, counts: Fields | null): void {
  if (counts === null) return;
  const usage: Usage = (exchange.usage ??= { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 });
  const details = asFields(counts['prompt_tokens_details']) ?? asFields(counts['input_tokens_details']);
  const cacheRead = count(counts['cache_read_input_tokens']);
  usage.inputTokens = inputTokens(counts, cacheRead ?? 0) ?? usage.inputTokens;
  takeCacheWrites(usage, counts, details);
  usage.outputTokens = outputTokens(counts) ?? usage.outputTokens;
  usage.cachedInputTokens = count(details?.['cached_tokens']) ?? cacheRead ?? usage.cachedInputTokens;
}

/**
 * @source https://platform.claude.com/docs/en/build-with-claude/prompt-caching,
 * https://developers.openai.com/api/docs/guides/prompt-caching
 */
function takeCacheWrites(usage: Usage, counts: Fields, details: Fields | null): void {
  const written = count(counts['cache_creation_input_tokens']) ?? count(details?.['cache_write_tokens']) ?? 0;
  if (written > 0) usage.cacheWriteTokens = written;
  const long =
    count(asFields(counts['cache_creation'])?.['ephemeral_1h_input_tokens']) ??
    count(asFields(details?.['cache_write_tokens_details'])?.['ttl_12h_tokens']) ??
    0;
  if (long > 0) usage.longCacheWriteTokens = long;
}

/**
 * Anthropic counts what its cache served or stored apart from the input, the others within it.
 * @source https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching
 */
function inputTokens(counts: Fields, cacheRead: number): number | null {
  const all = count(counts['prompt_tokens']);
  if (all !== null) return all;
  const uncached = count(counts['input_tokens']);
  return uncached === null ? null : uncached + cacheRead + (count(counts['cache_creation_input_tokens']) ?? 0);
}

/**
 * Some servers that speak OpenAI's protocol count reasoning in the total only.
 * @source https://ai.google.dev/gemini-api/docs/openai, https://docs.x.ai/docs/guides/reasoning
 */
function outputTokens(counts: Fields): number | null {
  const told = count(counts['completion_tokens']);
  if (told === null) return count(counts['output_tokens']);
  const input = count(counts['prompt_tokens']);
  const total = count(counts['total_tokens']);
  return input === null || total === null ? told : Math.max(told, total - input);
}

/** Null for what is no count as well: one negative or infinite figure would spoil a counter for good. */
function count(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
}

export function asFields(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}
