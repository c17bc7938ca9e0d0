import { isIPv4, isIPv6 } from '../../core/address.ts';
import type { Chars } from '../../core/units.ts';
import { ALNUM, CharSet, WORD } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';

const COLON = 0x3a;
const DOT = 0x2e;
const DASH = 0x2d;
const SLASH = 0x2f;
const PERCENT = 0x25;
const OPEN = 0x5b;
const V4_CHARS = new CharSet('0-9.');
const V6_CHARS = new CharSet('0-9A-Fa-f.:');
const HEX = new CharSet('0-9A-Fa-f');
const ZONE_CHARS = new CharSet('A-Za-z0-9._-');
const NETWORK_CHARS = new CharSet('0-9/');
const LONGEST_V4: Chars = 15;
const SHORTEST_V4: Chars = 7;
const LONGEST_V6: Chars = 45;
const LONGEST_ZONE: Chars = 16;
/** A slash and three digits, and what ends them. */
const LONGEST_NETWORK: Chars = 5;
const GROUP: Chars = 4;
const BEFORE: Chars = 16;
/** What makes four numbers a version. */
const VERSION =
  /(?:(?:^|[^a-z])(?:v|ver|versions?|release|build|revision|section|oid)[\s:="'.]{1,3}|(?:[~^]|[<>=!~]=)\s?|[a-z]\/)$/i;
/** @source https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast */
const SPECIAL_V4 =
  /^(?:0|10|127|22[4-9]|2[345]\d|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])|169\.254|172\.(?:1[6-9]|2\d|3[01])|192\.(?:0\.[02]|168)|198\.(?:1[89]|51\.100)|203\.0\.113)\./;
/** All that is not handed out to networks of the internet. @source https://www.iana.org/assignments/iana-ipv6-special-registry */
const PUBLIC_V6 = /^[23]/;
const DOCUMENTATION_V6 = /^(?:2001:0?db8:|3fff:)/i;

interface Address {
  readonly start: number;
  readonly end: number;
}

function matchV4(text: string, at: number, after: number, final: boolean): Address | Verdict {
  if ((after < text.length && text.charCodeAt(after) !== DOT) || !startsV4(text, at)) return null;
  const runEnd = V4_CHARS.runEnd(text, at, at + LONGEST_V4 + 2);
  if (runEnd === text.length && !final) return pending(at, V4_CHARS, at + LONGEST_V4 + 2);
  const end = text.charCodeAt(runEnd - 1) === DOT ? runEnd - 1 : runEnd;
  if (!isIPv4(text.slice(at, end))) return null;
  if (end + 1 >= text.length && !final) return pending(at);
  return endsV4(text, end) ? { start: at, end } : null;
}

function startsV4(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  if ((before === DOT || before === DASH) && ALNUM.has(text.charCodeAt(at - 2))) return false;
  return !VERSION.test(text.slice(Math.max(0, at - BEFORE), at));
}

function endsV4(text: string, end: number): boolean {
  const code = text.charCodeAt(end);
  return !WORD.has(code) && !((code === DASH || code === DOT) && ALNUM.has(text.charCodeAt(end + 1)));
}

/** @param at of the first colon */
function matchV6(text: string, at: number, final: boolean): Address | Verdict {
  const start = v6Start(text, at);
  if (start < 0) return null;
  if (at + 1 === text.length && !final) return pending(start);
  const limit = start + LONGEST_V6 + 1;
  const runEnd = V6_CHARS.runEnd(text, start, limit);
  if (runEnd === text.length && runEnd < limit && !final) return pending(start, V6_CHARS, limit);
  let end = runEnd;
  while (end > start && (text.charCodeAt(end - 1) === DOT || isLoneColon(text, end))) end--;
  if (!isIPv6(text.slice(start, end)) || isSlice(text, start, end)) return null;
  if (end === text.length && !final) return pending(start);
  const zoneEnd = text.charCodeAt(end) === PERCENT ? ZONE_CHARS.runEnd(text, end + 1, end + LONGEST_ZONE) : end;
  if (zoneEnd === text.length && zoneEnd > end && !final) return pending(start, ZONE_CHARS, end + LONGEST_ZONE);
  return WORD.has(text.charCodeAt(zoneEnd)) ? null : { start, end: zoneEnd };
}

