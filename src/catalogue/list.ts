import type { Config } from '../core/config.ts';
import { CATALOGUE, VENDORS, type CatalogueModel } from './catalogue.ts';

/** A model as it is told to people: a bundled one, or one that the configuration gives a price. */
export interface ListedModel extends Omit<CatalogueModel, 'vendor'> {
  /** The vendor, or the configured provider. */
  readonly from: string;
  /** Where the figures come from. */
  readonly source: string;
}

/** The bundled models, then the prices that the configuration adds or changes. */
export function listModels(config: Pick<Config, 'prices' | 'modelFacts'> | null): readonly ListedModel[] {
  const bundled = CATALOGUE.map(({ vendor, ...model }) => ({ ...model, from: vendor, source: VENDORS[vendor].source }));
  return config === null ? bundled : [...bundled, ...configured(config)];
}

function configured({ prices, modelFacts }: Pick<Config, 'prices' | 'modelFacts'>): readonly ListedModel[] {
  return [...prices].flatMap(([target, { input, cachedInput, cacheWrite = null, longCacheWrite = null, output }]) => {
    const slash = target.indexOf('/');
    const [from, id] = [target.slice(0, slash), target.slice(slash + 1)];
    if (isBundled(id, input, output)) return [];
    const { context = null, maxOutput = null, tokenizer = null, picture = null } = modelFacts.get(target) ?? {};
    const figures = {
      input,
      cachedInput,
      cacheWrite,
      longCacheWrite,
      output,
      longPrompt: null,
      context,
      maxOutput,
      tokenizer,
      picture,
    };
    return [{ from, id, aliases: [], ...figures, shutdown: null, asOf: '', source: 'configuration' }];
  });
}

function isBundled(id: string, input: number, output: number): boolean {
  return CATALOGUE.some(
    (model) => (model.id === id || model.aliases.includes(id)) && model.input === input && model.output === output,
  );
}
