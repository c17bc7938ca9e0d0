import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Operation, Protocol } from '../core/operation.ts';

/** What a request asks for: an endpoint, nothing that exists, or nothing that can be told. */
export type Endpoint = Operation | 'reachable' | 'not_found' | 'bad_host';

export type HandleCall = (endpoint: Endpoint, incoming: IncomingMessage, outgoing: ServerResponse) => void;

/** The endpoints whose bodies are read, by their path to the letter. All are POST. */
const PARSED: ReadonlyMap<string, Operation> = new Map([
  ['/v1/chat/completions', 'chat'],
  ['/v1/completions', 'text_completion'],
  ['/v1/responses', 'responses'],
  ['/v1/embeddings', 'embeddings'],
  ['/v1/moderations', 'moderations'],
  ['/v1/messages', 'messages'],
  ['/v1/messages/count_tokens', 'count_tokens'],
]);
/** Outcomes of requests are the gateway's own endpoint and never a provider's. */
const FEEDBACK = '/v1/feedback';

/**
 * The endpoint of a request, by its target as it came: nothing is decoded or tidied up first, so what is matched here is
 * what a provider will read. Any other spelling of an endpoint of ours is no endpoint at all, and neither is an address of
 * another host (the absolute form, which is for proxies).
 */
export function findEndpoint({ method, url = '' }: IncomingMessage): Endpoint {
  const path = withoutQuery(url);
  const parsed = PARSED.get(path);
  if (parsed !== undefined && method === 'POST') return parsed;
  if (path === FEEDBACK) return method === 'POST' ? 'feedback' : 'not_found';
  // Some clients ask whether anybody is there before their first call.
  if (path === '/' && method === 'HEAD') return 'reachable';
  if (!path.startsWith('/v1/')) return 'not_found';
  if (method === 'GET' && (path === '/v1/models' || path.startsWith('/v1/models/')))
    return climbs(path) ? 'not_found' : 'models';
  return isDisguised(path) ? 'not_found' : 'passthrough';
}

/** Decides the form of errors: by the path, and where it belongs to neither protocol, by the client. */
export function endpointProtocol({ url = '', headers }: Pick<IncomingMessage, 'url' | 'headers'>): Protocol {
  if (url.startsWith('/v1/messages')) return 'anthropic';
  const path = withoutQuery(url);
  return !PARSED.has(path) && path !== FEEDBACK && isAnthropic(headers) ? 'anthropic' : 'openai';
}

function withoutQuery(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

/** Anthropic's clients always send their version; it tells them apart where a path serves both protocols. */
export function isAnthropic(headers: IncomingHttpHeaders): boolean {
  return headers['anthropic-version'] !== undefined;
}

/** Whether a provider may read the path of a model as another one; ids may hold slashes, encoded ones too. */
function climbs(path: string): boolean {
  try {
    return /[#\\]|\/\/|\/\.{1,2}(?:\/|$)/.test(decodeURIComponent(path));
  } catch {
    return true;
  }
}

/**
 * A path that a provider may read as a parsed endpoint although we do not: doubled or encoded slashes, dot segments,
 * encoded letters, other case, a trailing slash, parameters, a fragment. Passed through, it would slip past redaction
 * and policy.
 * @param path without the query
 */
export function isDisguised(path: string): boolean {
  if (/\/\/|\\|#|%2f|%5c|\/\.{1,2}(?:\/|$)|%2e/i.test(path)) return true;
  let plain: string;
  try {
    plain = decodeURIComponent(path);
  } catch {
    return true;
  }
  // Some servers cut a path at such characters or strip them.
  const [head = ''] = plain.split(/[?#;\s\0]/, 1);
  const canonical = head.toUpperCase().toLowerCase().replace(/\/+$/, '');
  return canonical !== path && (PARSED.has(canonical) || canonical === FEEDBACK);
}
