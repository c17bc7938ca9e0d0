import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono, type Context } from 'hono';
import type { Operation, Protocol } from '../core/operation.ts';
import { isAnthropic } from './models.ts';

type Environment = { Bindings: HttpBindings };

/** What a path asks for: an endpoint, or nothing that exists. */
export type Endpoint = Operation | 'not_found';

export type HandleCall = (endpoint: Endpoint, incoming: IncomingMessage, outgoing: ServerResponse) => void;

const PARSED: Readonly<Record<string, Operation>> = {
  '/v1/chat/completions': 'chat',
  '/v1/completions': 'text_completion',
  '/v1/responses': 'responses',
  '/v1/embeddings': 'embeddings',
  '/v1/moderations': 'moderations',
  '/v1/messages': 'messages',
  '/v1/messages/count_tokens': 'count_tokens',
};

/** Hono finds the endpoint; the call itself works on Node's own request and response (see docs/adr). */
export function createRoutes(handle: HandleCall): Hono<Environment> {
  const app = new Hono<Environment>();
  const endpoint = (name: Endpoint) => (context: Context<Environment>) => {
    handle(name, context.env.incoming, context.env.outgoing);
    return RESPONSE_ALREADY_SENT;
  };
  for (const [path, operation] of Object.entries(PARSED)) {
    app.post(path, (context) => {
      toCanonicalTarget(context.env.incoming, path);
      return endpoint(operation)(context);
    });
  }
  const models = (context: Context<Environment>) =>
    endpoint(climbs(context.env.incoming.url ?? '') ? 'not_found' : 'models')(context);
  app.get('/v1/models', models);
  app.get('/v1/models/:id{.+}', models);
  // Outcomes of requests are the gateway's own endpoint and never a provider's.
  app.all('/v1/feedback', endpoint('not_found'));
  // Everything else ends here and not at a `/v1/*` route: with two routes for a path Hono composes them per request.
  app.notFound((context) => endpoint(otherEndpoint(context.env.incoming.url ?? ''))(context));
  return app;
}

/** Absolute form, encoded letters, dot segments and fragments have done their work: providers get the plain path. */
function toCanonicalTarget(incoming: IncomingMessage, path: string): void {
  const target = incoming.url ?? '';
  if (target === path) return;
  const [beforeFragment = ''] = target.split('#', 1);
  const query = beforeFragment.indexOf('?');
  incoming.url = query < 0 ? path : path + beforeFragment.slice(query);
}

/** Whether a provider may read the path of a model as another one; ids may hold slashes, encoded ones too. */
function climbs(url: string): boolean {
  const [path = ''] = url.split('?', 1);
  try {
    return !path.startsWith('/v1/') || /[#\\]|\/\/|\/\.{1,2}(?:\/|$)/.test(decodeURIComponent(path));
  } catch {
    return true;
  }
}

/** Decides the form of errors, on unknown paths too. */
export function endpointProtocol(incoming: IncomingMessage): Protocol {
  return incoming.url?.startsWith('/v1/messages') === true || isAnthropic(incoming.headers) ? 'anthropic' : 'openai';
}

function otherEndpoint(url: string): Endpoint {
  return url.startsWith('/v1/') && !isDisguised(url) ? 'passthrough' : 'not_found';
}

/**
 * A path that a provider may read as a parsed endpoint although we do not: doubled or encoded slashes, dot segments,
 * encoded letters, other case, a trailing slash, parameters, a fragment. Passed through, it would slip past redaction and policy.
 */
export function isDisguised(url: string): boolean {
  const path = url.split('?', 1)[0]!;
  if (/\/\/|\\|#|%2f|%5c|\/\.{1,2}(?:\/|$)|%2e/i.test(path)) return true;
  let plain = path;
  try {
    plain = decodeURIComponent(path);
  } catch {
    return true;
  }
  // Some servers cut a path at such characters or strip them.
  const [head = ''] = plain.split(/[?#;\s\0]/, 1);
  const canonical = head.toUpperCase().toLowerCase().replace(/\/+$/, '');
  return canonical !== path && (canonical in PARSED || canonical === '/v1/feedback');
}
