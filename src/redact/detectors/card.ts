import type { Chars } from '../../core/units.ts';
import { ALNUM, CharSet, endsText, isDigit, startsText, WORD } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';
import { CONTEXT_WORDS } from './context-words.ts';

const LEAST_DIGITS = 13;
const MOST_DIGITS = 19;
/** Nineteen digits with four separators between them. */
const LONGEST: Chars = MOST_DIGITS + 4;
const DOT = 0x2e;
const DASH = 0x2d;
const SPACE = 0x20;
const NO_BREAK_SPACE = 0xa0;
const NARROW_SPACE = 0x202f;
const NUMBER_CHARS = new CharSet('0-9 -');
const WHITE = new CharSet(' \n');
/** Groups of a row of hexadecimal digits, bytes or characters, and how many of them are looked at. */
const DUMP_GROUP: readonly [Chars, Chars] = [4, 5];
const MOST_DUMP_GROUPS = 6;
const HEX = new CharSet('0-9A-Fa-f');
/** Groups as printed on cards: 4-4-4-4-3, 4-6-5 (American Express) and 4-6-4 (Diners Club); the last may be shorter. */
const GROUPS_OF_FOUR: readonly Chars[] = [4, 4, 4, 4, 3];
const GROUPS_OF_SIX: readonly Chars[] = [4, 6, 5];
const LEAST_OF_SIX = 14;
const TOPIC = CONTEXT_WORDS.add([
  'card',
  'credit',
  'debit',
  'visa',
  'mastercard',
  'maestro',
  'amex',
  'american express',
  'diners',
  'discover',
  'pan',
  'carte',
  'karte',
  'kreditkarte',
  'tarjeta',
  'carta',
  'cartão',
  'kaart',
  'uatp',
  'jcb',
  'unionpay',
  'cc',
]);

interface Issuer {
  /** First and last value of the leading digits. */
  readonly from: number;
  readonly to: number;
  readonly lengths: readonly number[];
  /** Lengths of article numbers and ids: only counted where the digits are grouped or called a card. */
  readonly named?: readonly number[];
}

const THIRTEEN = [13];
const TO_FIFTEEN = [13, 14, 15];
const FROM_SIXTEEN = [16, 17, 18, 19];
const FROM_FOURTEEN = [14, 15, ...FROM_SIXTEEN];
const DINERS = [14, ...FROM_SIXTEEN];

/** @source https://en.wikipedia.org/wiki/Payment_card_number#Issuer_identification_number_(IIN), ISO/IEC 7812 */
const ISSUERS: readonly Issuer[] = [
  { from: 4, to: 4, lengths: [16, 19], named: THIRTEEN },
  { from: 51, to: 55, lengths: [16] },
  { from: 2221, to: 2720, lengths: [16] },
  { from: 34, to: 34, lengths: [15] },
  { from: 37, to: 37, lengths: [15] },
  { from: 300, to: 305, lengths: DINERS },
  { from: 3095, to: 3095, lengths: DINERS },
  { from: 36, to: 36, lengths: FROM_FOURTEEN },
  { from: 38, to: 39, lengths: DINERS },
  { from: 6011, to: 6011, lengths: FROM_SIXTEEN },
  { from: 644, to: 649, lengths: FROM_SIXTEEN },
  { from: 65, to: 65, lengths: FROM_SIXTEEN },
  { from: 3528, to: 3589, lengths: FROM_SIXTEEN },
  { from: 62, to: 62, lengths: FROM_SIXTEEN },
  { from: 81, to: 81, lengths: FROM_SIXTEEN },
  { from: 5018, to: 5018, lengths: FROM_SIXTEEN, named: TO_FIFTEEN },
  { from: 5019, to: 5019, lengths: [16] },
  { from: 1, to: 1, lengths: [], named: [15] },
  { from: 5020, to: 5020, lengths: FROM_SIXTEEN, named: TO_FIFTEEN },
  { from: 5038, to: 5038, lengths: FROM_SIXTEEN, named: TO_FIFTEEN },
  { from: 56, to: 58, lengths: FROM_SIXTEEN, named: TO_FIFTEEN },
  { from: 6304, to: 6304, lengths: FROM_SIXTEEN, named: TO_FIFTEEN },
  { from: 6759, to: 6763, lengths: FROM_SIXTEEN, named: TO_FIFTEEN },
  { from: 2200, to: 2204, lengths: FROM_SIXTEEN },
];

