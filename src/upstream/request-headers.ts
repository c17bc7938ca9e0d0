import type { ProviderKey } from '../core/provider-key.ts';
import type { Provider } from '../core/provider.ts';
import type { RequestTrace } from '../core/request-trace.ts';

/**
 * Headers of the client that stop here: hop-by-hop (RFC 9110 section 7.6.1), framing that is made anew, and credentials,
 * which are put back below where they belong.
 */
const STOPPED = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
  'content-encoding',
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'expect',
  'accept-encoding',
]);

export interface HeaderPlan {
  readonly provider: Provider;
  readonly key: ProviderKey;
  /** Extra headers from the provider's configuration, lower-case names; they win over the client's. */
  readonly extra: Readonly<Record<string, string>>;
  /** The client's headers are those of another protocol. */
  readonly isTranslated: boolean;
  /** Null: requests are not traced, and what the client says of its own trace passes. */
  readonly trace: RequestTrace | null;
  /** The provider is told of the trace. */
  readonly tellsTrace: boolean;
}

/** Of a request that is traced the gateway says what its trace is; baggage is for the client's own services. */
const TRACE_HEADERS: ReadonlySet<string> = new Set(['traceparent', 'tracestate', 'baggage']);

/** Headers that only the client's own vendor understands. */
const VENDOR_HEADER = /^(?:openai-|anthropic-|x-stainless-|x-goog-|x-amz-)/;

/**
 * The headers to send, names and values in turn, in the client's order and spelling.
 * @param consumed credential headers that held a key of ours: never sent on
 */
export function upstreamHeaders(
  rawHeaders: readonly string[],
  plan: HeaderPlan,
  consumed: readonly string[],
  encoding: string | null,
): string[] {
  const { provider, key, extra } = plan;
  const headers: string[] = [];
  const named = connectionNamed(rawHeaders);
  const passed = key.kind === 'client' ? passedCredentials(rawHeaders, consumed) : NONE;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    const lower = name.toLowerCase();
    if (STOPPED.has(lower) && !passed.has(lower)) continue;
    if (plan.isTranslated && VENDOR_HEADER.test(lower)) continue;
    if (lower.startsWith('x-sluice-') || consumed.includes(lower) || named?.has(lower) === true) continue;
    if (Object.hasOwn(extra, lower)) continue;
    if (plan.trace !== null && TRACE_HEADERS.has(lower)) continue;
    headers.push(name, rawHeaders[i + 1]!);
  }
  if (key.kind === 'configured') headers.push(...provider.authHeader(key.value));
  for (const [name, value] of provider.requiredHeaders)
    if (!holds(headers, name) && !Object.hasOwn(extra, name)) headers.push(name, value);
  for (const name in extra) headers.push(name, extra[name]!);
  if (plan.trace !== null && plan.tellsTrace) addTrace(headers, plan.trace, extra);
  if (encoding !== null) headers.push('content-encoding', encoding);
  // Compressed replies would have to be inflated before they can be judged.
  headers.push('accept-encoding', 'identity');
  return headers;
}

function addTrace(headers: string[], trace: RequestTrace, extra: HeaderPlan['extra']): void {
  if (Object.hasOwn(extra, 'traceparent')) return;
  headers.push('traceparent', trace.traceparent);
  if (trace.place.state !== '') headers.push('tracestate', trace.place.state);
}

/** @param headers names and values in turn */
function holds(headers: readonly string[], lowerName: string): boolean {
  for (let i = 0; i < headers.length; i += 2) if (headers[i]!.toLowerCase() === lowerName) return true;
  return false;
}

const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'x-api-key', 'api-key', 'x-goog-api-key']);
const NONE: ReadonlySet<string> = new Set();

/** Of a header that is sent twice only one value was judged, and the other may be a key of ours: neither goes on. */
function passedCredentials(rawHeaders: readonly string[], consumed: readonly string[]): ReadonlySet<string> {
  const passed = new Set<string>();
  const stopped = new Set(consumed);
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    if (!CREDENTIALS.has(name)) continue;
    if (passed.delete(name)) stopped.add(name);
    else if (!stopped.has(name)) passed.add(name);
  }
  return passed;
}

/** `Connection: x-foo` makes x-foo hop-by-hop. */
function connectionNamed(rawHeaders: readonly string[]): Set<string> | null {
  let named: Set<string> | null = null;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.length !== 'connection'.length || rawHeaders[i]!.toLowerCase() !== 'connection') continue;
    const value = rawHeaders[i + 1]!;
    if (value === 'keep-alive' || value === 'close') continue;
    named ??= new Set();
    for (const name of value.split(',')) named.add(name.trim().toLowerCase());
  }
  return named;
}
