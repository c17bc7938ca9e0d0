import type { Chars } from '../../core/units.ts';
import { ALNUM, CharSet, endsText, isDigit, startsText, WORD } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';
import { followsNumber, isSpace } from '../number-forms.ts';
import { PhonePlans } from './phone-plans.ts';
import { namingOf } from './phone-words.ts';
import type { Naming } from './phone-words.ts';

const PLUS = 0x2b;
const OPEN = 0x28;
const CLOSE = 0x29;
const DASH = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;
/** @source https://www.itu.int/rec/T-REC-E.164, section 6.2.1 */
const MOST_DIGITS = 15;
const LEAST_DIGITS = 7;
/** Two zeros and the longest calling code. */
const LONGEST_DIALLED = 5;
/** Shorter numbers without separators may be filled up to a length. */
const LEAST_DIALLED = 12;
const LEAST_AT_HOME = 9;
const LEAST_HINTED_GROUPS = 3;
const ONE = 0x31;
const MOST_AT_HOME = 11;
/** Groups of two digits with separators between them, and what may stand before and around the first. */
const LONGEST: Chars = 26;
const MOST_GROUPS = 8;
const PHONE_CHARS = new CharSet('0-9+(). /-');
/** Area code, exchange and line of North America, neither of the first two beginning with 0 or 1. */
const NORTH_AMERICAN = /^[2-9]\d\d[2-9]\d{6}$/;

/** Groups of digits, filled anew at each candidate. */
interface Groups {
  start: number;
  count: number;
  readonly sizes: number[];
  /** One past each group's last digit, and its closing parenthesis. */
  readonly ends: number[];
  /** What stands before each group but the first; 0 for parentheses. */
  readonly separators: number[];
  digits: string;
  isOpen: boolean;
}

const groups: Groups = { start: 0, count: 0, sizes: [], ends: [], separators: [], digits: '', isOpen: false };

function matchPhone(text: string, at: number, _after: number, final: boolean): Verdict {
  const start = numberStart(text, at);
  if (!startsNumber(text, start) || isAmongMany(text, start)) return null;
  read(text, start);
  if (groups.isOpen && !final) return pending(start, PHONE_CHARS, start + LONGEST + 2);
  const naming = namingOf(text, start);
  for (let count = groups.count; count > 0; count--) {
    const end = groups.ends[count - 1]!;
    if (!endsNumber(text, end) || (goesOn(text, end) && !hasSign(text, start))) continue;
    const isWhole = startsText(text, start) && endsText(text, end, final);
    if (isPhone(text, count, naming, isWhole)) return match(start, end);
  }
  return null;
}

function isPlausible(text: string, at: number): boolean {
  const start = numberStart(text, at);
  if (isAmongMany(text, start)) return false;
  read(text, start);
  for (let count = groups.count; count > 0; count--) if (isPhone(text, count, 'clear', true)) return true;
  return false;
}

/** A plus sign belongs to the number, and an opening parenthesis that closes behind the first digits. */
function numberStart(text: string, at: number): number {
  const from = text.charCodeAt(at - 1) === OPEN && mayClose(text, at) ? at - 1 : at;
  return text.charCodeAt(from - 1) === PLUS ? from - 1 : from;
}

function mayClose(text: string, at: number): boolean {
  let end = at;
  while (isDigit(text.charCodeAt(end)) && end - at <= MOST_DIGITS) end++;
  return end === text.length || text.charCodeAt(end) === CLOSE;
}

function startsNumber(text: string, start: number): boolean {
  const before = text.charCodeAt(start - 1);
  if (before === DASH || before === DOT || before === SLASH || before === PLUS)
    return !ALNUM.has(text.charCodeAt(start - 2));
  return !WORD.has(before) || text.charCodeAt(start) === OPEN;
}

function endsNumber(text: string, end: number): boolean {
  const code = text.charCodeAt(end);
  if (WORD.has(code)) return false;
  return !((code === DASH || code === DOT || code === SLASH) && ALNUM.has(text.charCodeAt(end + 1)));
}

