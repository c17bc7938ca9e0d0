import { describe, expect, it } from 'vitest';
import { Exchange, type Usage } from '../../src/core/exchange.ts';
import { ModelTable } from '../../src/core/model-table.ts';
import { costOf, costOfExchange } from '../../src/outcome/cost.ts';

const PRICE = { input: 2.5, cachedInput: 1.25, output: 10 };
const OTHER = { input: 1, cachedInput: 1, output: 1 };
const PRICES = new ModelTable(
  new Map([
    ['openai/gpt-4o', PRICE],
    ['openai/*', OTHER],
  ]),
);

describe('the cost of a request', () => {
  it('is that of its tokens, per million, cached ones apart', () => {
    const usage: Usage = { inputTokens: 1_000_000, cachedInputTokens: 400_000, outputTokens: 10_000 };
    expect(costOf(usage, PRICE)).toBeCloseTo(0.6 * 2.5 + 0.4 * 1.25 + 0.1, 12);
  });

  it('has the prices of long prompts for all tokens where the input is longer', () => {
    const long = { above: 1_000, input: 5, cachedInput: 2.5, output: 15 };
    const usage: Usage = { inputTokens: 1_000, cachedInputTokens: 0, outputTokens: 10 };
    expect(costOf(usage, { ...PRICE, longPrompt: long }) * 1e6).toBeCloseTo(2_500 + 100, 6);
    expect(costOf({ ...usage, inputTokens: 1_001 }, { ...PRICE, longPrompt: long }) * 1e6).toBeCloseTo(5_005 + 150, 6);
  });

  it('prices what is kept for longer apart from what is kept for the usual time', () => {
    const usage: Usage = {
      inputTokens: 100,
      cachedInputTokens: 0,
      outputTokens: 0,
      cacheWriteTokens: 60,
      longCacheWriteTokens: 20,
    };
    const price = { ...PRICE, cacheWrite: 3, longCacheWrite: 5 };
    expect(costOf(usage, price) * 1e6).toBeCloseTo(40 * 2.5 + 40 * 3 + 20 * 5, 6);
  });

  it('never counts more cached tokens than input', () => {
    expect(costOf({ inputTokens: 10, cachedInputTokens: 50, outputTokens: 0 }, PRICE)).toBeCloseTo(12.5e-6, 12);
  });

  it('takes the price of the model before that of its provider', () => {
    expect(PRICES.find('openai', 'gpt-4o')).toBe(PRICE);
    expect(PRICES.find('openai', 'gpt-5')).toBe(OTHER);
    expect(PRICES.find('sim', 'gpt-4o')).toBeNull();
  });

  it('is unknown without a price or without usage, which is not nothing', () => {
    const exchange = new Exchange('id', 'chat', 'openai', 0, 0);
    Object.assign(exchange, { provider: 'openai', upstreamModel: 'gpt-4o' });
    expect(costOfExchange(exchange, PRICES)).toBeNull();
    exchange.usage = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 0 };
    expect(costOfExchange(exchange, PRICES)).toBeCloseTo(2.5e-6, 12);
    expect(costOfExchange(exchange, new ModelTable(new Map()))).toBeNull();
    exchange.provider = 'sim';
    expect(costOfExchange(exchange, PRICES)).toBeNull();
  });
});
