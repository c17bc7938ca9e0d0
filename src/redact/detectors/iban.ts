import type { Chars } from '../../core/units.ts';
import { ALNUM, WORD } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';
import { hasFittingCase, LETTERS_BEFORE } from '../number-words.ts';
import { valueOf } from './check-digits.ts';

/** Country code and length. @source https://www.swift.com/standards/data-standards/iban-international-bank-account-number, release 99 */
const LENGTHS =
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'.split(
    ' ',
  );
const ALPHABET = 26;
const LOWER_A = 0x61;
const CASE_BIT = 0x20;
/** By country; 0 for none. */
const LENGTH_OF = new Uint8Array(ALPHABET * ALPHABET);
for (const entry of LENGTHS) LENGTH_OF[countryOf(entry, 0)] = Number(entry.slice(2));
const SPACE = 0x20;
const DASH = 0x2d;
const DOT = 0x2e;
const NO_BREAK_SPACE = 0xa0;
const NARROW_SPACE = 0x202f;
/** Country and check digits, and each group of the printed form. */
const GROUP: Chars = 4;
const MODULUS = 97;
const LONG = 1e12;

/** What has been read of one: filled anew at each word. */
const reading = { end: -1, isOpen: false, remainder: 0, inFours: true, hasLower: false };

function matchIban(text: string, at: number, _after: number, final: boolean): Verdict {
  if (isGlued(text, at)) return null;
  read(text, at);
  const start = hasFittingCase(text, at, at + GROUP) ? at : at + LETTERS_BEFORE;
  if (reading.isOpen && !final) return pending(start);
  return reading.end >= 0 && !WORD.has(text.charCodeAt(reading.end)) ? match(start, reading.end) : null;
}

function isGlued(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  return before === DASH && WORD.has(text.charCodeAt(at - 2));
}

function isPlausible(text: string, at: number): boolean {
  read(text, at);
  return reading.end >= 0;
}

/**
 * As many letters and digits as the country has, single separators between them left out.
 * @source ISO 13616-1: letters count 10 to 35, the first four characters move to the end, the remainder by 97 is 1.
 */
function read(text: string, at: number): void {
  reading.end = -1;
  reading.isOpen = false;
  const length = LENGTH_OF[countryOf(text, at)]!;
  if (length === 0) return;
  const end = readCharacters(text, at + GROUP, length - GROUP);
  if (end === text.length) reading.isOpen = true;
  if (end < 0) return;
  for (let i = at; i < at + GROUP; i++) reading.remainder = joined(reading.remainder, text.charCodeAt(i));
  // Words of prose are lower case and have any length.
  if (reading.remainder % MODULUS === 1 && (reading.inFours || !reading.hasLower)) reading.end = end;
}

/** A number for the two letters at `at`. */
function countryOf(text: string, at: number): number {
  return letterOf(text.charCodeAt(at)) * ALPHABET + letterOf(text.charCodeAt(at + 1));
}

/** 0 for A and a. */
function letterOf(code: number): number {
  return (code | CASE_BIT) - LOWER_A;
}

/** Where the `count`-th letter or digit ends; -1 where the text stops before. */
function readCharacters(text: string, from: number, count: number): number {
  reading.inFours = true;
  reading.hasLower = text.charCodeAt(from - GROUP) >= LOWER_A;
  let remainder = 0;
  let at = from;
  for (let seen = 0, wasSeparator = false; seen < count; at++) {
    const code = text.charCodeAt(at);
    if (ALNUM.has(code)) {
      if (code >= LOWER_A) reading.hasLower = true;
      wasSeparator = false;
      remainder = joined(remainder, code);
      seen++;
    } else if (code !== code) {
      reading.isOpen = true;
      return -1;
    } else if (isSeparator(code) && !wasSeparator) {
      wasSeparator = true;
      if (seen % GROUP !== 0) reading.inFours = false;
    } else return -1;
  }
  reading.remainder = remainder;
  return at;
}

/** The remainder is taken once the number grows too long for what follows to be exact. */
function joined(remainder: number, code: number): number {
  const value = valueOf(code);
  return (remainder > LONG ? remainder % MODULUS : remainder) * (value < 10 ? 10 : 100) + value;
}

function isSeparator(code: number): boolean {
  return code === SPACE || code === DASH || code === DOT || code === NO_BREAK_SPACE || code === NARROW_SPACE;
}

function compact(value: string): string {
  return value.replaceAll(/[^A-Za-z0-9]/g, '').toUpperCase();
}

const GERMAN = 'DE89370400440532013000';
const GROUPED = 'GB82 WEST 1234 5698 7654 32';

export const IBAN: readonly Detector[] = [
  {
    id: 'pii.iban',
    category: 'ibans',
    description: 'International bank account number',
    source: 'https://www.iso.org/standard/81090.html',
    keywords: [],
    begins: 'word',
    trigger: 'number',
    firstWords: ['AA99*'],
    lowerCase: 'behind',
    rank: 0,
    redactsPartial: false,
    tailStart: null,
    plausible: isPlausible,
    match: matchIban,
    canonical: compact,
    examples: [
      { text: GERMAN },
      { text: GROUPED },
      { text: `to ${GROUPED} TODAY, please`, value: GROUPED },
      { text: 'NO9386011117947' },
      { text: `IBAN: ${GROUPED.toLowerCase()}`, value: GROUPED.toLowerCase() },
      { text: `{"iban":"${GERMAN.toLowerCase()}"}`, value: GERMAN.toLowerCase() },
      { text: `my iban is ${GERMAN.toLowerCase()}`, value: GERMAN.toLowerCase() },
      { text: `pay to ${GERMAN.toLowerCase()} today`, value: GERMAN.slice(2) },
      { text: `pay to ${GROUPED.toLowerCase()} today`, value: GROUPED.slice(2).toLowerCase() },
      { text: GROUPED.replaceAll(' ', '.') },
      { text: `iban: ${GROUPED.replaceAll(' ', '-')}`, value: GROUPED.replaceAll(' ', '-') },
    ],
    nearMisses: [
      'DE88' + GERMAN.slice(4),
      `pay to de88${GERMAN.slice(4)}`,
      'X' + GERMAN,
      GERMAN + '7',
      'GB82 WEST WING',
    ],
  },
];
