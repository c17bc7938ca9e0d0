import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { RouteConfig } from '../core/config.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Principal } from '../core/principal.ts';
import type { Seconds } from '../core/units.ts';
import { respondJson } from './respond-json.ts';
import { isAnthropic } from './routes.ts';

interface ModelCatalogue {
  readonly routes: { named(): Iterable<RouteConfig>; match(model: string): RouteConfig | null };
  readonly config: { readonly passthrough: { readonly provider: string | null } };
  readonly builtAt: Seconds;
}

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
 * Answers `GET /v1/models` and `/v1/models/{id}` from the names that are configured or bound to the caller's key. Where
 * apps may ask for any name, the provider knows its models best.
 * @returns `answered`, or the provider to ask (null: there is none)
 */
export function answerModels(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  exchange: Exchange,
  catalogue: ModelCatalogue,
  principal: Principal,
): 'answered' | string | null {
  const { headers } = incoming;
  const asked = askedModel(incoming.url!);
  const models = knownModels(catalogue, principal).map((known) => toModel(known, headers, catalogue.builtAt));
  const model = models.find(({ id }) => id === asked);
  // A key for some models must not see the provider's whole list.
  const isListed = models.length > 0 || !principal.mayUse('*');
  if (model !== undefined) respondJson(outgoing, exchange, model);
  else if (asked === null && isListed) respondJson(outgoing, exchange, modelList(models, headers));
  else
    return (
      (asked === null ? null : catalogue.routes.match(asked)?.target.provider) ?? catalogue.config.passthrough.provider
    );
  return 'answered';
}

interface KnownModel {
  readonly id: string;
  readonly provider: string;
}

/** Names of the configuration that the caller may use, then names of its key that a route with a glob serves. */
function knownModels({ routes }: ModelCatalogue, principal: Principal): readonly KnownModel[] {
  const known = new Map<string, KnownModel>();
  for (const { name, target } of routes.named())
    if (principal.mayUse(name)) known.set(name, { id: name, provider: target.provider });
  for (const name of principal.modelNames) {
    const route = routes.match(name);
    if (route !== null && !known.has(name)) known.set(name, { id: name, provider: route.target.provider });
  }
  return [...known.values()];
}

interface ListedModel {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** @source https://platform.openai.com/docs/api-reference/models and https://docs.anthropic.com/en/api/models-list */
function toModel({ id, provider }: KnownModel, headers: IncomingHttpHeaders, created: Seconds): ListedModel {
  if (!isAnthropic(headers)) return { id, object: 'model', created, owned_by: provider };
  return { type: 'model', id, display_name: id, created_at: new Date(created * 1000).toISOString() };
}

function modelList(data: readonly ListedModel[], headers: IncomingHttpHeaders): unknown {
  if (!isAnthropic(headers)) return { object: 'list', data };
  return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}
