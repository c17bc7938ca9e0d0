import type { Chars } from '../core/units.ts';
import { foldedChar } from './normalised-text.ts';

/** Characters that are looked back at: a scheme, a host's last labels, an attribute's name, and escapes among them. */
const SEEN: Chars = 128;
const TRIM_AT: Chars = 2 * SEEN;
/** How much of it a beginning may take: a host's last label and a port. */
const REACH: Chars = 40;
/** As much of it in escapes. */
const ESCAPED_REACH: Chars = 80;
const LONGEST_ESCAPE: Chars = 14;
/** What the escape of a sign of a URL ends with. */
const ESCAPED_SIGN = /(?:3a|2f|5c|2e|3f|23|58|47|92|46|63|35|colon|sol|period|quest|num)[;}]?$/i;
const ESCAPE_SIGN = /[&%\\]/;
const URL_SIGN = /[:/\\?#.]/;

const NAMED: Readonly<Record<string, string>> = {
  colon: ':',
  sol: '/',
  bsol: '\\',
  period: '.',
  quest: '?',
  num: '#',
  commat: '@',
  quot: '"',
  apos: "'",
  lt: '<',
  tab: '',
  newline: '',
};
const ENTITY =
  /&(?:#x0*([0-9a-f]{1,6})|#0*([0-9]{1,7})|(colon|sol|bsol|period|quest|num|commat|quot|apos|lt|tab|newline));?/gi;
const CODES = /%([0-9a-f]{2})|\\u([0-9a-f]{4})|\\u\{0*([0-9a-f]{1,6})\}|\\x([0-9a-f]{2})|\\0{0,4}(2[ef]|3[af]|5c)/gi;
const CODE_SIGN = /[&%]|\\[ux0-9]/i;
const BACKSLASHED = /\\([^a-z0-9\s])/g;

/** What a receiver may take for the text: escapes twice over become what they stand for. */
export function unescapedUrl(text: string): string {
  const once = unescapedOnce(text);
  return ESCAPE_SIGN.test(once) ? unescapedOnce(once) : once;
}

function unescapedOnce(text: string): string {
  return text
    .replace(ENTITY, (_, hex?: string, decimal?: string, name?: string) =>
      name === undefined ? charOf(hex ?? decimal!, hex === undefined ? 10 : 16) : NAMED[name.toLowerCase()]!,
    )
    .replace(CODES, (_, ...codes: (string | undefined)[]) => charOf(codes.slice(0, 5).find(Boolean)!, 16));
}

function charOf(digits: string, base: number): string {
  const code = Number.parseInt(digits, base);
  return code > 0x10ffff ? '' : String.fromCodePoint(code);
}

const SCHEMES = 'https?|wss?|ftps?|sftp|file|blob|filesystem|view-source';
const OPAQUE = 'data|javascript|vbscript|mailto|tel|sms|facetime|intent|livescript';
const NUMBER = '(?:0x[0-9a-f]+|[0-9]+)';
const HOST = String.raw`(?:[\p{L}\p{N}_-]\.(?:\p{L}{2,63}|xn--[a-z0-9-]{1,59})\.?|(?:^|[^\w.])${NUMBER}(?:\.${NUMBER})+|(?:^|[^\w./])(?:[0-9]{8,}|0x[0-9a-f]+)|\])`;

/** By the sign that they end with: a URL is known to have begun. */
const BEGINNINGS: Readonly<Record<string, RegExp>> = {
  ':': new RegExp(`(?:^|[^a-z0-9])(?:${SCHEMES}):$`, 'i'),
  '.': /(?:^|[^a-z0-9])www\.$/i,
  '/': /[a-z0-9+.-]:\/$|(?:^|[^a-z0-9/])\/\/$/i,
};
const BEHIND_COLON = new RegExp(
  `(?:^|[^a-z0-9])(?:${OPAQUE}):\\S$|<[a-z][a-z0-9+.-]{1,31}:[^\\s:]$|${HOST}:[^\\s:]$`,
  'iu',
);
const BEHIND_HOST = new RegExp(`(?:${HOST}|localhost)(?::[0-9]{1,5})?[/?#]$`, 'iu');
const HOST_END = /[\p{L}\p{N}\].]/u;
/** As much as a scheme and the sign behind it take. */
const SHORT_REACH: Chars = 14;
/** A name in front of a slash is a host for some programs. They take no blanks. */
const NAME_AND_SLASH = /(?:^|[^\w./<-])[a-z0-9-]+(?::[0-9]{1,5})?\/[^\s>]$/i;

/** What follows is a URL, whatever it is. */
const ATTRIBUTE =
  /[\s"'/](?:(?:xlink:|dyn|low|form|data-)?(?:src|href|action)|(?:image)?srcset|srcdoc|data|poster|background|cite|ping|longdesc|manifest|codebase|archive|profile|content|style)\s*=$/i;
const REFERENCE = /(?:^|[\r\n])[ >*-]{0,8}\[[^\]\r\n]{1,80}\]:$/;
/** Behind a word it is an index. @source https://www.bbcode.org/reference.php */
const BULLETIN = /(?:^|[^\w)\]])\[(?:img|url|video|audio)[\]=]$/i;
const TAG = /<[a-z][a-z0-9-]*(?::[a-z0-9-]+)?[\s/]$/i;

