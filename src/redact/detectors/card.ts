import type { Chars } from '../../core/units.ts';
import { isDigit, startsToken, WORD } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';

const LEAST_DIGITS = 13;
const DOT = 0x2e;
const DASH = 0x2d;
const SPACE = 0x20;
/** 19 digits with four separators, and the character after them. */
const WINDOW: Chars = 24;
/** As printed on cards: 4-4-4-4(-3), 4-6-5 (American Express), 4-6-4 (Diners Club). */
const GROUPINGS = [/^\d{4}([ -])\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?$/, /^\d{4}([ -])\d{6}\1\d{4,5}$/];

interface Issuer {
  /** First and last value of the leading digits. */
  readonly from: number;
  readonly to: number;
  readonly lengths: readonly number[];
  /** Lengths of article numbers and ids: only counted where the digits are grouped as on a card. */
  readonly grouped?: readonly number[];
}

const THIRTEEN = [13];

/** @source https://en.wikipedia.org/wiki/Payment_card_number#Issuer_identification_number_(IIN), ISO/IEC 7812 */
const ISSUERS: readonly Issuer[] = [
  { from: 4, to: 4, lengths: [16, 19], grouped: THIRTEEN },
  { from: 51, to: 55, lengths: [16] },
  { from: 2221, to: 2720, lengths: [16] },
  { from: 34, to: 34, lengths: [15] },
  { from: 37, to: 37, lengths: [15] },
  { from: 300, to: 305, lengths: [14, 16, 17, 18, 19] },
  { from: 3095, to: 3095, lengths: [14, 16, 17, 18, 19] },
  { from: 36, to: 36, lengths: [14, 15, 16, 17, 18, 19] },
  { from: 38, to: 39, lengths: [14, 16, 17, 18, 19] },
  { from: 6011, to: 6011, lengths: [16, 17, 18, 19] },
  { from: 644, to: 649, lengths: [16, 17, 18, 19] },
  { from: 65, to: 65, lengths: [16, 17, 18, 19] },
  { from: 3528, to: 3589, lengths: [16, 17, 18, 19] },
  { from: 62, to: 62, lengths: [16, 17, 18, 19] },
  { from: 81, to: 81, lengths: [16, 17, 18, 19] },
  { from: 5018, to: 5018, lengths: [14, 15, 16, 17, 18, 19], grouped: THIRTEEN },
  { from: 5019, to: 5019, lengths: [16] },
  { from: 1, to: 1, lengths: [], grouped: [15] },
  { from: 5020, to: 5020, lengths: [14, 15, 16, 17, 18, 19], grouped: THIRTEEN },
  { from: 5038, to: 5038, lengths: [14, 15, 16, 17, 18, 19], grouped: THIRTEEN },
  { from: 56, to: 58, lengths: [14, 15, 16, 17, 18, 19], grouped: THIRTEEN },
  { from: 6304, to: 6304, lengths: [14, 15, 16, 17, 18, 19], grouped: THIRTEEN },
  { from: 6759, to: 6763, lengths: [14, 15, 16, 17, 18, 19], grouped: THIRTEEN },
  { from: 2200, to: 2204, lengths: [16, 17, 18, 19] },
];

function matchCard(text: string, at: number, _after: number, final: boolean): Verdict {
  if (!startsNumber(text, at)) return null;
  const limit = at + WINDOW;
  if (hasOddFirstGroup(text, at, limit)) return null;
  const runEnd = groupedRunEnd(text, at, Math.min(limit, text.length));
  const needsMore = runEnd === text.length || (text.charCodeAt(runEnd) === DOT && runEnd + 1 === text.length);
  if (needsMore && !final && runEnd < limit) return pending(at);
  for (let end = runEnd; end - at >= LEAST_DIGITS; end--) {
    if (endsNumber(text, end) && isCard(text.slice(at, end))) return match(at, end);
  }
  return null;
}

/** Grouped numbers begin with four digits; said early, because rows of small numbers are common. */
function hasOddFirstGroup(text: string, at: number, limit: number): boolean {
  let end = at;
  while (end < limit && isDigit(text.charCodeAt(end))) end++;
  return end < text.length && end - at !== 4 && end - at < LEAST_DIGITS;
}

function startsNumber(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  if ((before === DOT || before === DASH) && isDigit(text.charCodeAt(at - 2))) return false;
  return startsToken(text, at, WORD);
}

function endsNumber(text: string, end: number): boolean {
  const code = text.charCodeAt(end);
  if (!isDigit(text.charCodeAt(end - 1)) || WORD.has(code)) return false;
  return !(code === DOT && isDigit(text.charCodeAt(end + 1)));
}

/** Digits with single spaces or dashes between them. */
function groupedRunEnd(text: string, at: number, limit: number): number {
  let end = at;
  for (; end < limit; end++) {
    const code = text.charCodeAt(end);
    if (isDigit(code)) continue;
    if ((code !== SPACE && code !== DASH) || !isDigit(text.charCodeAt(end - 1))) break;
  }
  return end;
}

function isCard(value: string): boolean {
  const digits = luhnDigits(value);
  const isGrouped = digits < value.length;
  if (digits === 0 || !hasIssuer(value, digits, isGrouped)) return false;
  return !isGrouped || GROUPINGS.some((grouping) => grouping.test(value));
}

/** The first four characters are digits, grouped or not. */
function hasIssuer(value: string, length: number, isGrouped: boolean): boolean {
  const lead = Number(value.slice(0, 4));
  for (const { from, to, lengths, grouped } of ISSUERS) {
    const scale = 10 ** (4 - String(from).length);
    if (lead < from * scale || lead >= (to + 1) * scale) continue;
    if (lengths.includes(length) || (isGrouped && grouped?.includes(length) === true)) return true;
  }
  return false;
}

/** The number of digits, separators left out; 0 where their checksum is wrong. @source ISO/IEC 7812-1, annex B */
function luhnDigits(value: string): number {
  let sum = 0;
  let digits = 0;
  for (let at = value.length - 1; at >= 0; at--) {
    const digit = value.charCodeAt(at) - 0x30;
    if (digit < 0) continue;
    const weighted = digits++ % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0 ? digits : 0;
}

function cardDigits(value: string): string {
  return value.replaceAll(/[ -]/g, '');
}

export const CARD: readonly Detector[] = [
  {
    id: 'pii.card',
    category: 'cards',
    description: 'Payment card number',
    source: 'https://www.iso.org/standard/70484.html',
    keywords: [],
    begins: 'word',
    trigger: 'digit',
    rank: 0,
    redactsPartial: false,
    tailStart: null,
    plausible: () => true,
    match: matchCard,
    canonical: cardDigits,
    examples: [
      { text: '4111' + '1111'.repeat(3) },
      { text: '4111' + ' 1111'.repeat(3) },
      { text: '4111' + '-1111'.repeat(3) },
      { text: `card 3782 ${'822463'} 10005, valid`, value: `3782 ${'822463'} 10005` },
      { text: '5555555555554444' },
      { text: '4111' + ' 1111'.repeat(3) + ' 2 items', value: '4111' + ' 1111'.repeat(3) },
      { text: '4222 2222 2222 2' },
    ],
    nearMisses: [
      '4111' + '1111'.repeat(2) + '1112',
      '1234567890123452',
      '0.4111' + '1111'.repeat(3),
      '4111 11111111 1111',
      '4222222222222',
      '100000000000009',
    ],
  },
];
