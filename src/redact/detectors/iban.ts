import type { Chars } from '../../core/units.ts';
import { isDigit, isUpper, startsToken, WORD } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';

/** Country code and length. @source https://www.swift.com/standards/data-standards/iban-international-bank-account-number, release 99 */
const LENGTHS = new Map(
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);
const LONGEST: Chars = 33;
/** In groups of four, as printed. */
const WINDOW: Chars = LONGEST + 9;
const SPACE = 0x20;
const DASH = 0x2d;

function matchIban(text: string, at: number, _after: number, final: boolean): Verdict {
  if (!startsToken(text, at, WORD)) return null;
  const length = LENGTHS.get(text.slice(at, at + 2));
  if (length === undefined) return text.length - at < 2 && !final ? pending(at) : null;
  const end = afterCharacters(text, at, length);
  if (end === text.length && !final) return pending(at);
  if (end < 0 || WORD.has(text.charCodeAt(end))) return null;
  return hasValidCheck(compact(text.slice(at, end))) ? match(at, end) : null;
}

/** Where the `count`-th letter or digit ends, single separators skipped; the text's end where it is too short; -1 where it stops. */
function afterCharacters(text: string, at: number, count: number): number {
  const limit = Math.min(text.length, at + WINDOW);
  let seen = 0;
  for (let end = at; end < limit; end++) {
    const code = text.charCodeAt(end);
    if (isDigit(code) || (isUpper(code) && (seen < 2 || seen > 3))) seen++;
    else if (!isSeparator(code) || isSeparator(text.charCodeAt(end - 1)) || seen < 4) return -1;
    if (seen === count) return end + 1;
  }
  return limit === text.length ? limit : -1;
}

function isSeparator(code: number): boolean {
  return code === SPACE || code === DASH;
}

function compact(value: string): string {
  return value.replaceAll(/[ -]/g, '');
}

/** @source ISO 13616-1: letters count 10 to 35, the first four characters move to the end, the remainder by 97 is 1. */
function hasValidCheck(iban: string): boolean {
  if (iban.length !== LENGTHS.get(iban.slice(0, 2))) return false;
  let remainder = 0;
  for (const char of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(char, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
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
    trigger: 'upper',
    rank: 0,
    redactsPartial: false,
    tailStart: null,
    plausible: () => true,
    match: matchIban,
    canonical: compact,
    examples: [
      { text: GERMAN },
      { text: GROUPED },
      { text: `to ${GROUPED} TODAY, please`, value: GROUPED },
      { text: 'NO9386011117947' },
    ],
    nearMisses: ['DE88' + GERMAN.slice(4), 'X' + GERMAN, GERMAN + '7', 'GB82 WEST WING'],
  },
];
