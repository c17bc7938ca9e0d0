import type { Chars } from '../../core/units.ts';
import { CharSet, EDGE_CODE, LEFT_CONTEXT } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';
import { KnownRun } from '../last-text.ts';
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
import { BASE62, LOWER, sample } from './sample.ts';
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
const LINE_ENDS = new CharSet('\r\n');
const LINE_LEAD =
  /(?:^|[\r\n]|\\n|\uffff)[\s"'`{*>#$-]*(?:(?:export|set|setx|env|arg|declare|local)[ \t]+(?:-[a-z]+[ \t]+)?)?["'$]?$/i;
const LONGEST_LEAD: Chars = 48;
const NAME_JOINTS = new CharSet('.-');
const STOPS_STATEMENT = new CharSet(',;');
const DEFINE = /#[ \t]{0,8}define[ \t]{1,8}$/;
/** Of PHP, which assigns too. */
const DEFINE_CALL = /(?:^|[^A-Za-z0-9_$.])define\([ \t]{0,4}["']$/;
/** Words that prose has for passwords alone. */
const SAID_PASS = /^(?:pw|psk)$/i;
const PASSPHRASE = /phrase|mnemonic|seed/i;
const FIRST_COLUMN = /(?:^|[\r\n\uffff]|\\n)$/;
const YAML_BEFORE = /(?:^|\n)[ -]{0,24}[A-Za-z0-9_.-]{1,40}:(?:[ \t][^\n,;{}()'"<>]{0,60})?\r?\n[ -]{0,24}$/;
const INI_BEFORE = /(?:^|\n)\[[A-Za-z0-9_. :"-]{1,40}\]\r?\n[^{}()]{0,100}$/;
/** `name=value ` before a name, ` name=` behind a value. */
const PAIR_BEFORE =
  /(?:^|[\s"'`\uffff])[A-Za-z][A-Za-z0-9_.-]{0,24}=(?:'[^'\n]{0,32}'|[^\s'"`;(){}<>]{0,32}[^\s'"`,;(){}<>])[ \t]$/;
const PAIR_BEHIND = /[ \t][A-Za-z][A-Za-z0-9_.-]{0,24}=[^\s=>~]/y;
const LONGEST_PAIR: Chars = 28;
const CLOSING_BRACE = 0x7d;
const BACKSLASH = 0x5c;
const AMPERSAND = 0x26;
const OPEN_TAG = /<[^<>]*$/;
const EQUALS = 0x3d;
const BACKTICK = 0x60;
const PARAMETER_NAME = new CharSet('A-Za-z0-9_.-');
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
  const start = nameStart(text, at);
  if (link.tie === 'colon' && text.startsWith('://', start - 3)) return null; // the user of a URL
  return matchValue(text, { kind, start, end, isLast: end === after }, link, final);
}

/** Behind what continues a name; -1 where it is no name. */
function nameEnd(text: string, after: number): number {
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
  if (!final && end + lookahead(text, link, end) >= text.length)
    return pending(start, end === text.length ? PLAIN : null, start + LONGEST_VALUE);
  const trimmed = link.quote === 0 ? trimmedEnd(text, name, link, end) : end;
  return isSecret(text, name, link, trimmed, end) ? match(start, trimmed) : null;
}

/** What stands behind a value tells where it stands. */
const LOOKAHEAD: Chars = 3;
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

function bareEnd(text: string, start: number): number {
  return BARE.end(text, start, start + LONGEST_VALUE);
}

/** What is of one piece. */
const BARE = new KnownRun({
  runEnd(text, from, limit) {
    const end = Math.min(text.length, limit);
    let at = from;
    while (at < end && !STOPS_BARE.has(text.charCodeAt(at)) && text.charCodeAt(at) !== EDGE_CODE) at++;
    return at;
  },
});

/** Where the closing quote stands; -1 where the line ends before it. */
function quotedEnd(text: string, { start, quote, escapes }: Link): number {
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

function trimmedEnd(text: string, name: Name, link: Link, end: number): number {
  let trimmed = link.tie === 'equals' && link.isTight ? parameterEnd(text, name, link, end) : end;
  while (trimmed > link.start && TRAILING.has(text.charCodeAt(trimmed - 1))) trimmed--;
  return trimmed;
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

function isQuery(text: string, { start }: Name, { tie, isTight }: Link): boolean {
  const before = text.charCodeAt(start - 1);
  return tie === 'equals' && isTight && (before === AMPERSAND || before === 0x3f);
}

/** @param end behind the value; @param stop where it was cut off, before trailing punctuation */
function isSecret(text: string, name: Name, link: Link, end: number, stop: number): boolean {
  const value = text.slice(link.start, end);
  const { kind } = name;
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

/** `#define PASSWORD "…"` and `define('PASSWORD', '…')` assign. */
function tieOf(text: string, { start }: Name, { tie }: Link): Tie {
  const definition = tie === 'space' ? DEFINE : tie === 'argument' ? DEFINE_CALL : null;
  return definition?.test(text.slice(Math.max(0, start - LONGEST_LEAD), start)) === true ? 'equals' : tie;
}

/** `${NAME:-value}` */
function isSubstitution(text: string, { start }: Name, end: number): boolean {
  return text.startsWith('${', start - 2) && text.charCodeAt(end) === CLOSING_BRACE;
}

function isElement(text: string, { start }: Name, stop: number): boolean {
  return text.startsWith('</', stop) && OPEN_TAG.test(text.slice(Math.max(0, start - LONGEST_LEAD), start));
}

/** In prose only a word that is no word is a value. */
function isSaid(kind: NameKind, tie: Tie, value: string): boolean {
  if (tie === 'space' && kind === 'key') return isLikelyRandom(value) && isProseSecret(value);
  return isProseSecret(value) && (kind !== 'key' || value.length >= SHORTEST_SAID_KEY);
}

function isPassword(text: string, { start, end }: Name): boolean {
  return SAID_PASS.test(text.slice(start, end));
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
    isQuery: isQuery(text, name, link) || isSubstitution(text, name, end) || (isTight && isPair(text, lead, stop)),
    isColon: link.tie === 'colon' || link.tie === 'named',
    isConfiguration: isLine && isConfiguration(text, name.start, link.tie),
  };
}

/** One of several `name=value` with nothing but a blank between. */
function isPair(text: string, lead: string, stop: number): boolean {
  PAIR_BEHIND.lastIndex = stop;
  return PAIR_BEFORE.test(lead) || PAIR_BEHIND.test(text);
}

/** Lines of YAML, and of sections of INI files: code looks alike only where it ends lines with no punctuation. */
function isConfiguration(text: string, at: number, tie: Tie): boolean {
  const before = text.slice(Math.max(0, at - LEFT_CONTEXT), at);
  return tie === 'colon' ? YAML_BEFORE.test(before) : tie === 'equals' && INI_BEFORE.test(before);
}

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
  return isBareSecret('password', value, ANYWHERE) || isBareSecret('key', value, ANYWHERE);
}

const ANYWHERE: Surroundings = {
  isEnv: true,
  isLine: true,
  isProperty: true,
  isQuery: true,
  isColon: true,
  isConfiguration: true,
};
const WORD = sample(LOWER, 7);
const TOKEN = sample(BASE62, 24);
const SLASHED = sample(BASE62, 31);

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
      { text: `{\\"password\\": \\"${WORD}\\"}`, value: WORD },
      { text: `<password>${WORD}</password>`, value: WORD },
      { text: `- name: DB_PASSWORD\n  value: ${WORD}9\n`, value: `${WORD}9` },
      { text: `password: Optional[str] = "${WORD}"`, value: WORD },
      { text: `login(user, password='${WORD}9')`, value: `${WORD}9` },
      { text: `\${DB_PASSWORD:-${WORD}9}`, value: `${WORD}9` },
      { text: `#define WIFI_PASS "${WORD}"`, value: WORD },
      { text: `passphrase = "${WORD} plum ${WORD}"`, value: `${WORD} plum ${WORD}` },
      { text: `<key>apiKey</key>\n<string>${TOKEN}</string>`, value: TOKEN },
      { text: `client.setHeader("X-Api-Key", "${TOKEN}")`, value: TOKEN },
      { text: `The password for the server is ${WORD}9, keep it`, value: `${WORD}9` },
      { text: `Das Passwort lautet: ${WORD}9`, value: `${WORD}9` },
      { text: `db:\n  user: root\n  password: ${WORD}\n`, value: WORD },
      { text: `<property name="db.password">${WORD}</property>`, value: WORD },
      { text: `<password encrypted="false">${WORD}</password>`, value: WORD },
      { text: `page.get('#password').type('${WORD}9')`, value: `${WORD}9` },
      { text: `Username: bob Password: ${WORD}1234`, value: `${WORD}1234` },
      { text: `variable "api_key" {\n  default = "${TOKEN}"\n}`, value: TOKEN },
      { text: `api_key=${TOKEN}&next=1`, value: TOKEN },
      { text: `user=bob password=${WORD}24 ip=10.0.0.1`, value: `${WORD}24` },
      { text: `password=${WORD} dbname=x`, value: WORD },
      { text: `host='db' user=app password=${WORD}, please`, value: WORD },
      { text: `{"a":"{\\"password\\":\\"${WORD}\\\\\\"pw!9\\"}"}`, value: `${WORD}\\\\\\"pw!9` },
      { text: `{"a":"{\\"password\\":\\"${WORD}\\\\\\\\\\",\\"b\\":1}"}`, value: `${WORD}\\\\\\\\` },
      { text: `define('DB_PASSWORD', '${WORD}*24');`, value: `${WORD}*24` },
      { text: `my pw is ${WORD}24`, value: `${WORD}24` },
      { text: `SECRET_KEY=${WORD}-${TOKEN}`, value: `${WORD}-${TOKEN}` },
      { text: `api_secret: ${TOKEN}+${WORD}`, value: `${TOKEN}+${WORD}` },
      { text: `API_TOKEN=/${SLASHED}=`, value: `/${SLASHED}=` },
      { text: `API_TOKEN=xXx${TOKEN}`, value: `xXx${TOKEN}` },
    ],
    nearMisses: [
      'password: "Enter your password"',
      'password: ${DB_PASSWORD}',
      'password: process.env.PASSWORD',
      "token: 'access_token'",
      'Forgot your password? The password must be long.',
      '<input type="password" name="pwd">',
      'this.pass || !result',
      'max_tokens: 4096',
      'password = getPassword()',
      'password: string',
      'const token = await next(tokens);',
      'PASS: x86-64 relocations',
      'api_key = "fake-key-of-a-test-1"',
      'password: "examplePassword"',
      'token = start+len2',
      "define('DB_PASSWORD', getenv('DB_PASSWORD'));",
      'the pw is wrong, the pass is 2nd',
      'f(user=name, password=winter, port=x)',
      'a=1; password=winter; b=2',
      'API_TOKEN=/usr/share/app2/key1',
      'API_TOKEN=XXXX1234',
      'https://x-access-token:first-part9@git.example.com/a/b',
    ],
  },
];