function isLoneColon(text: string, end: number): boolean {
  return text.charCodeAt(end - 1) === COLON && text.charCodeAt(end - 2) !== COLON;
}

/** Where the address begins whose first colon stands at `at`; -1 where it is not the first or no address begins so. */
function v6Start(text: string, at: number): number {
  let start = at;
  while (at - start < GROUP && HEX.has(text.charCodeAt(start - 1))) start--;
  const before = text.charCodeAt(start - 1);
  if (WORD.has(before) || before === COLON || before === DOT) return -1;
  const mayBegin = start < at || at + 1 === text.length || text.charCodeAt(at + 1) === COLON;
  return mayBegin ? start : -1;
}

/** `a[::2]` and `Foo ::Bar`: two colons and little else, where no address of one's own would stand. */
function isSlice(text: string, start: number, end: number): boolean {
  if (text.charCodeAt(start) !== COLON || end - start > GROUP + 2) return false;
  if (end - start === 2) return text.charCodeAt(end) !== SLASH;
  return !text.startsWith('::1', start) || end - start > 3 || isSubscript(text, start);
}

function isSubscript(text: string, start: number): boolean {
  return text.charCodeAt(start - 1) === OPEN && WORD.has(text.charCodeAt(start - 2));
}

/** The address, or the network that it stands for: `/24`. */
function withNetwork(text: string, { start, end }: Address, most: number, final: boolean): Verdict {
  if (text.charCodeAt(end) !== SLASH) return match(start, end);
  const runEnd = NETWORK_CHARS.runEnd(text, end + 1, end + LONGEST_NETWORK);
  if (runEnd === text.length && runEnd < end + LONGEST_NETWORK && !final)
    return pending(start, NETWORK_CHARS, end + LONGEST_NETWORK);
  const isNetwork = /^\d{1,3}$/.test(text.slice(end + 1, runEnd)) && Number(text.slice(end + 1, runEnd)) <= most;
  return match(start, isNetwork && !WORD.has(text.charCodeAt(runEnd)) ? runEnd : end);
}

function isPublic(address: string): boolean {
  const dotted = address.slice(address.lastIndexOf(':') + 1);
  if (dotted === address) return !SPECIAL_V4.test(address);
  if (dotted.includes('.') && /^(?:0*:){2,}(?:ffff:)?/i.test(address)) return !SPECIAL_V4.test(dotted);
  return PUBLIC_V6.test(address) && !DOCUMENTATION_V6.test(address);
}

/** @param wantsPublic addresses of the internet; else those that mean something in one network only */
function judge(text: string, at: number, after: number, final: boolean, wantsPublic: boolean): Verdict {
  const isV6 = text.charCodeAt(at) === COLON;
  const found = isV6 ? matchV6(text, at, final) : matchV4(text, at, after, final);
  if (found === null || 'kind' in found) return found;
  const address = text.slice(found.start, found.end);
  return isPublic(address) === wantsPublic ? withNetwork(text, found, isV6 ? 128 : 32, final) : null;
}

function isPlausibleV4(text: string, at: number): boolean {
  const end = V4_CHARS.runEnd(text, at, at + LONGEST_V4 + 2);
  return end - at >= SHORTEST_V4 && isIPv4(text.slice(at, text.charCodeAt(end - 1) === DOT ? end - 1 : end));
}

/** Two more colons, or two at once: whatever stands before the first. */
function isPlausibleV6(text: string, after: number): boolean {
  const end = V6_CHARS.runEnd(text, after, after + LONGEST_V6);
  if (end === after) return false;
  if (text.charCodeAt(after) === COLON) return true;
  for (let i = after, colons = 0; i < end; i++) if (text.charCodeAt(i) === COLON && ++colons > 1) return true;
  return false;
}

/** The group of digits that the first colon may follow. */
function v6TailStart(text: string): number {
  let at = text.length;
  while (text.length - at < GROUP && HEX.has(text.charCodeAt(at - 1))) at--;
  const before = text.charCodeAt(at - 1);
  return WORD.has(before) || before === COLON || before === DOT ? text.length : at;
}

function canonical(value: string): string {
  return value.toLowerCase();
}

