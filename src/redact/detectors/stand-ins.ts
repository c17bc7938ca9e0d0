import type { Chars } from '../../core/units.ts';
import { CharSet, isDigit } from '../char-set.ts';

/** Of a shorter one people make passwords: `123456`, `abcd1234`. */
const SHORTEST_SEQUENCE: Chars = 16;
const MOST_LEAPS = 0.1;
/** So many in a row fill a value up. */
const SHORTEST_FILL: Chars = 4;
const LEAST_FILLED = 0.75;
const SHORTEST_FILLED: Chars = 8;
const JOINTS = new CharSet('._/-');
const FILLERS = new CharSet('xX0*#');
const ZERO = 0x30;
const ONE = 0x31;
const NINE = 0x39;
const FIRST_LETTER = 0x61;
const LAST_HEX = 0x66;
const LAST_LETTER = 0x7a;
/** What a name of a test, or of what stands for a secret, has among its words; also where no sign parts them. */
const FIXTURE_WORDS =
  /(?:^|[^a-z])(?:fake|dummy|examples?|sample|placeholder|mock(?:ed)?|bogus|notreal|not[-_ ]a?[-_ ]?real)(?:[^a-z]|$)/i;
const FIXTURE_IN_CAPITALS = /(?:^|[^A-Z])(?:[Ff]ake|[Dd]ummy|[Ee]xample|[Ss]ample|[Pp]laceholder|[Mm]ock)(?:[^a-z]|$)/;

const SHORTEST_SCRAMBLED: Chars = 5;
const WORDS = /[A-Za-z0-9]+/g;
const DIGIT = /[0-9]/;
const TURN = /[A-Za-z](?=[0-9])|[0-9](?=[A-Za-z])/g;
const PASSWORD_SIGN = /[!#&^~?](?!$)|[A-Za-z0-9]!$/;
/** Words with digits in them, and what people write for any letters and digits. */
const TECHNICAL =
  /oauth2|base64|sha(?:1|256|512)|x509|k8s|i18n|l10n|utf8|web3|ec2|(?<![A-Za-z0-9])s3(?![A-Za-z0-9])|b2[bc]|p12|v[0-9]+|[ehr]s256|abc|def|ghi|xyz|foo|bar|123|456|789/gi;

/** `11111111-2222-3333-4444-555555555555` */
const ROWS = /^(.)\1{7}-(.)\2{3}-(.)\3{3}-(.)\4{3}-(.)\5{11}$/;

/** Printed in the vendor's documentation: these values and no others that look like them. @source https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html */
const DOCUMENTED: ReadonlySet<string> = new Set(
  [
    ['AKIA', 'IOSFODNN7', 'EXAMPLE'],
    ['ASIA', 'IOSFODNN7', 'EXAMPLE'],
    ['AKIA', 'I44QH8DHB', 'EXAMPLE'],
    ['ASIA', 'I44QH8DHB', 'EXAMPLE'],
    ['wJalrXUtnFEMI/K7MDENG/', 'bPxRfiCY', 'EXAMPLEKEY'],
    ['je7MtGbClwBF/2Zp9Utk/', 'h3yCo8nvb', 'EXAMPLEKEY'],
    // Of OAuth. @source https://www.rfc-editor.org/rfc/rfc6749
    ['2YotnFZFEjr1', 'zCsicMWpAA'],
    ['tGzv3JOkF0XG', '5Qx2TlKWIA'],
    ['SplxlOBeZQQY', 'bYS6WxSbIA'],
  ].map((parts) => parts.join('')),
);

const DOCUMENTED_LENGTHS: ReadonlySet<Chars> = new Set([...DOCUMENTED].map(({ length }) => length));

export function isDocumented(value: string): boolean {
  // To look a text up in a set all of it is read.
  return DOCUMENTED_LENGTHS.has(value.length) && DOCUMENTED.has(value);
}

/** One character, and signs between its rows: `xxxx-xxxx`, `000000`. */
function isOneCharacter(value: string): boolean {
  let only = -1;
  for (let i = 0; i < value.length; i++) {
    const code = lowerCase(value.charCodeAt(i));
    if (!isDigit(code) && !(code >= 0x61 && code <= 0x7a)) continue;
    if (only >= 0 && code !== only) return false;
    only = code;
  }
  return only >= 0;
}

/** `xxxxxxxx-xxxxxxxx`, `v1-000000000000`: rows of what is written for a value that is not told. Asked of tokens with a prefix, too. */
export function isFilledUp(value: string, shortest: Chars = SHORTEST_FILLED): boolean {
  const mostOthers = value.length * (1 - LEAST_FILLED);
  let filled = 0;
  let others = 0;
  let row = 0;
  for (let i = 0; i <= value.length && others <= mostOthers; i++) {
    const code = value.charCodeAt(i);
    if (JOINTS.has(code)) continue;
    if (FILLERS.has(code)) row++;
    else {
      if (row >= SHORTEST_FILL) filled += row;
      else others += row;
      if (i < value.length) others++;
      row = 0;
    }
  }
  return filled + others >= shortest && filled >= (filled + others) * LEAST_FILLED;
}

/** `abcdefghijklmnop`, `1234567890abcdef`: nearly each character follows the one before it. */
function isSequence(value: string): boolean {
  if (value.length < SHORTEST_SEQUENCE) return false;
  let left = (value.length - 1) * MOST_LEAPS;
  let before = lowerCase(value.charCodeAt(0));
  for (let i = 1; i < value.length; i++) {
    const code = lowerCase(value.charCodeAt(i));
    if (!follows(before, code) && --left < 0) return false;
    before = code;
  }
  return true;
}

/** Behind the last of the digits, the hexadecimal digits and the letters the next begin. */
function follows(before: number, code: number): boolean {
  if (code === before + 1) return true;
  if (before === NINE || before === LAST_LETTER) return code === ZERO || code === ONE || code === FIRST_LETTER;
  return before === LAST_HEX && code === ZERO;
}

/** A value of tests and documentation that says so, and holds nothing that could be a real one all the same. */
export function isFixture(value: string): boolean {
  return (FIXTURE_WORDS.test(value) || FIXTURE_IN_CAPITALS.test(value)) && !holdsPassword(value, 2);
}

/**
 * A sign and a digit, as passwords have them, or letters and digits in turns, as machines and `l33t` write.
 * @param turns between letters and digits in one word, at least
 */
export function holdsPassword(value: string, turns: number): boolean {
  if (PASSWORD_SIGN.test(value) && DIGIT.test(value)) return true;
  const words = value.replaceAll(TECHNICAL, 'a').match(WORDS) ?? [];
  return words.some((word) => word.length >= SHORTEST_SCRAMBLED && (word.match(TURN)?.length ?? 0) >= turns);
}

/**
 * What is written where a value would be. Not asked of tokens with a prefix of their own, which leaves no doubt, nor of
 * short numbers.
 */
export function isStandIn(value: string): boolean {
  if (isDocumented(value) || isSequence(value) || isFilledUp(value, SHORTEST_SEQUENCE) || ROWS.test(value)) return true;
  return isOneCharacter(value) && (value.length >= SHORTEST_SEQUENCE || !isDigit(value.charCodeAt(0)));
}

function lowerCase(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
}
