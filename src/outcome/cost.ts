import type { Price } from '../core/config.ts';
import type { Exchange, Usage } from '../core/exchange.ts';
import type { ModelTable } from '../core/model-table.ts';

const PER_TOKENS = 1_000_000;

/** US dollars. What a cache served, and what was written into one, is priced apart. */
export function costOf(usage: Usage, { input, cachedInput, cacheWrite = input, output }: Price): number {
  const { inputTokens, outputTokens } = usage;
  // A provider may report more cached tokens than input.
  const cached = Math.min(usage.cachedInputTokens, inputTokens);
  const written = Math.min(usage.cacheWriteTokens ?? 0, inputTokens - cached);
  const plain = inputTokens - cached - written;
  return (plain * input + cached * cachedInput + written * cacheWrite + outputTokens * output) / PER_TOKENS;
}

/** What the request cost at its last provider; null: no price is known, or no usage. */
export function costOfExchange(exchange: Exchange, prices: ModelTable<Price>): number | null {
  if (prices.size === 0 || exchange.usage === null) return null;
  const price = prices.find(exchange.provider, exchange.upstreamModel);
  return price === null ? null : costOf(exchange.usage, price);
}
