import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { RouteConfig } from '../core/config.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Provider } from '../core/provider.ts';
import type { Principal } from '../core/principal.ts';
import type { Seconds } from '../core/units.ts';
import { anthropicModel, codexModels, openaiModel, type KnownModel } from './model-shapes.ts';
import { respondJson } from './respond-json.ts';
import { isAnthropic } from './routes.ts';

interface ModelCatalogue {
  readonly routes: { named(): Iterable<RouteConfig>; match(model: string): RouteConfig | null };
  readonly config: {
    readonly passthrough: { readonly provider: string | null; readonly anthropic: string | null };
    readonly routes: readonly RouteConfig[];
  };
  readonly upstreams: { get(provider: string): { readonly provider: Pick<Provider, 'speaks'> } | undefined };
  readonly builtAt: Seconds;
}

/** What a provider lists. */
type ListOf = (provider: string) => Promise<readonly { readonly id: string; readonly [field: string]: unknown }[]>;

/** The model that `GET /v1/models/{id}` asks for; null for the list. */
export function askedModel(url: string): string | null {
  const id = /^\/v1\/models\/([^?]+)/.exec(url)?.[1];
  if (id === undefined) return null;
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

/**
 * Answers `GET /v1/models` from the names that are configured or bound to the caller's key, and what providers list that
 * globs serve; `/v1/models/{id}` from the names. Where nothing but a provider's own names can be asked for, it knows them
 * best.
 * @returns `answered`, or the provider to ask (null: there is none)
 */
export async function answerModels(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  exchange: Exchange,
  catalogue: ModelCatalogue,
  principal: Principal,
  listOf: ListOf,
): Promise<'answered' | string | null> {
  const { headers, url = '' } = incoming;
  const asked = askedModel(url);
  const named = namedModels(catalogue, principal);
  const { passthrough } = catalogue.config;
  const provider = isAnthropic(headers) ? passthrough.anthropic : passthrough.provider;
  if (asked !== null) {
    const model = named.find(({ id }) => id === asked) ?? (await toldModel(asked, catalogue, principal, listOf));
    if (model === null) return catalogue.routes.match(asked)?.target.provider ?? provider;
    respondJson(outgoing, exchange, modelOf(model, headers, catalogue.builtAt));
  } else {
    const globs = servedByGlobs(catalogue);
    // A key for some models must not see the provider's whole list.
    const isProviders = named.length === 0 && principal.mayUse('*') && globs.every((each) => each === provider);
    if (isProviders && !isCodex(url)) return provider;
    const models = [...named, ...(await listedModels(globs, catalogue, principal, named, listOf))];
    respondJson(outgoing, exchange, modelList(models, incoming, catalogue.builtAt));
  }
  return 'answered';
}

/** Names of the configuration that the caller may use, then names of its key that a route with a glob serves. */
function namedModels({ routes }: ModelCatalogue, principal: Principal): readonly KnownModel[] {
  const known = new Map<string, KnownModel>();
  for (const { name, target } of routes.named())
    if (principal.mayUse(name)) known.set(name, { id: name, provider: target.provider, told: null });
  for (const name of principal.modelNames) {
    const route = routes.match(name);
    if (route !== null && !known.has(name)) known.set(name, { id: name, provider: route.target.provider, told: null });
  }
  return [...known.values()];
}

/** Of a provider that has its list in another form, and cannot be asked for one model in the app's. */
async function toldModel(
  id: string,
  { routes, upstreams }: ModelCatalogue,
  principal: Principal,
  listOf: ListOf,
): Promise<KnownModel | null> {
  const target = routes.match(id)?.target;
  if (target === undefined || target.model !== null || !principal.mayUse(id)) return null;
  if (upstreams.get(target.provider)?.provider.speaks('models') !== false) return null;
  const told = (await listOf(target.provider)).find((each) => each.id === id);
  return told === undefined ? null : { id, provider: target.provider, told };
}

/** The providers whose names apps can ask for as they stand. */
function servedByGlobs({ config }: ModelCatalogue): readonly string[] {
  const globs = config.routes.filter(({ isGlob, target }) => isGlob && target.model === null);
  return [...new Set(globs.map(({ target }) => target.provider))];
}

/** Of what the providers list, what a glob leads to them and the caller may use. */
async function listedModels(
  providers: readonly string[],
  { routes }: ModelCatalogue,
  principal: Principal,
  named: readonly KnownModel[],
  listOf: ListOf,
): Promise<readonly KnownModel[]> {
  const taken = new Set(named.map(({ id }) => id));
  const lists = await Promise.all(providers.map((provider) => listOf(provider)));
  return providers.flatMap((provider, index) =>
    lists[index]!.flatMap((told) => {
      const { id } = told;
      const target = routes.match(id)?.target;
      if (target?.provider !== provider || target.model !== null || !principal.mayUse(id) || taken.has(id)) return [];
      taken.add(id);
      return [{ id, provider, told }];
    }),
  );
}

function modelOf(model: KnownModel, headers: IncomingHttpHeaders, created: Seconds): unknown {
  return isAnthropic(headers) ? anthropicModel(model, created) : openaiModel(model, created);
}

function modelList(models: readonly KnownModel[], { headers, url = '' }: IncomingMessage, created: Seconds): unknown {
  const data = models.map((model) => modelOf(model, headers, created));
  if (isAnthropic(headers))
    return { data, has_more: false, first_id: models[0]?.id ?? null, last_id: models.at(-1)?.id ?? null };
  return isCodex(url) ? { object: 'list', data, models: codexModels(models) } : { object: 'list', data };
}

function isCodex(url: string): boolean {
  return /[?&]client_version=/.test(url);
}
