import { createHash } from 'node:crypto';
import { canonicalText } from './cache/canonical-text.ts';
import { GatewayError } from './core/errors.ts';
import type { JsonDocument } from './core/json-document.ts';
import { tenantOf, type Principal } from './core/principal.ts';
import type { CacheConfig } from './core/reply-cache.ts';
import type { OpenCall } from './open-calls.ts';
import type { UpstreamRequest } from './upstream/attempt.ts';
import type { Candidate } from './upstream/attempt-once.ts';

/** What the provider keeps, works on later or does beside its reply: a reply that is given again would not do it again. */
const STATEFUL = ['background', 'previous_response_id', 'conversation', 'container', 'mcp_servers'] as const;
const TOOLS = ['tools', 'functions', 'web_search_options'] as const;

/** Whether the same request may get the same reply. */
export function mayKeep({ exchange: { operation } }: OpenCall, clean: JsonDocument, cache: CacheConfig): boolean {
  if (!cache.operations.includes(operation)) return false;
  const says = (name: string): boolean => {
    const node = clean.member(clean.root, name);
    return node !== null && !clean.isNull(node) && clean.text.slice(node.start, node.end) !== 'false';
  };
  if (STATEFUL.some(says) || (!cache.tools && TOOLS.some(says))) return false;
  // A response is kept by the provider unless it is told not to; one of chat is not.
  return operation === 'responses' ? clean.member(clean.root, 'store') !== null && !says('store') : !says('store');
}

/**
 * Of the request as it would be sent, to the letter but for white space and the order of members.
 * @param asked the app's own document where an equal target may get it in another protocol than `candidate`: what one
 * protocol cannot say another one can
 * @returns null where it has none
 */
export function cacheKey(
  { exchange }: OpenCall,
  principal: Principal,
  cache: CacheConfig,
  candidate: Candidate,
  asked: JsonDocument | null,
): string | null {
  const request = requestOf(candidate);
  if (request === null || !Buffer.isBuffer(request.body)) return null;
  const { path, headers, body } = request;
  const meant: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const header = headers[i]!.toLowerCase();
    if (header === 'content-encoding') return null;
    if (/^(?:anthropic-|openai-|x-goog-|accept$)/.test(header)) meant.push(`${header}: ${headers[i + 1]!}`);
  }
  const tenant = cache.scope === 'team' ? tenantOf(principal) : principal.id;
  const { name, baseUrl } = candidate.upstream.config;
  const parts = [tenant, exchange.operation, name, baseUrl, path, meant.sort()];
  const hash = createHash('sha256')
    .update(JSON.stringify(parts))
    .update('\0')
    .update(canonicalText(body.toString('utf8')));
  if (asked !== null) hash.update('\0').update(canonicalText(asked.text));
  return hash.digest('hex');
}

/** Null: its provider cannot be told; whoever sends the call says so. */
function requestOf(candidate: Candidate): UpstreamRequest | null {
  try {
    return candidate.request();
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}
