import type { Chars } from '../../core/units.ts';
import { CharSet } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';
import { readLink } from './assigned-value.ts';
import type { Link, Tie } from './assigned-value.ts';
import {
  isBareSecret,
  isLikelyRandom,
  isPhraseSecret,
  isProseSecret,
  isQuotedSecret,
  isUnlikelyName,
} from './assignment-values.ts';
import type { Surroundings } from './assignment-values.ts';
import {
  bareEnd,
  LONGEST_VALUE,
  nameEnd,
  PARAMETER_NAME,
  quotedEnd,
  trimmedEnd,
  trimmedNameEnd,
  withoutTrailing,
} from './assignment-ends.ts';
import { ASSIGNMENT_EXAMPLES, ASSIGNMENT_NEAR_MISSES } from './assignment-examples.ts';
import { BLANK, isSubstitution, LONGEST_LEAD, LOOKAHEAD, surroundingsOf } from './assignment-surroundings.ts';
import type { Name } from './assignment-surroundings.ts';
import { kindOfName, mayNameSecret, nameStart, SECRET_NAMES } from './secret-names.ts';
import type { NameKind } from './secret-names.ts';
import { RunWalker } from './token.ts';

/** Any rule that knows the value itself knows more. */
const ASSIGNMENT_RANK = 0;
/** Printable, without what may end a value. */
const PLAIN = new CharSet('!#-&(-+./-:=?-[]-_a-~-');
/** Of C, Dockerfiles and shells. */
const DEFINE =
  /(?:#[ \t]{0,8}define|(?:^|[\r\n\uffff]|\\n)[ \t]{0,8}(?:ENV|env|setenv|setx|set -[gxU]{1,3}))[ \t]{1,8}$/;
/** Of PHP, which assigns too. */
const DEFINE_CALL = /(?:^|[^A-Za-z0-9_$.])define\([ \t]{0,4}["']$/;
/** Words that prose has for passwords alone. */
const SAID_PASS = /^(?:pw|psk)$/i;
const PASSPHRASE = /phrase|mnemonic|seed/i;
const LONGEST_PAIR: Chars = 28;
const BACKSLASH = 0x5c;
const OPEN_TAG = /<[^<>]*$/;
const BACKTICK = 0x60;
const NAME_SIGNS = /[_.-]/g;
const LONGEST_WORD_NAME: Chars = 8;

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
  const start = nameStart(text, at);
  if (link.tie === 'colon' && text.startsWith('://', start - 3)) return null; // the user of a URL
  return matchValue(text, { kind, start, end, isLast: end === after }, link, final);
}

function matchValue(text: string, name: Name, link: Link, final: boolean): Verdict {
  const { start } = link;
  const end = link.quote === 0 ? bareEnd(text, start) : quotedEnd(text, link);
  if (end < 0) return null;
  if (end === start + LONGEST_VALUE) return matchLong(text, name, link, end);
  if (!final && end + lookahead(text, link, end) >= text.length)
    return pending(start, end === text.length ? PLAIN : null, start + LONGEST_VALUE);
  const trimmed = link.quote === 0 ? trimmedEnd(text, name, link, end) : end;
  return isSecret(text, name, link, trimmed, end) ? match(start, trimmed) : null;
}

/** Another pair may stand behind a pair. */
function lookahead(text: string, { quote, tie, isTight }: Link, end: number): Chars {
  const mayBePair = quote === 0 && tie === 'equals' && isTight && BLANK.has(text.charCodeAt(end));
  return mayBePair ? PARAMETER_NAME.runEnd(text, end + 1, end + LONGEST_PAIR) - end + LOOKAHEAD : LOOKAHEAD;
}

/** Between a name and its value: line ends, tags. */
const LONGEST_LINK: Chars = 32;

function matchLong(text: string, { kind }: Name, { start, tie }: Link, end: number): Verdict {
  const isValue = (tie === 'equals' || tie === 'colon') && isQuotedSecret(kind, text.slice(start, end), false);
  return isValue ? match(start, end, new RunWalker(PLAIN)) : null;
}

/** @param end behind the value; @param stop where it was cut off, before trailing punctuation */
function isSecret(text: string, name: Name, link: Link, end: number, stop: number): boolean {
  const value = text.slice(link.start, end);
  const { kind } = name;
  if (isNameItself(text, name, value)) return false;
  if (link.quote !== 0 && value.includes(' ')) return isPhrase(text, name, link, value);
  switch (tieOf(text, name, link)) {
    case 'element':
      return isElement(text, name, stop) && isQuotedSecret(kind, value, false);
    case 'call':
      return name.isLast && link.quote !== 0 && isQuotedSecret(kind, value, true);
    case 'default':
      if (link.quote === 0 && !isSubstitution(text, name, end)) return false;
      if (link.quote === 0) break;
      return isQuotedSecret(kind, value, true);
    case 'argument':
      return link.quote !== 0 && isQuotedSecret(kind, value, true);
    case 'compared':
      return link.quote !== 0 && isQuotedSecret(kind, value, false);
    case 'verb':
    case 'space':
      if (kind === 'pass' && !(link.tie === 'verb' && (isUnlikelyName(value) || isPassword(text, name)))) return false;
      return link.quote === 0 ? isSaid(kind, link.tie, value) : isQuotedSecret(kind, value, true);
    default:
      if (link.quote !== 0) return isQuotedSecret(kind, value, false);
  }
  if (isTestResult(text, name, link)) return false;
  return isBareSecret(kind, value, surroundingsOf(text, name, link, end, stop));
}

/** `DROPBOX_TOKEN = "dropbox_token"`: the name of something, and no value. */
function isNameItself(text: string, { start, end }: Name, value: string): boolean {
  return value.length === end - start && value.length > LONGEST_WORD_NAME && sameName(text.slice(start, end), value);
}

function sameName(name: string, value: string): boolean {
  return name.replaceAll(NAME_SIGNS, '').toLowerCase() === value.replaceAll(NAME_SIGNS, '').toLowerCase();
}

/** `PASS: name of a test` */
function isTestResult(text: string, { start, end }: Name, { tie, isTight }: Link): boolean {
  return tie === 'colon' && !isTight && text.slice(start, end) === 'PASS';
}

/** In backticks stand commands. */
function isPhrase(text: string, { kind, start, end }: Name, { tie, quote }: Link, value: string): boolean {
  if (quote === BACKTICK) return false;
  const isAssigned = tie === 'equals' || tie === 'colon' || tie === 'named';
  return isAssigned && kind === 'password' && isPhraseSecret(value, PASSPHRASE.test(text.slice(start, end)));
}

/** `#define PASSWORD "…"`, `ENV PASSWORD …` and `define('PASSWORD', '…')` assign. */
function tieOf(text: string, { start }: Name, { tie }: Link): Tie {
  const definition = tie === 'space' ? DEFINE : tie === 'argument' ? DEFINE_CALL : null;
  return definition?.test(text.slice(Math.max(0, start - LONGEST_LEAD), start)) === true ? 'equals' : tie;
}

function isElement(text: string, { start }: Name, stop: number): boolean {
  return text.startsWith('</', stop) && OPEN_TAG.test(text.slice(Math.max(0, start - LONGEST_LEAD), start));
}

/** In prose only a word that is no word is a value. */
function isSaid(kind: NameKind, tie: Tie, value: string): boolean {
  if (tie === 'space' && PAIR.test(value)) return false;
  if (tie === 'space' && kind === 'key') return isLikelyRandom(value) && isProseSecret(value);
  return isProseSecret(value) && (kind !== 'key' || value.length >= SHORTEST_SAID_KEY);
}

function isPassword(text: string, { start, end }: Name): boolean {
  return SAID_PASS.test(text.slice(start, end));
}

/** Of another name. */
const PAIR = /^[A-Za-z_.-]+=./;
const SHORTEST_SAID_KEY: Chars = 12;

/** Blind to what stands before the keyword: a text that ends with the name is a member's, whose value is judged behind it. */
function isPlausible(text: string, after: number): boolean {
  const end = nameEnd(text, after);
  if (end < 0 || end === text.length) return end > 0;
  if (!mayNameSecret(text, after, end)) return false;
  if (isEscaped(text, end)) return true;
  const link = readLink(text, trimmedNameEnd(text, after, end), true);
  return link !== null && typeof link !== 'number' && hasPlausibleValue(text, link);
}

/** In a document's text line ends are escaped, and may stand between a name and its value. */
function isEscaped(text: string, from: number): boolean {
  for (let at = from; at < from + LONGEST_LINK; at++) if (text.charCodeAt(at) === BACKSLASH) return true;
  return false;
}

function hasPlausibleValue(text: string, link: Link): boolean {
  const end = link.quote === 0 ? bareEnd(text, link.start) : quotedEnd(text, link);
  if (end < 0 || end === link.start + LONGEST_VALUE) return end > 0;
  const value = text.slice(link.start, end);
  if (link.quote !== 0 && value.includes(' ')) return isPhraseSecret(value, true);
  if (link.quote !== 0) return isQuotedSecret('password', value, false) || isQuotedSecret('key', value, false);
  if (link.tie === 'space' || link.tie === 'verb') return isProseSecret(value);
  return bareValues(value).some(
    (bare) => isBareSecret('password', bare, ANYWHERE) || isBareSecret('key', bare, ANYWHERE),
  );
}

/** What may be the value, as it is not known whether it is a parameter's: all of it, and what stands before the next one. */
function bareValues(value: string): string[] {
  const parameterEnds = [value.indexOf('&'), value.indexOf('#')].filter((end) => end > 0);
  return [value.length, ...parameterEnds].map((end) => withoutTrailing(value.slice(0, end)));
}

const ANYWHERE: Surroundings = {
  isEnv: true,
  isLine: true,
  isProperty: true,
  isQuery: true,
  isColon: true,
  isConfiguration: true,
};

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
    examples: ASSIGNMENT_EXAMPLES,
    nearMisses: ASSIGNMENT_NEAR_MISSES,
  },
];