/** One of the numbers in a row, bytes for example: none of them begins another. */
function isAmongMany(text: string, start: number): boolean {
  return !hasSign(text, start) && followsNumber(text, start);
}

function hasSign(text: string, start: number): boolean {
  return text.charCodeAt(start) === PLUS || text.charCodeAt(start) === OPEN;
}

function goesOn(text: string, end: number): boolean {
  return isSpace(text.charCodeAt(end)) && isDigit(text.charCodeAt(end + 1));
}

function read(text: string, start: number): void {
  groups.start = start;
  groups.count = 0;
  groups.digits = '';
  groups.isOpen = false;
  let at = text.charCodeAt(start) === PLUS ? start + 1 : start;
  for (let separator = 0; groups.count < MOST_GROUPS;) {
    const isEnclosed = text.charCodeAt(at) === OPEN;
    if (isEnclosed) at++;
    const from = at;
    while (isDigit(text.charCodeAt(at)) && at - from <= MOST_DIGITS) at++;
    if (at === from || groups.digits.length + at - from > MOST_DIGITS) break;
    addGroup(text, from, at, isEnclosed ? 0 : separator);
    if (isEnclosed && text.charCodeAt(at) !== CLOSE) break;
    if (isEnclosed) groups.ends[groups.count - 1] = ++at;
    separator = isSeparator(text.charCodeAt(at)) ? text.charCodeAt(at++) : 0;
    if (separator === 0 && !isEnclosed && text.charCodeAt(at) !== OPEN) break;
  }
  // The next two characters may decide where the number ends.
  groups.isOpen = at + 1 >= text.length;
}

function addGroup(text: string, from: number, to: number, separator: number): void {
  const { count } = groups;
  groups.sizes[count] = to - from;
  groups.ends[count] = to;
  groups.separators[count] = isSpace(separator) ? 0x20 : separator;
  groups.digits += text.slice(from, to);
  groups.count++;
}

function isSeparator(code: number): boolean {
  return isSpace(code) || code === DASH || code === DOT || code === SLASH;
}

/** The first `count` groups are a number. */
function isPhone(text: string, count: number, naming: Naming, isWhole: boolean): boolean {
  const digits = groups.digits.slice(0, digitsIn(count));
  if (digits.length < LEAST_DIGITS) return false;
  const plans = PhonePlans.get();
  const isNamed = naming === 'clear' || (naming === 'hint' && count >= LEAST_HINTED_GROUPS && isGrouped(count));
  if (text.charCodeAt(groups.start) === PLUS) return plans.isInternational(digits);
  if (isNorthAmerican(text, count, digits, isNamed)) return true;
  if (!hasOneSeparator(count)) return false;
  if (digits.startsWith('00')) return isDialled(count, digits, isNamed) && plans.isInternational(digits.slice(2));
  if (digits.length < LEAST_AT_HOME || digits.length > MOST_AT_HOME) return false;
  const hasTrunkZero = digits.charCodeAt(0) === ZERO;
  if (!isNamed && !(hasTrunkZero && (isWhole ? !isSocialSecurity(count) : isGrouped(count)))) return false;
  return plans.isNational(digits);
}

/** With a plus sign written as two zeros; before a one they only fill up a number. */
function isDialled(count: number, digits: string, isNamed: boolean): boolean {
  if (count > 1) return isNamed || groups.sizes[0]! <= LONGEST_DIALLED;
  return isNamed || (digits.length >= LEAST_DIALLED && digits.charCodeAt(2) !== ONE);
}

function digitsIn(count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += groups.sizes[i]!;
  return sum;
}