/** Bits of the lengths that cards have whose number begins with these four digits. */
interface Lengths {
  readonly sure: Int32Array;
  readonly named: Int32Array;
}

const LENGTHS = lengthsByLead();

function lengthsByLead(): Lengths {
  const lengths = { sure: new Int32Array(10_000), named: new Int32Array(10_000) };
  for (const { from, to, lengths: sure, named = [] } of ISSUERS) {
    const scale = 10 ** (4 - String(from).length);
    for (let lead = from * scale; lead < (to + 1) * scale; lead++) {
      lengths.sure[lead]! |= bitsOf(sure);
      lengths.named[lead]! |= bitsOf(named);
    }
  }
  return lengths;
}

function bitsOf(lengths: readonly number[]): number {
  return lengths.reduce((bits, length) => bits | (1 << length), 0);
}

/** A beginning of a run of digits that is a card number. */
interface Reading {
  /** One past it; -1 for none. */
  end: number;
  isSure: boolean;
  /** The text ends where the number might go on. */
  isOpen: boolean;
}

/** Filled anew at each number. */
const reading: Reading = { end: -1, isSure: false, isOpen: false };

function matchCard(text: string, at: number, after: number, final: boolean): Verdict {
  if (!startsNumber(text, at) || !isIssued(text, at)) return null;
  if (after - at === 4) readGroups(text, at);
  else readDigits(text, at, after);
  const { end, isSure, isOpen } = reading;
  if (isOpen && !final) return pending(at, NUMBER_CHARS, at + LONGEST + 1);
  if (end < 0 || isInDump(text, at)) return null;
  return isSure || isNamed(text, at, end, final) ? match(at, end) : null;
}

/** By a word before it, or as all that there is. */
function isNamed(text: string, at: number, end: number, final: boolean): boolean {
  return CONTEXT_WORDS.isBefore(TOPIC, text, at) || (startsText(text, at) && endsText(text, end, final));
}

function startsNumber(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  return !((before === DOT || before === DASH) && ALNUM.has(text.charCodeAt(at - 2)));
}

/** Some card's number begins with these four digits. */
function isIssued(text: string, at: number): boolean {
  const lead = leadOf(text, at);
  return (LENGTHS.sure[lead]! | LENGTHS.named[lead]!) !== 0;
}

function leadOf(text: string, at: number): number {
  let lead = 0;
  for (let i = at; i < at + 4; i++) lead = lead * 10 + text.charCodeAt(i) - 0x30;
  return lead;
}

/** One of the groups before has letters and digits, and all are of hexadecimal ones. */
function isInDump(text: string, at: number): boolean {
  for (let i = 0, end = at; i < MOST_DUMP_GROUPS && WHITE.has(text.charCodeAt(end - 1)); i++) {
    const last = end - 1;
    let start = last;
    let digits = 0;
    while (last - start <= DUMP_GROUP[1] && HEX.has(text.charCodeAt(start - 1)))
      if (isDigit(text.charCodeAt(--start))) digits++;
    const length = last - start;
    if (length < DUMP_GROUP[0] || length > DUMP_GROUP[1]) return false;
    if (digits > 0 && digits < length) return true;
    end = start;
  }
  return false;
}

function isPlausible(text: string, at: number): boolean {
  const after = WORD.runEnd(text, at, at + MOST_DIGITS + 1);
  if (after - at === 4) readGroups(text, at);
  else readDigits(text, at, after);
  return reading.end >= 0;
}

/** Reads digits in groups of one width, to the longest beginning that is a card number. */
function readGroups(text: string, at: number): void {
  const separator = separatorOf(text.charCodeAt(at + 4));
  restart();
  for (let i = at, group = 0; ; group++) {
    const start = i;
    while (isDigit(text.charCodeAt(i)) && i - start < 7) addDigit(text.charCodeAt(i++));
    const isFull = fitsGroup(group, i - start);
    if (isOpenEnd(text, i)) reading.isOpen = true;
    if (!isFull && !isLastGroup(group, i - start)) return;
    if (endsNumber(text, i)) judge(text, at, i, true);
    if (!isFull || separator < 0 || separatorOf(text.charCodeAt(i)) !== separator) return;
    if (++i === text.length) reading.isOpen = true;
    if (!isDigit(text.charCodeAt(i))) return;
  }
}

