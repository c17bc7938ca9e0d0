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
