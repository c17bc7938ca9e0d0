import type { Chars } from '../core/units.ts';
import { CharOutput } from './char-output.ts';
import { OffsetMap } from './offset-map.ts';

const MORE = '%[89ABab][0-9A-Fa-f]';
const PERCENT = `%[0-7][0-9A-Fa-f]|%[CDcd][0-9A-Fa-f]${MORE}|%[Ee][0-9A-Fa-f](?:${MORE}){2}|%[Ff][0-7](?:${MORE}){3}`;
const ENTITY = '&(?:#[0-9]{1,7}|#[Xx][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});';
const BACKSLASHED = String.raw`\\{1,8}(?:x[0-9A-Fa-f]{2}|u(?:[0-9A-Fa-f]{4}|\{[0-9A-Fa-f]{1,6}\}))`;
/** One character written in another way: `%2D`, `&#45;`, `&#x2d;`, `&hyphen;`, `\x2d`, `\u002d`, `\u{2d}`, however often escaped. */
const ESCAPE = new RegExp(`${PERCENT}|${ENTITY}|${BACKSLASHED}`, 'y');
const PERCENT_SIGN = 0x25;
const AMPERSAND = 0x26;
const BACKSLASH = 0x5c;
/** Of a character of ASCII in percent signs. */
const PERCENT_LENGTH: Chars = 3;

/**
 * Names of the characters that values and what stands around them are made of.
 * @source https://html.spec.whatwg.org/multipage/named-characters.html
 */
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  hyphen: '-',
  dash: '-',
  ndash: '-',
  shy: '',
  zwj: '',
  zwnj: '',
  period: '.',
  comma: ',',
  colon: ':',
  semi: ';',
  equals: '=',
  sol: '/',
  bsol: '\\',
  lowbar: '_',
  UnderBar: '_',
  commat: '@',
  num: '#',
  excl: '!',
  quest: '?',
  plus: '+',
  percnt: '%',
  dollar: '$',
  ast: '*',
  lpar: '(',
  rpar: ')',
  lbrack: '[',
  rbrack: ']',
  lbrace: '{',
  rbrace: '}',
  vert: '|',
  Hat: '^',
  grave: '`',
  Tab: '\t',
  NewLine: '\n',
};
const LAST_CODE_POINT = 0x10ffff;

interface Unescaped {
  readonly text: string;
  readonly map: OffsetMap;
}

/** False for most texts, and cheap: looks for the signs that escapes begin with. */
export function mayHaveEscapes(text: string): boolean {
  return has(text, '%', isHexDigit) || has(text, '&', isEntitySign) || has(text, '\\', isEscapeLetter);
}

function has(text: string, sign: string, isNext: (code: number) => boolean): boolean {
  for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1))
    if (isNext(text.charCodeAt(at + 1))) return true;
  return false;
}

function isHexDigit(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
}

function isEntitySign(code: number): boolean {
  return code === 0x23 || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a);
}

function isEscapeLetter(code: number): boolean {
  return code === 0x75 || code === 0x78;
}

/** The text with its escapes undone, once; null where it has none. */
export function unescaped(text: string): Unescaped | null {
  if (!mayHaveEscapes(text)) return null;
  const map = new OffsetMap();
  const out = new CharOutput(text, 0);
  let hasEscapes = false;
  for (let at = 0; at < text.length; at++) {
    const length = unescape(text, at, out, map);
    if (length === 0) out.add(text.charCodeAt(at));
    else {
      hasEscapes = true;
      at += length - 1;
    }
  }
  return hasEscapes ? { text: out.text(), map } : null;
}

/** Undoes the escape at `at`. Its length; 0 where there is none. */
function unescape(text: string, at: number, out: CharOutput, map: OffsetMap): Chars {
  const sign = text.charCodeAt(at);
  if (sign !== PERCENT_SIGN && sign !== AMPERSAND && sign !== BACKSLASH) return 0;
  const code = sign === PERCENT_SIGN ? asciiAt(text, at) : -1;
  if (code >= 0) {
    map.unit(out.length, 1, PERCENT_LENGTH);
    out.add(code);
    return PERCENT_LENGTH;
  }
  ESCAPE.lastIndex = at;
  const escape = ESCAPE.exec(text)?.[0];
  const char = escape === undefined ? null : decode(escape);
  if (char === null) return 0;
  if (char === '') map.gap(out.length, escape!.length);
  else map.unit(out.length, char.length, escape!.length);
  for (let i = 0; i < char.length; i++) out.add(char.charCodeAt(i));
  return escape!.length;
}

/** `%2D`, told without a regular expression: text may be made of nothing else. -1 where no such escape stands there. */
function asciiAt(text: string, at: number): number {
  const high = hexValue(text.charCodeAt(at + 1));
  const low = hexValue(text.charCodeAt(at + 2));
  return high >= 0 && high < 8 && low >= 0 ? high * 16 + low : -1;
}

function hexValue(code: number): number {
  if (!isHexDigit(code)) return -1;
  return code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57;
}

/** Null where it stands for no character. */
function decode(escape: string): string | null {
  if (escape.startsWith('%')) return percent(escape);
  if (escape.startsWith('&#')) return fromCode(escape.slice(2, -1).replace(/^[Xx]/, '0x'));
  if (escape.startsWith('&'))
    return Object.hasOwn(ENTITIES, escape.slice(1, -1)) ? ENTITIES[escape.slice(1, -1)]! : null;
  return fromCode(`0x${escape.replace(/^\\+[xu]/, '').replaceAll(/[{}]/g, '')}`);
}

function fromCode(number: string): string | null {
  const code = Number(number);
  return code <= LAST_CODE_POINT ? String.fromCodePoint(code) : null;
}

function percent(escape: string): string | null {
  if (escape.length === 3) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  const text = Buffer.from(escape.replaceAll('%', ''), 'hex').toString('utf8');
  return text.includes('\ufffd') ? null : text;
}