function readDigits(text: string, at: number, end: number): void {
  restart();
  if (end - at < LEAST_DIGITS || end - at > MOST_DIGITS) return;
  for (let i = at; i < end; i++) addDigit(text.charCodeAt(i));
  reading.isOpen = isOpenEnd(text, end);
  if (endsNumber(text, end)) judge(text, at, end, false);
}

/** What the sums of the digits read so far are: even places counted double, odd places counted double. */
const sums = { digits: 0, even: 0, odd: 0, groupsOfSix: false };

function restart(): void {
  sums.digits = sums.even = sums.odd = 0;
  sums.groupsOfSix = false;
  reading.end = -1;
  reading.isOpen = false;
}

/** Both sums are kept: which of them counts is known when the number of digits is. @source ISO/IEC 7812-1, annex B */
function addDigit(code: number): void {
  const digit = code - 0x30;
  const double = digit > 4 ? digit * 2 - 9 : digit * 2;
  const isEven = sums.digits++ % 2 === 0;
  sums.even += isEven ? double : digit;
  sums.odd += isEven ? digit : double;
}

function fitsGroup(group: number, size: Chars): boolean {
  if (group === 1) sums.groupsOfSix = size === GROUPS_OF_SIX[1];
  return size === (sums.groupsOfSix ? GROUPS_OF_SIX : GROUPS_OF_FOUR)[group];
}

function isLastGroup(group: number, size: Chars): boolean {
  if (sums.groupsOfSix) return group === 2 && sums.digits >= LEAST_OF_SIX && size < 5;
  return group > 2 && size > 0 && size < GROUPS_OF_FOUR[group]!;
}

function judge(text: string, at: number, end: number, isGrouped: boolean): void {
  const { digits } = sums;
  if (digits < LEAST_DIGITS || (digits % 2 === 0 ? sums.even : sums.odd) % 10 !== 0) return;
  const lead = leadOf(text, at);
  const isSure = ((LENGTHS.sure[lead]! >> digits) & 1) === 1;
  if (!isSure && ((LENGTHS.named[lead]! >> digits) & 1) === 0) return;
  reading.end = end;
  reading.isSure = isSure || isGrouped;
}

function separatorOf(code: number): number {
  if (code === NO_BREAK_SPACE || code === NARROW_SPACE) return SPACE;
  return code === SPACE || code === DASH ? code : -1;
}

function isOpenEnd(text: string, end: number): boolean {
  return end === text.length || (text.charCodeAt(end) === DOT && end + 1 === text.length);
}

function endsNumber(text: string, end: number): boolean {
  const code = text.charCodeAt(end);
  return !WORD.has(code) && !(code === DOT && isDigit(text.charCodeAt(end + 1)));
}

function cardDigits(value: string): string {
  return value.replaceAll(/\D/g, '');
}

const FIRST_WORDS = [4, 13, 14, 15, 16, 17, 18, 19].map((length) => '9'.repeat(length));

export const CARD: readonly Detector[] = [
  {
    id: 'pii.card',
    category: 'cards',
    description: 'Payment card number',
    source: 'https://www.iso.org/standard/70484.html',
    keywords: [],
    begins: 'word',
    trigger: 'number',
    firstWords: FIRST_WORDS,
    rank: 0,
    redactsPartial: false,
    tailStart: null,
    plausible: isPlausible,
    match: matchCard,
    canonical: cardDigits,
    examples: [
      { text: '4111' + '1111'.repeat(3) },
      { text: '4111' + ' 1111'.repeat(3) },
      { text: '4111' + '-1111'.repeat(3) },
      { text: `card 3782 ${'822463'} 10005, valid`, value: `3782 ${'822463'} 10005` },
      { text: '5555555555554444' },
      { text: '4111' + ' 1111'.repeat(3) + ' 2 items', value: '4111' + ' 1111'.repeat(3) },
      {
        text: '4111' + ' 1111'.repeat(3) + '\n5500' + ' 0000'.repeat(2) + ' 0004',
        value: '5500' + ' 0000'.repeat(2) + ' 0004',
      },
      { text: '4222 2222 2222 2' },
      { text: 'card no. 122000000000003', value: '122000000000003' },
    ],
    nearMisses: [
      '4111' + '1111'.repeat(2) + '1112',
      '1234567890123452',
      '0.4111' + '1111'.repeat(3),
      '4111 11111111 1111',
      '52BB 541E 4111' + ' 1111'.repeat(3),
      '2e54 4820 4111' + ' 1111'.repeat(3) + ' 2241',
      'id 4222222222222',
      'id 100000000000009',
    ],
  },
];