export type Beginning = 'url' | 'name' | 'attribute' | 'destination' | 'function' | 'braces' | 'reference' | 'bulletin';

/** Reads a text character by character and tells where a URL begins, however it is written. */
export class UrlBeginnings {
  private recent = '';
  private previous = '';
  private lastSign = -SEEN;
  private isAfterEscape = false;
  private length: Chars = 0;
  /** A tag with attributes was opened somewhere. */
  private sawTag = false;

  /** @param char as it is written: a code point */
  next(char: string): Beginning | null {
    const seen = char < '\x80' ? char : foldedChar(char);
    if (seen === '' || this.isPadding(seen)) return null;
    // A tall blank is none in a URL.
    this.recent += char > '\x7f' && /\s/.test(seen) ? '_' : seen;
    this.length++;
    if (ESCAPE_SIGN.test(seen)) this.lastSign = this.length;
    if (this.recent.length > TRIM_AT) this.recent = this.recent.slice(-SEEN);
    return this.opener(seen) ?? this.beginning(seen);
  }

  reset(): void {
    this.recent = '';
    this.previous = '';
    this.isAfterEscape = false;
    this.sawTag = false;
    this.lastSign = this.length - SEEN;
  }

  /** Zeros without end in `&#0058;`. */
  private isPadding(seen: string): boolean {
    return seen === '0' && /&#x?0$/i.test(this.recent.slice(-4));
  }

  private opener(seen: string): Beginning | null {
    const { recent } = this;
    if (seen === '(') {
      if (recent.endsWith('](')) return 'destination';
      return /url\($/i.test(recent) ? 'function' : null;
    }
    if (seen === '{')
      return /\\(?:href|url|path|includegraphics|image)(?:\[[^\]]{0,64}\])?\{$/i.test(recent) ? 'braces' : null;
    if (seen === '=' && this.sawTag && ATTRIBUTE.test(recent)) return 'attribute';
    if (seen === '=' || seen === ']') return BULLETIN.test(recent) ? 'bulletin' : null;
    if (seen === ':' && REFERENCE.test(recent)) return 'reference';
    if (!this.sawTag && /[\s/]/.test(seen) && recent.includes('<')) this.sawTag = TAG.test(recent);
    return null;
  }

  private beginning(seen: string): Beginning | null {
    const { recent, previous, isAfterEscape } = this;
    const isSign = URL_SIGN.test(seen);
    const sinceSign = this.length - this.lastSign;
    const isEscape = sinceSign <= LONGEST_ESCAPE && ESCAPED_SIGN.test(recent.slice(-LONGEST_ESCAPE));
    this.previous = seen;
    this.isAfterEscape = isEscape;
    const mayBegin = isSign || previous === ':';
    if (mayBegin && begins(recent)) return 'url';
    if ((mayBegin || isEscape || isAfterEscape) && sinceSign < ESCAPED_REACH && beginsEscaped(recent)) return 'url';
    return previous === '/' && NAME_AND_SLASH.test(recent.slice(-REACH)) ? 'name' : null;
  }
}

function beginsEscaped(recent: string): boolean {
  const text = recent.slice(-ESCAPED_REACH);
  const plain = CODE_SIGN.test(text) ? unescapedUrl(text) : text;
  if (plain !== text && begins(plain)) return true;
  if (!plain.includes('\\')) return false;
  const end = plain.slice(-REACH);
  return begins(end.replaceAll('\\', '/')) || begins(end.replace(BACKSLASHED, '$1'));
}

function begins(text: string): boolean {
  const last = text.at(-1) ?? '';
  const previous = text.at(-2) ?? '';
  if (BEGINNINGS[last]?.test(text.slice(-SHORT_REACH))) return true;
  if (previous === ':' && BEHIND_COLON.test(text.slice(-REACH))) return true;
  return '/?#'.includes(last) && HOST_END.test(previous) && BEHIND_HOST.test(text.slice(-REACH));
}
