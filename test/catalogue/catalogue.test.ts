import { describe, expect, it } from 'vitest';
import { CATALOGUE, modelsAt } from '../../src/catalogue/catalogue.ts';
import { listModels } from '../../src/catalogue/list.ts';
import { parseConfig } from '../../src/config/load.ts';

const load = (settings: object) =>
  parseConfig(Buffer.from(JSON.stringify({ passthrough: { provider: 'main' }, ...settings })), 'test.json', {}).config;
const OPENAI = { main: { type: 'openai', apiKey: 'x' } };

describe('the catalogue', () => {
  it('names each model once for each vendor', () => {
    const names = CATALOGUE.flatMap(({ vendor, id, aliases }) => [id, ...aliases].map((name) => `${vendor}/${name}`));
    expect(new Set(names).size).toBe(names.length);
  });

  it('has figures that can be', () => {
    for (const model of CATALOGUE) {
      expect(model.cachedInput).toBeLessThanOrEqual(model.input);
      expect(model.cacheWrite ?? model.input).toBeGreaterThanOrEqual(model.input);
      const { longPrompt: long } = model;
      for (const kind of ['input', 'cachedInput', 'output'] as const)
        expect(long?.[kind] ?? model[kind]).toBeGreaterThanOrEqual(model[kind]);
      expect(model.longCacheWrite ?? model.input).toBeGreaterThanOrEqual(model.cacheWrite ?? model.input);
      expect(model.asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
      expect(model.shutdown ?? '2030-01-01').toMatch(/^\d{4}-\d\d-\d\d$/);
    }
  });

  it('is for the vendor’s own API only', () => {
    expect(modelsAt('https://api.openai.com/v1').length).toBeGreaterThan(20);
    expect(modelsAt('https://api.openai.com.example.org/v1')).toEqual([]);
    expect(modelsAt('http://127.0.0.1/v1')).toEqual([]);
  });

  it('gives a provider its prices, under the names that its models have', () => {
    const { prices, modelFacts } = load({ providers: OPENAI });
    expect(prices.get('main/gpt-4o-2024-08-06')).toEqual({
      input: 2.5,
      cachedInput: 1.25,
      cacheWrite: 2.5,
      output: 10,
    });
    expect(modelFacts.get('main/gpt-4o')).toEqual({
      tokenizer: 'o200k_base',
      context: 128_000,
      maxOutput: 16_384,
      picture: null,
    });
    expect(prices.has('main/gpt-never')).toBe(false);
  });

  it('gives the prices of long prompts and of what is kept for longer', () => {
    const { prices } = load({ providers: { main: { type: 'anthropic', apiKey: 'x' } } });
    expect(prices.get('main/claude-haiku-5-5')).toEqual({
      input: 0.1,
      cachedInput: 0.01,
      cacheWrite: 0.125,
      longCacheWrite: 0.2,
      output: 0.5,
      longPrompt: { above: 100_000, input: 0.5, cachedInput: 0.05, cacheWrite: 0.625, longCacheWrite: 1, output: 2.5 },
    });
  });

  it('gives way to what the configuration says, of one model or of all', () => {
    const own = { input: 1, cachedInput: 1, cacheWrite: 1, output: 2 };
    const one = load({ providers: OPENAI, prices: { 'main/gpt-4o': { input: 1, output: 2 } } });
    expect([one.prices.get('main/gpt-4o'), one.prices.get('main/gpt-4o-mini')!.input]).toEqual([own, 0.15]);
    const all = load({ providers: OPENAI, prices: { 'main/*': { input: 1, output: 2 } } });
    expect([all.prices.get('main/*'), all.prices.has('main/gpt-4o')]).toEqual([own, false]);
    expect(listModels(all).filter(({ from }) => from === 'main')).toMatchObject([{ id: '*', input: 1, output: 2 }]);
  });
});
