import { describe, expect, it } from 'vitest';
import { Exchange } from '../../src/core/exchange.ts';
import { takeUsage } from '../../src/stream/usage.ts';

function usageOf(...usages: readonly object[]) {
  const exchange = new Exchange('id', 'chat', 'openai', 0, 0);
  for (const usage of usages) takeUsage(exchange, { usage });
  return exchange.usage;
}

describe('the usage that a provider tells', () => {
  it('has in its output the reasoning that only the total has', () => {
    const details = { reasoning_tokens: 94 };
    const told = { prompt_tokens: 32, completion_tokens: 9, total_tokens: 135, completion_tokens_details: details };
    expect(usageOf(told)?.outputTokens).toBe(103);
    expect(usageOf({ ...told, completion_tokens: 103 })?.outputTokens).toBe(103);
    expect(usageOf({ prompt_tokens: 32, completion_tokens: 9, total_tokens: 3 })?.outputTokens).toBe(9);
    expect(usageOf({ prompt_tokens: 32, total_tokens: 32 })?.outputTokens).toBe(0);
  });

  it('tells apart for how long input is kept, at Anthropic and at OpenAI', () => {
    const creation = { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 30 };
    expect(
      usageOf({ input_tokens: 1, cache_creation_input_tokens: 50, cache_creation: creation, output_tokens: 2 }),
    ).toMatchObject({ inputTokens: 51, cacheWriteTokens: 50, longCacheWriteTokens: 30 });
    const details = {
      cached_tokens: 10,
      cache_write_tokens: 50,
      cache_write_tokens_details: { ttl_12h_tokens: 30, ttl_30m_tokens: 20 },
    };
    expect(usageOf({ input_tokens: 100, input_tokens_details: details, output_tokens: 2 })).toMatchObject({
      inputTokens: 100,
      cachedInputTokens: 10,
      cacheWriteTokens: 50,
      longCacheWriteTokens: 30,
    });
    expect(
      usageOf({ prompt_tokens: 100, prompt_tokens_details: { cache_write_tokens: 7 }, completion_tokens: 2 }),
    ).toMatchObject({ cacheWriteTokens: 7 });
  });

  it.each([-1, 1.5, '7', 1e300, null])('leaves out what is no count: %j', (bad) => {
    expect(usageOf({ prompt_tokens: 5, completion_tokens: 2, total_tokens: bad })?.outputTokens).toBe(2);
    expect(usageOf({ prompt_tokens: bad, completion_tokens: bad })).toMatchObject({ inputTokens: 0, outputTokens: 0 });
  });
});