/** Three, three and four digits, and the country's code before them at most; with spaces only they may be anything. */
function isNorthAmerican(text: string, count: number, digits: string, isNamed: boolean): boolean {
  const { sizes, separators, start } = groups;
  const first = count - 3;
  if (first < 0 || first > 1 || sizes[first] !== 3 || sizes[first + 1] !== 3 || sizes[first + 2] !== 4) return false;
  if (first === 1 && !PhonePlans.get().isCallingCode(digits.slice(0, sizes[0]))) return false;
  const isEnclosed = text.charCodeAt(start) === OPEN || (first === 1 && separators[1] === 0);
  const isSplit = separators[first + 2] === DASH || separators[first + 2] === DOT;
  return (isEnclosed || isSplit || isNamed) && NORTH_AMERICAN.test(digits.slice(-10));
}

/** As dates with times are not; the first group is often set apart from the others. */
function hasOneSeparator(count: number): boolean {
  const { separators } = groups;
  for (let i = 3; i < count; i++) if (separators[i] !== separators[2]) return false;
  return count < 3 || separators[1] === separators[2] || separators[1] === 0 || separators[1] === SLASH;
}

/** No decimal, no number that happens to have one separator near its end, and no social security number. */
function isGrouped(count: number): boolean {
  const { sizes, separators } = groups;
  if (count === 1 || sizes[0]! > 5 || (separators[1] === DOT && count < 4)) return false;
  return sizes[count - 1]! > 1 && !isSocialSecurity(count);
}

/** Three, two and four digits. */
function isSocialSecurity(count: number): boolean {
  const { sizes } = groups;
  return count === 3 && sizes[0] === 3 && sizes[1] === 2 && sizes[2] === 4;
}

/** A sign that stands before digits to come, or before those that are there. */
function tailStart(text: string): number {
  let at = text.length;
  while (text.length - at <= MOST_DIGITS && isDigit(text.charCodeAt(at - 1))) at--;
  const start = numberStart(text, at);
  return start < at ? start : text.length;
}

const FIRST_WORDS = Array.from({ length: MOST_DIGITS }, (_, i) => '9'.repeat(i + 1));

export const PHONE: readonly Detector[] = [
  {
    id: 'pii.phone',
    category: 'phones',
    description: 'Phone number',
    source: 'https://www.itu.int/rec/T-REC-E.164',
    keywords: [],
    begins: 'word',
    trigger: 'number',
    firstWords: FIRST_WORDS,
    digitsInRow: 1,
    rank: 0,
    redactsPartial: false,
    tailStart,
    plausible: isPlausible,
    match: matchPhone,
    canonical: (value) => value.replaceAll(/[^\d+]/g, ''),
    examples: [
      { text: '+33 1 44 55 66 77' },
      { text: '+442071838750' },
      { text: '+44 (0)20 7183 8750' },
      { text: '(212) 555-0147' },
      { text: '(212)555-0147' },
      { text: '212-555-0147' },
      { text: '1-212-555-0147' },
      { text: 'rings at 06 12 34 56 78, or', value: '06 12 34 56 78' },
      { text: '06.12.34.56.78' },
      { text: '030/12345678' },
      { text: '090-1234-5678' },
      { text: '0049 30 12345678' },
      { text: '0033612345678' },
      { text: 'Llame al 612 34 56 78.', value: '612 34 56 78' },
      { text: 'escríbeme al 912 345 678', value: '912 345 678' },
      { text: 'mi chiami: 347 123 4567', value: '347 123 4567' },
      { text: 'tel: 2125550147', value: '2125550147' },
      { text: 'mobile 0612345678', value: '0612345678' },
    ],
    nearMisses: [
      'on 01-02-2024 10:30',
      '2024-01-15 12:30:00',
      'version 10.20.30.40',
      'id 2125550147 there',
      'id 0012125550147 there',
      'al 912345678',
      'at 1712345678',
      '192.168.100.200',
      '1,234,567.89',
      '978-3-16-148410-0',
      'SKU 0123-4567',
      '+1 and +2',
      'a+12345678',
      '123-456-7890',
    ],
  },
];