const PUBLIC_V4_TEXT = ['81', '2', '69', '142'].join('.');
const PUBLIC_V6_TEXT = '2a00:1450:4009:815::200e';
const NOT_PUBLIC = ['version 4.8.2.1', 'v4.8.2.1', 'Chrome/120.4.8.1', '1.2.3', '1.3.6.1.4.1', '300.1.1.1', '12:34:56'];
const V4_WORDS = ['9', '99', '999'];

interface IpSpec {
  readonly id: string;
  readonly description: string;
  readonly isPublic: boolean;
  readonly source: string;
  readonly examples: Detector['examples'];
  readonly nearMisses: readonly string[];
}

function v4Detector({ id, description, isPublic: wantsPublic, ...rest }: IpSpec): Detector {
  return {
    ...rest,
    id,
    category: 'ips',
    description,
    keywords: [],
    begins: 'word',
    trigger: 'number',
    firstWords: V4_WORDS,
    digitsInRow: 1,
    rank: 0,
    redactsPartial: false,
    tailStart: null,
    plausible: isPlausibleV4,
    match: (text, at, after, final) => judge(text, at, after, final, wantsPublic),
    canonical,
  };
}

function v6Detector({ id, description, isPublic: wantsPublic, ...rest }: IpSpec): Detector {
  return {
    ...rest,
    id,
    category: 'ips',
    description,
    keywords: [':'],
    begins: 'anywhere',
    trigger: 'keyword',
    rank: 0,
    redactsPartial: false,
    tailStart: v6TailStart,
    plausible: isPlausibleV6,
    match: (text, at, after, final) => judge(text, at, after, final, wantsPublic),
    canonical,
  };
}

/** Of the internet, and of one network: whoever wants the latter to pass switches off their rules. */
export const IP: readonly Detector[] = [
  v4Detector({
    id: 'pii.ip',
    description: 'IPv4 address of the internet',
    isPublic: true,
    source: 'https://www.rfc-editor.org/rfc/rfc791',
    examples: [
      { text: PUBLIC_V4_TEXT },
      { text: `from ${PUBLIC_V4_TEXT}:443, twice`, value: PUBLIC_V4_TEXT },
      { text: `http://${PUBLIC_V4_TEXT}/index`, value: PUBLIC_V4_TEXT },
      { text: `route ${PUBLIC_V4_TEXT}/24 is`, value: `${PUBLIC_V4_TEXT}/24` },
    ],
    nearMisses: [...NOT_PUBLIC, '10.1.2.3', '127.0.0.1', '192.168.0.1', '203.0.113.9'],
  }),
  v4Detector({
    id: 'pii.ip_private',
    description: 'IPv4 address of a private or special network',
    isPublic: false,
    source: 'https://www.rfc-editor.org/rfc/rfc1918',
    examples: [
      { text: '10.20.30.40' },
      { text: 'host 192.168.7.12.', value: '192.168.7.12' },
      { text: '172.16.0.0/12' },
    ],
    nearMisses: [PUBLIC_V4_TEXT, 'version 10.0.0.1', '10.0.0', '10.0.0.1-beta'],
  }),
  v6Detector({
    id: 'pii.ip_v6',
    description: 'IPv6 address of the internet',
    isPublic: true,
    source: 'https://www.rfc-editor.org/rfc/rfc4291#section-2.2',
    examples: [
      { text: PUBLIC_V6_TEXT },
      { text: '2a00:1450:4009:815:0:0:0:200e' },
      { text: `[${PUBLIC_V6_TEXT}]:443`, value: PUBLIC_V6_TEXT },
      { text: `::ffff:${PUBLIC_V4_TEXT}` },
    ],
    nearMisses: ['fe80::1', '2001:db8::1', 'std::dec', '12:34:56', 'a1:b2:c3:d4:e5:f6', '2a00::1450::1'],
  }),
  v6Detector({
    id: 'pii.ip_v6_private',
    description: 'IPv6 address of a private or special network',
    isPublic: false,
    source: 'https://www.rfc-editor.org/rfc/rfc4193',
    examples: [
      { text: 'fe80::1%eth0' },
      { text: 'on fd12:3456:789a::1/64,', value: 'fd12:3456:789a::1/64' },
      { text: '::1' },
    ],
    nearMisses: ['a[::1]', 'a[::2]', 'Foo::Bar', 'std::cout', '::', ':::', PUBLIC_V6_TEXT],
  }),
];
