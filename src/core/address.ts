import { isIP, isIPv4, isIPv6 } from 'node:net';

export { isIPv4, isIPv6 };

/**
 * Where clouds answer with credentials or instance data, beyond the link-local range.
 * @source the vendors' metadata pages: AWS, EKS Pod Identity, Google, Alibaba, Azure (WireServer), Oracle
 */
const METADATA_ADDRESSES: ReadonlySet<string> = new Set([
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
]);

/**
 * Why nothing may be sent to an IP address, or null. Judges the address that is meant: an IPv4 address inside an IPv6
 * one (mapped, NAT64, 6to4) is judged as IPv4. `allowed` holds addresses as `canonicalAddress` writes them.
 */
export function forbiddenAddress(ip: string, allowed: readonly string[] = []): string | null {
  const address = canonicalAddress(ip);
  if (allowed.includes(address)) return null;
  if (METADATA_ADDRESSES.has(address) || address === '169.254.169.254') return 'a cloud metadata address';
  if (address.startsWith('169.254.') || /^fe[89ab][0-9a-f]:/.test(address)) return 'a link-local address';
  return null;
}

/** One spelling for every spelling of an IP address; text that is none comes back in lower case. */
export function canonicalAddress(text: string): string {
  const bare = text.replace(/^\[|\]$|%.*$/g, '').toLowerCase();
  if (isIP(bare) !== 6) return bare;
  const compressed = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  return embeddedIpv4(groupsOf(compressed)) ?? compressed;
}

/** The eight 16-bit groups of an IPv6 address without a dotted part. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const start = head === '' ? [] : head.split(':');
  const end = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - start.length - end.length }, () => '0');
  return [...start, ...zeros, ...end].map((group) => Number.parseInt(group, 16));
}

/** @source RFC 4291 2.5.5 (compatible, mapped), RFC 6052 (NAT64), RFC 3056 (6to4) */
function embeddedIpv4(groups: readonly number[]): string | null {
  const [a, b, c, d, e, f, g, h] = groups as [number, number, number, number, number, number, number, number];
  if (a === 0x2002) return dotted(b, c);
  const isMapped = a === 0 && b === 0 && c === 0 && d === 0 && e === 0 && f === 0xffff;
  const isNat64 = a === 0x64 && b === 0xff9b && c === 0 && d === 0 && e === 0 && f === 0;
  // `::` and `::1` are addresses of their own.
  const isCompatible = [a, b, c, d, e, f].every((group) => group === 0) && g !== 0;
  return isMapped || isNat64 || isCompatible ? dotted(g, h) : null;
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}
