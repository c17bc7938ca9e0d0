import type { Chars } from '../../core/units.ts';
import { CharSet, EDGE_CODE } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';
import { readLink } from './assigned-value.ts';
import type { Link, Tie } from './assigned-value.ts';
import { isBareSecret, isProseSecret, isQuotedSecret } from './assignment-values.ts';
import type { Surroundings } from './assignment-values.ts';
import { LOWER, sample } from './sample.ts';
import { isAllUpper, kindOfName, mayNameSecret, nameStart, SECRET_NAMES } from './secret-names.ts';
import type { NameKind } from './secret-names.ts';
import { RunWalker } from './token.ts';

/** Any rule that knows the value itself knows more. */
const ASSIGNMENT_RANK = 0;
const NAME_REST = new CharSet('A-Za-z0-9_$.-');
const LONGEST_REST: Chars = 40;
/** A longer value is followed as far as it is of one piece. */
const LONGEST_VALUE: Chars = 256;
/** Printable, without what may end a value. */
const PLAIN = new CharSet('!#-&(-+./-:=?-[]-_a-~-');
const STOPS_BARE = new CharSet('"\'`<,;\\ \t\r\n');
const TRAILING = new CharSet('.:)]}>*|');
const BLANK = new CharSet(' \t');
const WHITE = new CharSet(' \t\r\n');
const LINE_LEAD =
  /(?:^|[\r\n]|\\n|\uffff)[\s"'`{*>#$-]*(?:(?:export|set|setx|env|arg|declare|local)[ \t]+(?:-[a-z]+[ \t]+)?)?["'$]?$/i;
const LONGEST_LEAD: Chars = 48;
const NAME_JOINTS = new CharSet('.-');
const STOPS_STATEMENT = new CharSet(',;');
const FIRST_COLUMN = /(?:^|[\r\n\uffff]|\\n)$/;
const CLOSING_BRACE = 0x7d;
const BACKSLASH = 0x5c;
const AMPERSAND = 0x26;
const LESS = 0x3c;
const HASH = 0x23;

/** A name whose value is judged. */
interface Name {
  readonly kind: NameKind;
  readonly start: number;
  readonly end: number;
  /** The keyword ends it. */
  readonly isLast: boolean;
}

function matchAssignment(text: string, at: number, after: number, final: boolean): Verdict {
  const restEnd = nameEnd(text, after);
  if (restEnd < 0) return null;
  if (restEnd === text.length && !final) return pending(restEnd);
  const end = trimmedNameEnd(text, after, restEnd);
  const kind = kindOfName(text, at, after, end);
  if (kind === null) return null;
  const link = readLink(text, end, final);
  if (link === null) return null;
  if (typeof link === 'number') return pending(link);
  return matchValue(text, { kind, start: nameStart(text, at), end, isLast: end === after }, link, final);
}

/** Behind what continues a name; -1 where it is no name. */
function nameEnd(text: string, after: number): number {
  let at = after;
  while (at < text.length && (NAME_REST.has(text.charCodeAt(at)) || isAccented(text.charCodeAt(at)))) {
    if (++at - after > LONGEST_REST) return -1;
  }
  return at;
}

/** A full stop or dash at the end is no part of the name. */
function trimmedNameEnd(text: string, after: number, to: number): number {
  let end = to;
  while (end > after && NAME_JOINTS.has(text.charCodeAt(end - 1))) end--;
  return end;
}

/** Latin letters outside ASCII. */
function isAccented(code: number): boolean {
  return code >= 0xc0 && code <= 0x24f;
}

function matchValue(text: string, name: Name, link: Link, final: boolean): Verdict {
  const { start } = link;
  const end = link.quote === 0 ? bareEnd(text, start) : quotedEnd(text, link);
  if (end < 0) return null;
  if (end === start + LONGEST_VALUE) return matchLong(text, name, link, end);
  if (!final && end + LOOKAHEAD >= text.length)
    return pending(start, end === text.length ? PLAIN : null, start + LONGEST_VALUE);
  const trimmed = link.quote === 0 ? trimmedEnd(text, name, link, end) : end;
  return isSecret(text, name, link, trimmed, end) ? match(start, trimmed) : null;
}

/** What stands behind a value tells where it stands. */
const LOOKAHEAD: Chars = 3;

function matchLong(text: string, { kind }: Name, { start, tie }: Link, end: number): Verdict {
  const isValue = (tie === 'equals' || tie === 'colon') && isQuotedSecret(kind, text.slice(start, end), false);
  return isValue ? match(start, end, new RunWalker(PLAIN)) : null;
}

function bareEnd(text: string, start: number): number {
  const limit = Math.min(text.length, start + LONGEST_VALUE);
  let at = start;
  while (at < limit && !STOPS_BARE.has(text.charCodeAt(at)) && text.charCodeAt(at) !== EDGE_CODE) at++;
  return at;
}

/** Where the closing quote stands; -1 where the value has white space: it is a label or a sentence. */
function quotedEnd(text: string, { start, quote, isEscaped }: Link): number {
  const limit = Math.min(text.length, start + LONGEST_VALUE);
  for (let at = start; at < limit; at++) {
    const code = text.charCodeAt(at);
    if (code === EDGE_CODE || (code === quote && !isEscaped)) return at;
    if (WHITE.has(code)) return -1;
    if (code !== BACKSLASH || quote === EDGE_CODE) continue;
    if (isEscaped) return at;
    at++;
  }
  return limit;
}

function trimmedEnd(text: string, name: Name, link: Link, end: number): number {
  let trimmed = end;
  if (isQuery(text, name, link)) {
    for (let at = link.start; at < end; at++)
      if (text.charCodeAt(at) === AMPERSAND || text.charCodeAt(at) === HASH) return at;
  }
  while (trimmed > link.start && TRAILING.has(text.charCodeAt(trimmed - 1))) trimmed--;
  return trimmed;
}

function isQuery(text: string, { start }: Name, { tie, isTight }: Link): boolean {
  const before = text.charCodeAt(start - 1);
  return tie === 'equals' && isTight && (before === AMPERSAND || before === 0x3f);
}

/** @param end behind the value; @param stop where it was cut off, before trailing punctuation */
function isSecret(text: string, name: Name, link: Link, end: number, stop: number): boolean {
  const value = text.slice(link.start, end);
  const { kind } = name;
  switch (link.tie) {
    case 'element':
      return isElement(text, name, stop) && isQuotedSecret(kind, value, false);
    case 'call':
      return name.isLast && link.quote !== 0 && isQuotedSecret(kind, value, true);
    case 'argument':
    case 'default':
      if (link.tie === 'default' && link.quote === 0) break;
      return link.quote !== 0 && isQuotedSecret(kind, value, true);
    case 'compared':
      return link.quote !== 0 && isQuotedSecret(kind, value, false);
    case 'verb':
    case 'space':
      if (kind === 'pass') return false;
      return link.quote === 0 ? isSaid(kind, link.tie, value) : isQuotedSecret(kind, value, true);
    default:
      if (link.quote !== 0) return isQuotedSecret(kind, value, false);
  }
  return isBareSecret(kind, value, surroundingsOf(text, name, link, end, stop));
}

function isElement(text: string, { start }: Name, stop: number): boolean {
  const before = text.charCodeAt(start - 1);
  return (before === LESS || before === 0x3a) && text.charCodeAt(stop) === LESS;
}

/** In prose only a word that is no word is a value. */
function isSaid(kind: NameKind, tie: Tie, value: string): boolean {
  if (tie === 'space' && kind === 'key') return false;
  return isProseSecret(value) && (kind !== 'key' || value.length >= SHORTEST_SAID_KEY);
}

const SHORTEST_SAID_KEY: Chars = 12;

function surroundingsOf(text: string, name: Name, link: Link, end: number, stop: number): Surroundings {
  const isCut = end < stop || STOPS_STATEMENT.has(text.charCodeAt(stop));
  const behind = text.charCodeAt(BLANK.runEnd(text, stop, stop + LOOKAHEAD));
  const endsLine = !isCut && !(behind >= 0x20 && behind !== HASH && behind !== EDGE_CODE && behind !== BACKSLASH);
  const lead = text.slice(Math.max(0, name.start - LONGEST_LEAD), name.start);
  const isTight = link.tie === 'equals' && link.isTight;
  const isLine = endsLine && LINE_LEAD.test(lead.length < LONGEST_LEAD ? lead : ` ${lead}`);
  return {
    isEnv: !isCut && isTight && isAllUpper(text, name.start, name.end),
    isLine: isLine || link.tie === 'named',
    isProperty: isLine && isTight && FIRST_COLUMN.test(lead),
    isQuery: isQuery(text, name, link) || (lead.endsWith('${') && text.charCodeAt(end) === CLOSING_BRACE),
    isColon: link.tie === 'colon' || link.tie === 'named',
  };
}

/** Blind to what stands before the keyword: a text that ends with the name is a member's, whose value is judged behind it. */
function isPlausible(text: string, after: number): boolean {
  const end = nameEnd(text, after);
  if (end < 0 || end === text.length) return end > 0;
  if (!mayNameSecret(text, after, end)) return false;
  const link = readLink(text, trimmedNameEnd(text, after, end), true);
  return link !== null && typeof link !== 'number' && hasPlausibleValue(text, link);
}

function hasPlausibleValue(text: string, link: Link): boolean {
  const end = link.quote === 0 ? bareEnd(text, link.start) : quotedEnd(text, link);
  if (end < 0 || end === link.start + LONGEST_VALUE) return end > 0;
  const value = text.slice(link.start, end);
  if (link.quote !== 0) return isQuotedSecret('password', value, false) || isQuotedSecret('key', value, false);
  if (link.tie === 'space' || link.tie === 'verb') return isProseSecret(value);
  return isBareSecret('password', value, ANYWHERE) || isBareSecret('key', value, ANYWHERE);
}

const ANYWHERE: Surroundings = { isEnv: true, isLine: true, isProperty: true, isQuery: true, isColon: true };
const WORD = sample(LOWER, 7);

export const ASSIGNMENTS: readonly Detector[] = [
  {
    id: 'secret.assignment',
    category: 'secrets',
    description: 'Password, token or key, by the name it is assigned to',
    source: 'https://cwe.mitre.org/data/definitions/798.html',
    keywords: [],
    names: SECRET_NAMES,
    begins: 'after',
    trigger: 'keyword',
    rank: ASSIGNMENT_RANK,
    redactsPartial: false,
    tailStart: null,
    plausible: isPlausible,
    match: matchAssignment,
    canonical: (value) => value,
    examples: [
      { text: `password = "${WORD}"`, value: WORD },
      { text: `DB_PASSWORD=${WORD}`, value: WORD },
    ],
    nearMisses: ['password = getPassword()', 'password: string', 'const token = await next(tokens);'],
  },
];
