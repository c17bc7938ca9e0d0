import { modelsAt } from '../catalogue/catalogue.ts';
import { factsOf, priceOf } from '../catalogue/cloud-models.ts';
import type { Config, ModelFacts, Price, ProviderConfig } from '../core/config.ts';
import type { Issues } from './problem.ts';
import { checkProvider } from './rollout.ts';
import type { ConfigFile } from './schema.ts';

/** What the simulator says costs nothing, unless a price is given. */
const FREE: Price = { input: 0, cachedInput: 0, output: 0 };

/** What the file says, then the bundled catalogue for the providers whose API it is. `provider/*` of the file goes before it. */
export function toPrices(
  file: ConfigFile['prices'],
  providers: readonly ProviderConfig[],
  issues: Issues,
): Pick<Config, 'prices' | 'modelFacts'> {
  const names = providers.map(({ name }) => name);
  const prices = new Map<string, Price>();
  const modelFacts = new Map<string, ModelFacts>();
  for (const { name, type } of providers) if (type === 'simulator') prices.set(`${name}/*`, FREE);
  for (const [target, model] of Object.entries(file)) {
    checkProvider(target.slice(0, target.indexOf('/')), names, ['prices', target], issues);
    const { input, output, cachedInput = input, cacheWrite = input } = model;
    const { context = null, maxOutput = null, tokenizer = null } = model;
    prices.set(target, { input, cachedInput, cacheWrite, output });
    if (context !== null || maxOutput !== null || tokenizer !== null)
      modelFacts.set(target, { context, maxOutput, tokenizer, picture: null });
  }
  for (const provider of providers) addCatalogue(provider, prices, modelFacts);
  return { prices, modelFacts };
}

function addCatalogue(
  { name, baseUrl }: ProviderConfig,
  prices: Map<string, Price>,
  modelFacts: Map<string, ModelFacts>,
): void {
  const hasOwn = prices.has(`${name}/*`);
  for (const model of baseUrl === null ? [] : modelsAt(baseUrl)) {
    const [price, facts] = [priceOf(model), factsOf(model)];
    for (const id of [model.id, ...model.aliases]) {
      const target = `${name}/${id}`;
      if (!hasOwn && !prices.has(target)) prices.set(target, price);
      if (!modelFacts.has(target)) modelFacts.set(target, facts);
    }
  }
}
