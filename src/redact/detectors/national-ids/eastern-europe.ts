import type { Detector } from '../../detector.ts';
import { allSame, hasMod11And10, isDay, numberOf, remainder, weighted } from '../check-digits.ts';
import type { Values } from '../check-digits.ts';
import { numberDetector } from '../number-form.ts';

const PESEL_WEIGHTS = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1];
const ROMANIAN_WEIGHTS = [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9];
const WOMAN_SHIFT = 50;
/** Bucharest and counties that are no more have numbers above those of the counties. */
const LAST_COUNTY = 52;

/** 20 more months for each century after 1900, 80 more before. */
function isPesel(values: Values): boolean {
  const month = numberOf(values, 2, 4) % 20;
  return isDay(month, numberOf(values, 4, 6)) && weighted(values, PESEL_WEIGHTS) % 10 === 0;
}

/** Women have 50 more months; the whole number can be divided by eleven. */
function isCzech(values: Values): boolean {
  const month = numberOf(values, 2, 4) % WOMAN_SHIFT;
  const isBorn = isDay(month, numberOf(values, 4, 6)) || isDay(month - 20, numberOf(values, 4, 6));
  return isBorn && remainder(values, 0, 10, 11) === 0;
}

function isRomanian(values: Values): boolean {
  if (values[0] === 0 || !isDay(numberOf(values, 3, 5), numberOf(values, 5, 7))) return false;
  const county = numberOf(values, 7, 9);
  const check = weighted(values, ROMANIAN_WEIGHTS) % 11;
  return county > 0 && county <= LAST_COUNTY && (check === 10 ? 1 : check) === values[12];
}

/** The first digits give two check digits: tenth and eleventh. */
function isTurkish(values: Values): boolean {
  if (values[0] === 0) return false;
  let odd = 0;
  let even = 0;
  for (let i = 0; i < 9; i++) {
    if (i % 2 === 0) odd += values[i]!;
    else even += values[i]!;
  }
  return (odd * 7 - even + 100) % 10 === values[9] && (odd + even + values[9]) % 10 === values[10];
}

export const EASTERN_EUROPE: readonly Detector[] = [
  numberDetector({
    id: 'pii.pl_pesel',
    category: 'national_ids',
    description: 'Polish personal number (PESEL)',
    source: 'https://www.gov.pl/web/gov/czym-jest-numer-pesel',
    likely: ['99999999999'],
    words: ['pesel'],
    accepts: isPesel,
    examples: [{ text: 'PESEL: 50122435864', value: '50122435864' }],
    nearMisses: ['PESEL 44051401459', 'row 44051401458 of the table'],
  }),
  numberDetector({
    id: 'pii.cz_birth_number',
    category: 'national_ids',
    description: 'Czech or Slovak birth number',
    source: 'https://www.mvcr.cz/clanek/rady-a-sluzby-dokumenty-rodna-cisla.aspx',
    certain: ['999999/9999'],
    named: ['9999999999'],
    words: ['rodné číslo', 'rodne cislo', 'rodné', 'r.č', 'birth number'],
    accepts: isCzech,
    examples: ['608212/4950', { text: 'rodné číslo 2572165288', value: '2572165288' }],
    nearMisses: ['736028/5164', '999999/9999'],
  }),
  numberDetector({
    id: 'pii.ro_cnp',
    category: 'national_ids',
    description: 'Romanian personal code (CNP)',
    source: 'https://legislatie.just.ro/Public/DetaliiDocument/64840',
    likely: ['9999999999999'],
    words: ['cnp', 'cod numeric', 'codul numeric personal'],
    accepts: isRomanian,
    examples: [{ text: 'CNP 1970522468040', value: '1970522468040' }],
    nearMisses: ['CNP 1800101221145', 'at 1712012345678 ms'],
  }),
  numberDetector({
    id: 'pii.hr_oib',
    category: 'national_ids',
    description: 'Croatian personal identification number (OIB)',
    source: 'https://www.porezna-uprava.hr/HR_OIB/Stranice/default.aspx',
    named: ['99999999999'],
    words: ['oib', 'osobni identifikacijski'],
    accepts: hasMod11And10,
    examples: [{ text: 'OIB: 71946355599', value: '71946355599' }],
    nearMisses: ['OIB 12345678901', 'row 12345678903 of the table'],
  }),
  numberDetector({
    id: 'pii.tr_national_id',
    category: 'national_ids',
    description: 'Turkish identity number',
    source: 'https://www.nvi.gov.tr/kimlik-karti',
    likely: ['99999999999'],
    words: ['tckn', 'kimlik', 'tc kimlik', 'turkish', 'türk', 'kişi', 'vatandaş'],
    accepts: (values) => !allSame(values, 0, 9) && isTurkish(values),
    examples: [{ text: 'TCKN 62894662924', value: '62894662924' }],
    nearMisses: ['10000000145', '01234567890', '123456789012'],
  }),
];
