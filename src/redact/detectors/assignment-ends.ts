import type { Chars } from '../../core/units.ts';
import { CharSet, EDGE_CODE } from '../char-set.ts';
import { KnownRun } from '../last-text.ts';
import type { Link } from './assigned-value.ts';
import { isQuery } from './assignment-surroundings.ts';
import type { Name } from './assignment-surroundings.ts';

const NAME_REST = new CharSet('A-Za-z0-9_$.-');
const LONGEST_REST: Chars = 40;
/** A longer value is followed as far as it is of one piece. */
export const LONGEST_VALUE: Chars = 256;
const STOPS_BARE = new CharSet('"\'`<,;\\ \t\r\n');
const TRAILING = new CharSet('.:)]}>*|');
const LINE_ENDS = new CharSet('\r\n');
const NAME_JOINTS = new CharSet('.-');
const ASCII_END = 0x80;
/** Signs and letters of Chinese and Japanese. */
const UNSPACED = 0x3000;
const UNSPACED_END = 0xa000;
const HANGUL = 0xac00;
const HANGUL_END = 0xd7b0;
const BACKSLASH = 0x5c;
const AMPERSAND = 0x26;
const EQUALS = 0x3d;
export const PARAMETER_NAME = new CharSet('A-Za-z0-9_.-');
const HASH = 0x23;

/** Behind what continues a name; -1 where it is no name. */
export function nameEnd(text: string, after: number): number {
  const end = NAMES.end(text, after, after + LONGEST_REST + 1);
  return end - after > LONGEST_REST ? -1 : end;
}

const NAMES = new KnownRun({
  runEnd(text, from, limit) {
    const end = Math.min(text.length, limit);
    let at = from;
    while (at < end && (NAME_REST.has(text.charCodeAt(at)) || isAccented(text.charCodeAt(at)))) at++;
    return at;
  },
});

/** A full stop or dash at the end is no part of the name. */
export function trimmedNameEnd(text: string, after: number, to: number): number {
  let end = to;
  while (end > after && NAME_JOINTS.has(text.charCodeAt(end - 1))) end--;
  return end;
}

/** Latin letters outside ASCII. */
function isAccented(code: number): boolean {
  return code >= 0xc0 && code <= 0x24f;
}

export function bareEnd(text: string, start: number): number {
  return BARE.end(text, start, start + LONGEST_VALUE);
}

/** What is of one piece. */
const BARE = new KnownRun({
  runEnd(text, from, limit) {
    const end = Math.min(text.length, limit);
    let at = from;
    while (at < end && !stopsBare(text.charCodeAt(at))) at++;
    return at;
  },
});

/** Scripts without blanks between words go on behind a value. */
function stopsBare(code: number): boolean {
  if (code < ASCII_END) return STOPS_BARE.has(code);
  return (code >= UNSPACED && code < UNSPACED_END) || (code >= HANGUL && code < HANGUL_END) || code === EDGE_CODE;
}

/** Where the closing quote stands; -1 where the line ends before it. */
export function quotedEnd(text: string, { start, quote, escapes }: Link): number {
  const limit = Math.min(text.length, start + LONGEST_VALUE);
  if (escapes > 0) return escapedEnd(text, start, limit, quote, escapes);
  for (let at = start; at < limit; at++) {
    const code = text.charCodeAt(at);
    if (code === EDGE_CODE || code === quote) return at;
    if (LINE_ENDS.has(code)) return -1;
    if (code === BACKSLASH && quote !== EDGE_CODE) at++;
  }
  return limit;
}

/** The closing quote is escaped as the opening one; with more backslashes it belongs to the value, with fewer to the text around. */
function escapedEnd(text: string, start: number, limit: number, quote: number, escapes: number): number {
  let slashes = 0;
  for (let at = start; at < limit; at++) {
    const code = text.charCodeAt(at);
    if (code === EDGE_CODE) return at;
    if (LINE_ENDS.has(code)) return -1;
    if (code === quote && (slashes < escapes || slashes % 2 === 0)) return slashes < escapes ? at - slashes : at;
    if (code === quote && slashes % (2 * escapes + 2) === escapes) return at - escapes;
    slashes = code === BACKSLASH ? slashes + 1 : 0;
  }
  return limit;
}

export function trimmedEnd(text: string, name: Name, link: Link, end: number): number {
  let trimmed = link.tie === 'equals' && link.isTight ? parameterEnd(text, name, link, end) : end;
  while (trimmed > link.start && TRAILING.has(text.charCodeAt(trimmed - 1))) trimmed--;
  return trimmed;
}

/** Without signs that end a sentence or close what was opened before. */
export function withoutTrailing(value: string): string {
  let { length } = value;
  while (length > 0 && TRAILING.has(value.charCodeAt(length - 1))) length--;
  return value.slice(0, length);
}

/** Where the next parameter of a URL or form begins. */
function parameterEnd(text: string, name: Name, link: Link, end: number): number {
  const inQuery = isQuery(text, name, link);
  for (let at = link.start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === AMPERSAND && (inQuery || text.charCodeAt(PARAMETER_NAME.runEnd(text, at + 1, end)) === EQUALS))
      return at;
    if (code === HASH && inQuery) return at;
  }
  return end;
}
