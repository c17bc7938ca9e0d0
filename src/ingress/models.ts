import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Exchange } from '../core/exchange.ts';
import type { RouteConfig } from '../core/config.ts';
import type { Principal } from '../core/principal.ts';
import type { Seconds } from '../core/units.ts';
import { respondJson } from './respond-json.ts';

export interface ModelCatalogue {
  readonly routes: { named(): Iterable<RouteConfig>; match(model: string): RouteConfig | null };
  readonly config: { readonly passthrough: { readonly provider: string | null } };
  readonly builtAt: Seconds;
}

/**
 * `GET /v1/models` and `/v1/models/{id}`: the configured names that the caller may use are answered here; where apps may
 * ask for any name, the provider knows its models best.
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
  const models = [...catalogue.routes.named()]
    .filter(({ name }) => principal.mayUse(name))
    .map((route) => toModel(route, headers, catalogue.builtAt));
  const model = models.find(({ id }) => id === asked);
  if (model !== undefined) respondJson(outgoing, exchange, model);
  else if (asked === null && models.length > 0) respondJson(outgoing, exchange, modelList(models, headers));
  else
    return (
      (asked === null ? null : catalogue.routes.match(asked)?.target.provider) ?? catalogue.config.passthrough.provider
    );
  return 'answered';
}

function askedModel(url: string): string | null {
  const id = /^\/v1\/models\/([^?]+)/.exec(url)?.[1];
  if (id === undefined) return null;
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

interface ListedModel {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** @source https://platform.openai.com/docs/api-reference/models and https://docs.anthropic.com/en/api/models-list */
function toModel({ name, target }: RouteConfig, headers: IncomingHttpHeaders, created: Seconds): ListedModel {
  if (!isAnthropic(headers)) return { id: name, object: 'model', created, owned_by: target.provider };
  return { type: 'model', id: name, display_name: name, created_at: new Date(created * 1000).toISOString() };
}

function modelList(data: readonly ListedModel[], headers: IncomingHttpHeaders): unknown {
  if (!isAnthropic(headers)) return { object: 'list', data };
  return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

/** Anthropic's clients always send their version. */
export function isAnthropic(headers: IncomingHttpHeaders): boolean {
  return headers['anthropic-version'] !== undefined;
}
