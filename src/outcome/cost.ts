import type { Price } from '../core/config.ts';
import type { Exchange, Usage } from '../core/exchange.ts';

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

/** The price of `provider/model`, else of `provider/*`; null where neither is configured. */
export function priceOf(prices: ReadonlyMap<string, Price>, provider: string, model: string): Price | null {
  return prices.get(`${provider}/${model}`) ?? prices.get(`${provider}/*`) ?? null;
}

/** What the request cost at its last provider; null: no price is known, or no usage. */
export function costOfExchange(exchange: Exchange, prices: ReadonlyMap<string, Price>): number | null {
  if (prices.size === 0 || exchange.usage === null) return null;
  const price = priceOf(prices, exchange.provider, exchange.upstreamModel);
  return price === null ? null : costOf(exchange.usage, price);
}
