import type { Price, TokenPrices } from '../core/config.ts';
import type { Exchange, Usage } from '../core/exchange.ts';
import type { ModelTable } from '../core/model-table.ts';

const PER_TOKENS = 1_000_000;

/** US dollars. What a cache served, and what was written into one, is priced apart. */
export function costOf(usage: Usage, price: Price): number {
  const { inputTokens, outputTokens } = usage;
  const { input, cachedInput, cacheWrite = input, longCacheWrite = cacheWrite, output } = ratesFor(inputTokens, price);
  // A provider may report more cached tokens than input.
  const cached = Math.min(usage.cachedInputTokens, inputTokens);
  const written = Math.min(usage.cacheWriteTokens ?? 0, inputTokens - cached);
  const writtenLong = Math.min(usage.longCacheWriteTokens ?? 0, written);
  const plain = inputTokens - cached - written;
  const kept = (written - writtenLong) * cacheWrite + writtenLong * longCacheWrite;
  return (plain * input + cached * cachedInput + kept + outputTokens * output) / PER_TOKENS;
}

function ratesFor(inputTokens: number, price: Price): TokenPrices {
  const { longPrompt } = price;
  return longPrompt !== undefined && inputTokens > longPrompt.above ? longPrompt : price;
}

/** What the request cost at its last provider; null: no price is known, or no usage. */
export function costOfExchange(exchange: Exchange, prices: ModelTable<Price>): number | null {
  if (exchange.usage === null) return null;
  const price = prices.find(exchange.provider, exchange.upstreamModel);
  return price === null ? null : costOf(exchange.usage, price);
}
