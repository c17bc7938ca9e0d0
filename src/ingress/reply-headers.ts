import type { Exchange } from '../core/exchange.ts';
import type { Chars } from '../core/units.ts';

/** Reply headers that stop here: hop-by-hop (RFC 9110 section 7.6.1), and what speaks for the provider's own host. */
const STOPPED = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'set-cookie',
  'alt-svc',
]);

/** The provider's speak of the gateway's own account; to a caller with limits of its own they would say the wrong thing. */
const RATE_LIMIT = /^(?:x-ratelimit|anthropic-ratelimit)-/;

/** Headers that no longer fit once the body has changed. */
const BODY_BOUND = new Set(['content-length', 'content-encoding', 'content-md5', 'digest', 'content-digest', 'etag']);

/**
 * The provider's headers for the app, names and values in turn, ours behind them.
 * @param raw names and values in turn, latin1
 */
export function replyHeaders(raw: readonly Buffer[], exchange: Exchange, isBodyChanged: boolean): string[] {
  const headers: string[] = [];
  const named = connectionNamed(raw);
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toString('latin1');
    const lower = name.toLowerCase();
    if (
      STOPPED.has(lower) ||
      named?.has(lower) === true ||
      lower.startsWith('x-sluice-') ||
      (exchange.limitHeaders !== null && RATE_LIMIT.test(lower)) ||
      (isBodyChanged && BODY_BOUND.has(lower))
    )
      continue;
    headers.push(name, raw[i + 1]!.toString('latin1'));
  }
  addOwnHeaders(headers, exchange);
  return headers;
}

/** `Connection: x-foo` makes x-foo hop-by-hop. */
function connectionNamed(raw: readonly Buffer[]): ReadonlySet<string> | null {
  let named: Set<string> | null = null;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (raw[i]!.length !== 'connection'.length || raw[i]!.toString('latin1').toLowerCase() !== 'connection') continue;
    const value = raw[i + 1]!.toString('latin1').toLowerCase();
    if (value === 'keep-alive' || value === 'close') continue;
    named ??= new Set();
    for (const name of value.split(',')) named.add(name.trim());
  }
  return named;
}

/** Some dozens of names of fields. */
const MOST_TRANSLATED: Chars = 2048;

/** What every reply tells about its way through the gateway. */
export function addOwnHeaders(headers: string[], exchange: Exchange): void {
  headers.push('x-sluice-request-id', exchange.id);
  if (exchange.trace !== null) headers.push('x-sluice-trace-id', exchange.trace.traceId);
  if (exchange.provider !== '') headers.push('x-sluice-provider', exchange.provider);
  if (exchange.upstreamModel !== '') headers.push('x-sluice-model', headerText(exchange.upstreamModel));
  if (exchange.rollout !== '') headers.push('x-sluice-rollout', exchange.rollout, 'x-sluice-arm', exchange.arm);
  if (exchange.limitHeaders !== null) headers.push(...exchange.limitHeaders);
  if (!exchange.isStream && exchange.overheadMs !== null) headers.push('server-timing', serverTiming(exchange));
  if (exchange.cache !== null) headers.push('x-sluice-cache', exchange.cache);
  if (exchange.translated !== null)
    headers.push('x-sluice-translated', headerText(exchange.translated, MOST_TRANSLATED));
  const redacted = exchange.redactions === null ? '' : exchange.redactedHeader();
  if (redacted !== '') headers.push('x-sluice-redacted', redacted);
}

/** @source https://www.w3.org/TR/server-timing/ */
function serverTiming({ overheadMs, upstreamMs }: Exchange): string {
  return `sluice;dur=${micros(overheadMs!)}, upstream;dur=${micros(upstreamMs)}`;
}

function micros(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

/** A model name may be the caller's own text: no byte of it may end the header. */
function headerText(value: string, most = 256): string {
  return value.replace(/[^\x20-\x7e]/g, '?').slice(0, most);
}
