import type { ModelFacts, Price, ProviderConfig, TokenPrices } from '../core/config.ts';
import { CATALOGUE, type CatalogueModel, type Vendor } from './catalogue.ts';

/** A model of the catalogue that a cloud serves under a name of its own. */
export interface CloudModel {
  readonly price: Price;
  readonly facts: ModelFacts;
}

/** What a name stands for. */
interface Meaning {
  readonly vendor: Vendor;
  readonly id: string;
  /** It is bound to a region or a zone, which some models cost more for. */
  readonly isRegional: boolean;
}

/** The clouds' own hosts: elsewhere a server only speaks the same protocol. */
const HOSTS: Readonly<Partial<Record<ProviderConfig['type'], RegExp>>> = {
  'azure-openai': /\.(?:openai|cognitiveservices|services\.ai)\.azure\.(?:com|us|cn)$/,
  'google-vertex': /^(?:[a-z0-9-]+-)?aiplatform\.googleapis\.com$/,
  'aws-bedrock': /\.amazonaws\.com(?:\.cn)?$/,
};

/** @source https://platform.claude.com/docs/en/about-claude/pricing, "Third-party platform pricing": from Claude 4.5 on */
const REGIONAL_FACTOR = 1.1;
const OF_ONE_PRICE = /^claude-(?:3-|(?:opus|sonnet)-4-(?:[01]$|[01]-|2025))/;

/** The list price of what a cloud's name stands for; null: it is no cloud's, or nobody can know from the name. */
export function cloudModel(provider: ProviderConfig, model: string): CloudModel | null {
  const { type, baseUrl } = provider;
  const hosts = HOSTS[type];
  if (hosts === undefined || !hosts.test(URL.parse(baseUrl ?? '')?.hostname ?? '')) return null;
  const meaning = meaningOf(provider, model);
  if (meaning === null) return null;
  return KNOWN.get(`${meaning.vendor}/${meaning.id}`)?.[isDearer(meaning) ? 'regional' : 'list'] ?? null;
}

function meaningOf({ type, azure, vertex }: ProviderConfig, model: string): Meaning | null {
  if (type === 'azure-openai') return ofAzure(model, azure?.deployments ?? {});
  if (type === 'google-vertex') return ofVertex(model, vertex?.location ?? '');
  return ofBedrock(model);
}

/** A deployment says its model only where it is named after it, or where `deployments` does. */
function ofAzure(model: string, deployments: Readonly<Record<string, string>>): Meaning | null {
  const named = Object.keys(deployments).filter((name) => deployments[name] === model);
  // Two models cannot share a deployment: which of the two it is, nobody here knows.
  if (named.length > 1) return null;
  const id = (named[0] ?? model).replace(/^gpt-35-/, 'gpt-3.5-');
  return { vendor: 'openai', id, isRegional: false };
}

/** `gemini-2.5-pro`, `google/gemini-2.5-pro`, `gemini-2.5-flash@default`, `claude-sonnet-4-5@20250929`. */
function ofVertex(model: string, location: string): Meaning | null {
  const isRegional = location !== 'global';
  const name = model.replace(/^(?:publishers\/)?(?:google|anthropic)\/(?:models\/)?/, '').replace(/@default$/, '');
  if (name.startsWith('claude-')) return { vendor: 'anthropic', id: name.replace('@', '-'), isRegional };
  // Of later ones the price outside `global` is not verified.
  if (isRegional && !name.startsWith('gemini-2.')) return null;
  return { vendor: 'google', id: name, isRegional: false };
}

/** An inference profile of one's own says nothing of its model. @source https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html */
const BEDROCK_NAME =
  /^(?:arn:aws[a-z-]*:bedrock:[a-z0-9-]*:\d*:(?:foundation-model|inference-profile)\/)?(?:(global|us|us-gov|eu|apac|jp|au|ca)\.)?anthropic\.(claude-[a-z0-9-]+?)(?:-v\d+(?::\d+(?::\d+k)?)?)?$/;

function ofBedrock(model: string): Meaning | null {
  const match = BEDROCK_NAME.exec(model);
  return match === null ? null : { vendor: 'anthropic', id: match[2]!, isRegional: match[1] !== 'global' };
}

function isDearer({ vendor, id, isRegional }: Meaning): boolean {
  return isRegional && vendor === 'anthropic' && !OF_ONE_PRICE.test(id);
}

interface Known {
  readonly list: CloudModel;
  readonly regional: CloudModel;
}

const KNOWN: ReadonlyMap<string, Known> = new Map(
  CATALOGUE.flatMap((model) => {
    const price = priceOf(model);
    const facts = factsOf(model);
    const known = { list: { price, facts }, regional: { price: dearer(price), facts } };
    return [model.id, ...model.aliases].map((id) => [`${model.vendor}/${id}`, known] as const);
  }),
);

export function priceOf(model: CatalogueModel): Price {
  const { input, cachedInput, cacheWrite, longCacheWrite, output, longPrompt } = model;
  const usual = { input, cachedInput, cacheWrite: cacheWrite ?? input, output };
  const long = longCacheWrite === null ? usual : { ...usual, longCacheWrite };
  return longPrompt === null ? long : { ...long, longPrompt };
}

export function factsOf({ context, maxOutput, tokenizer, picture }: CatalogueModel): ModelFacts {
  return { context, maxOutput, tokenizer, picture };
}

function dearer({ longPrompt, ...usual }: Price): Price {
  const times = (prices: TokenPrices): TokenPrices =>
    Object.fromEntries(
      Object.entries(prices).map(([name, price]) => [name, Number((price * REGIONAL_FACTOR).toPrecision(12))]),
    ) as unknown as TokenPrices;
  if (longPrompt === undefined) return times(usual);
  const { above, ...long } = longPrompt;
  return { ...times(usual), longPrompt: { above, ...times(long) } };
}
