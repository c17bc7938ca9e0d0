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
} from './assignment-ends.ts';
import { BLANK, isSubstitution, LONGEST_LEAD, LOOKAHEAD, surroundingsOf } from './assignment-surroundings.ts';
import type { Name } from './assignment-surroundings.ts';
import { BASE62, LOWER, sample } from './sample.ts';
import { kindOfName, mayNameSecret, nameStart, SECRET_NAMES } from './secret-names.ts';
import type { NameKind } from './secret-names.ts';
import { RunWalker } from './token.ts';

/** Any rule that knows the value itself knows more. */
const ASSIGNMENT_RANK = 0;
/** Printable, without what may end a value. */
const PLAIN = new CharSet('!#-&(-+./-:=?-[]-_a-~-');
const DEFINE = /#[ \t]{0,8}define[ \t]{1,8}$/;
/** Of PHP, which assigns too. */
const DEFINE_CALL = /(?:^|[^A-Za-z0-9_$.])define\([ \t]{0,4}["']$/;
/** Words that prose has for passwords alone. */
const SAID_PASS = /^(?:pw|psk)$/i;
const PASSPHRASE = /phrase|mnemonic|seed/i;
const LONGEST_PAIR: Chars = 28;
const BACKSLASH = 0x5c;
const OPEN_TAG = /<[^<>]*$/;
const BACKTICK = 0x60;

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
      { text: `The password for the server: ${WORD}9`, value: `${WORD}9` },
      { text: `set the password to ${WORD}9`, value: `${WORD}9` },
      { text: `password：「${WORD}9」`, value: `${WORD}9` },
      { text: `Das Passwort lautet: ${WORD}9`, value: `${WORD}9` },
      { text: `db:\n  user: root\n  password: ${WORD}\n`, value: WORD },
      { text: `<property name="db.password">${WORD}</property>`, value: WORD },
      { text: `<password encrypted="false">${WORD}</password>`, value: WORD },
      { text: `page.get('#password').type('${WORD}9')`, value: `${WORD}9` },
      { text: `Username: bob Password: ${WORD}1234`, value: `${WORD}1234` },
      { text: `variable "api_key" {\n  default = "${TOKEN}"\n}`, value: TOKEN },
      { text: `variable "api_key" {\n  type = string\n  default = "${TOKEN}"\n}`, value: TOKEN },
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
