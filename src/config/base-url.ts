import { isIP } from 'node:net';
import { canonicalAddress, forbiddenAddress } from '../core/address.ts';
import type { Issues, Path } from './problem.ts';

/** Names that answer with credentials whatever they resolve to. @source Google Cloud, "About VM metadata" */
const METADATA_HOSTS: ReadonlySet<string> = new Set(['metadata.google.internal', 'metadata.goog']);

/**
 * A provider's base URL in one spelling, without a trailing slash; empty after an issue was added. Odd spellings of an
 * address (decimal, octal, hex) are judged by what the URL standard makes of them. The address that a host name
 * resolves to is judged again when the connection is made.
 */
export function checkBaseUrl(text: string, allowed: readonly string[], at: Path, issues: Issues): string {
  const url = URL.parse(text);
  const wrong = url === null ? NOT_A_URL : flawOf(url, allowed);
  if (wrong !== null) issues.add(at, ...wrong);
  return url === null ? '' : url.href.replace(/\/+$/, '');
}

type Flaw = readonly [message: string, fix: string];

const NOT_A_URL: Flaw = ['must be a URL', 'write http://HOST or https://HOST, with port and path where needed'];

function flawOf(url: URL, allowed: readonly string[]): Flaw | null {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return NOT_A_URL;
  if (url.username !== '' || url.password !== '') return ['holds credentials', 'put the key under apiKey or headers'];
  // An empty query or fragment leaves only its sign.
  if (/[?#]/.test(url.href)) return ['holds a query or a fragment', 'remove what follows ? or #'];
  const reason = forbiddenHost(url.hostname, allowed);
  return reason === null
    ? null
    : [`leads to ${reason}`, 'use another host, or list the address under allowAddresses if it is really meant'];
}

function forbiddenHost(hostname: string, allowed: readonly string[]): string | null {
  const host = canonicalAddress(hostname.replace(/\.$/, ''));
  if (isIP(host) !== 0) return forbiddenAddress(host, allowed);
  return METADATA_HOSTS.has(host) && !allowed.includes(host) ? 'a cloud metadata host' : null;
}

const PRIVATE_NAME = /^[^.]+$|\.(?:local|localhost|internal|svc|lan|home\.arpa)$/;
/** @source RFC 1918, RFC 6598 (shared by carriers and overlay networks), RFC 4193 */
const PRIVATE_ADDRESS =
  /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd][0-9a-f]{2}:)/;

/** An address or a name that only a network of one's own has. Null is the gateway itself. */
export function isPrivate(baseUrl: string | null): boolean {
  const hostname = baseUrl === null ? 'localhost' : (URL.parse(baseUrl)?.hostname ?? '');
  const host = canonicalAddress(hostname.replace(/\.$/, ''));
  return isIP(host) === 0 ? PRIVATE_NAME.test(host) : PRIVATE_ADDRESS.test(host);
}
