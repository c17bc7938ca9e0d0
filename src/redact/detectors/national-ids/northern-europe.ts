import type { Detector } from '../../detector.ts';
import { allSame, charOf, hasLuhn, isDay, numberOf, weighted } from '../check-digits.ts';
import type { Values } from '../check-digits.ts';
import { numberDetector } from '../number-form.ts';

/** All digits in order. */
const ASCENDING = 123_456_789;
const NHS_WEIGHTS = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
/** Letters that begin no number, and pairs that are kept for other things. */
const NOT_FIRST = 'DFIQUV';
const NOT_SECOND = 'DFIOQUV';
const NOT_PAIRS = new Set(['BG', 'GB', 'KN', 'NK', 'NT', 'TN', 'ZZ']);
const SUFFIX_D = 13;
const FILLER = 9;
const FINNISH_CHECKS = '0123456789ABCDEFHJKLMNPRSTUVWXY';
const IRISH_CHECKS = 'WABCDEFGHIJKLMNOPQRSTUV';
const IRISH_WEIGHTS = [8, 7, 6, 5, 4, 3, 2];
const NORWEGIAN_FIRST = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1];
const NORWEGIAN_SECOND = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
const DAY_SHIFT = 40;
const COORDINATION_SHIFT = 60;

function isNhs(values: Values): boolean {
  return !allSame(values, 0, 10) && numberOf(values, 0, 10) !== ASCENDING && weighted(values, NHS_WEIGHTS) % 11 === 0;
}

function isNino(values: Values): boolean {
  const first = charOf(values[0]!);
  const second = charOf(values[1]!);
  if (NOT_FIRST.includes(first) || NOT_SECOND.includes(second) || NOT_PAIRS.has(first + second)) return false;
  return values[8]! <= SUFFIX_D && numberOf(values, 2, 8) > 0;
}

/** Surname padded with nines, then the birth date: decade, month (50 more for women), day, year; then initials. */
function isDrivingLicence(values: Values): boolean {
  if (values[0]! < 10) return false;
  for (let i = 1; i < 5; i++) {
    if (values[i]! < 10 && values[i] !== FILLER) return false;
    if (values[i]! >= 10 && values[i - 1]! < 10) return false;
  }
  if ([11, 12].some((place) => values[place]! < 10 && values[place] !== FILLER)) return false;
  return isDay(numberOf(values, 6, 8) % 50, numberOf(values, 8, 10));
}

/** Birth date, century, order; the remainder of the digits by 31. */
function isFinnish(values: Values, length: number): boolean {
  if (!isDay(numberOf(values, 2, 4), numberOf(values, 0, 2))) return false;
  const order = length - 4;
  const number = numberOf(values, 0, 6) * 1000 + numberOf(values, order, order + 3);
  return numberOf(values, order, order + 3) > 1 && FINNISH_CHECKS[number % 31] === charOf(values[length - 1]!);
}

const FINNISH_CENTURIES = 'ABCDEFUVWXY';

function isFinnishWithLetter(values: Values): boolean {
  return FINNISH_CENTURIES.includes(charOf(values[6]!)) && isFinnish(values, 11);
}

/** With two digits of the year or all; 60 more days where the state gave the number to a visitor. */
function isSwedish(values: Values, length: number): boolean {
  const from = length - 10;
  if (from > 0 && (numberOf(values, 0, 2) < 18 || numberOf(values, 0, 2) > 20)) return false;
  const day = numberOf(values, from + 4, from + 6);
  const month = numberOf(values, from + 2, from + 4);
  return (isDay(month, day) || isDay(month, day - COORDINATION_SHIFT)) && hasLuhn(values, from, length);
}

function isDanish(values: Values): boolean {
  return isDay(numberOf(values, 2, 4), numberOf(values, 0, 2)) && numberOf(values, 6, 10) > 0;
}

/** Two check digits. Visitors have 40 more days, and numbers for tests 80 more months. */
function isNorwegian(values: Values): boolean {
  const day = numberOf(values, 0, 2);
  const month = numberOf(values, 2, 4);
  if (!isDay(month, day) && !isDay(month, day - DAY_SHIFT)) return false;
  return weighted(values, NORWEGIAN_FIRST) % 11 === 0 && weighted(values, NORWEGIAN_SECOND) % 11 === 0;
}

/** A second letter counts nine times its place in the alphabet. */
function isIrish(values: Values, length: number): boolean {
  const second = length > 8 && values[8]! !== 32 ? (values[8]! - 9) * 9 : 0;
  return IRISH_CHECKS[(weighted(values, IRISH_WEIGHTS) + second) % 23] === charOf(values[7]!);
}

export const NORTHERN_EUROPE: readonly Detector[] = [
  numberDetector({
    id: 'pii.uk_nhs',
    category: 'national_ids',
    description: 'British health service number (NHS)',
    source: 'https://www.datadictionary.nhs.uk/attributes/nhs_number.html',
    likely: ['999 999 9999', '9999999999', '999-999-9999'],
    words: ['nhs', 'national health', 'health service', 'patient'],
    accepts: isNhs,
    examples: [
      { text: 'NHS number: 972 638 0669', value: '972 638 0669' },
      { text: 'NHS no 1668291274', value: '1668291274' },
    ],
    nearMisses: ['NHS number 401 023 2138', 'call 415 555 2671 now'],
  }),
  numberDetector({
    id: 'pii.uk_nino',
    category: 'national_ids',
    description: 'British national insurance number',
    source: 'https://www.gov.uk/hmrc-internal-manuals/national-insurance-manual/nim39110',
    certain: [
      'AA999999A',
      'AA 99 99 99 A',
      'AA 999999 A',
      'AA-99-99-99-A',
      'AA/99/99/99/A',
      'AA.99.99.99.A',
      'AA 999999A',
    ],
    words: ['nino', 'national insurance', 'ni number', 'ni no'],
    accepts: isNino,
    examples: ['CE482913B', { text: 'NI number CE 48 29 13 B,', value: 'CE 48 29 13 B' }],
    nearMisses: ['QQ123456C', 'BG123456A', 'CE 48 29 13 E', 'CE4829137'],
  }),
  numberDetector({
    id: 'pii.uk_driving_licence',
    category: 'national_ids',
    description: 'British driving licence number',
    source: 'https://www.gov.uk/government/publications/driving-licence-information-codes',
    certain: ['XXXXX999999XXXAA', 'XXXXX 999999 XXXAA'],
    words: ['driving licence', 'driver licence', 'dvla'],
    accepts: isDrivingLicence,
    examples: ['HOPKI851304GR9XY', { text: 'licence LEE99 762157 A99KT', value: 'LEE99 762157 A99KT' }],
    nearMisses: ['HOPKI871304GR9XY', 'H9PKI851304GR9XY'],
  }),
  numberDetector({
    id: 'pii.uk_passport',
    category: 'national_ids',
    description: 'Number of a British passport',
    source: 'https://www.gov.uk/browse/abroad/passports',
    likely: ['AA9999999'],
    named: ['999999999'],
    words: ['passport', 'travel document'],
    accepts: () => true,
    examples: [{ text: 'British passport 482913756', value: '482913756' }],
    nearMisses: ['order 482913756', 'part AB1234567 is sold out'],
  }),
  numberDetector({
    id: 'pii.ie_pps',
    category: 'national_ids',
    description: 'Irish personal public service number (PPS)',
    source: 'https://www.gov.ie/en/department-of-social-protection/services/get-a-personal-public-service-pps-number/',
    likely: ['9999999A', '9999999AA'],
    words: ['pps', 'ppsn', 'personal public service'],
    accepts: isIrish,
    examples: [{ text: 'PPS number 6579541T', value: '6579541T' }],
    nearMisses: ['PPS number 1234567A', 'batch 1234567T'],
  }),
  numberDetector({
    id: 'pii.fi_personal_identity_code',
    category: 'national_ids',
    description: 'Finnish personal identity code',
    source: 'https://dvv.fi/en/personal-identity-code',
    certain: ['999999-9999', '999999-999A', '999999+9999', '999999+999A'],
    words: ['henkilötunnus', 'hetu', 'personbeteckning'],
    accepts: isFinnish,
    examples: ['180897-240U', { text: 'hetu 131052-3162', value: '131052-3162' }],
    nearMisses: ['311280-888X', '321280-888Y', '311280/888Y'],
  }),
  numberDetector({
    id: 'pii.fi_personal_identity_code_new',
    category: 'national_ids',
    description: 'Finnish personal identity code with a letter for the century',
    source: 'https://dvv.fi/en/reform-of-personal-identity-code',
    certain: ['999999A999X'],
    words: ['henkilötunnus', 'hetu', 'personbeteckning'],
    accepts: isFinnishWithLetter,
    examples: ['041289E377C', '270242X5077'],
    nearMisses: ['311280G888Y', '311280A888X'],
  }),
  numberDetector({
    id: 'pii.se_personnummer',
    category: 'national_ids',
    description: 'Swedish personal identity number',
    source: 'https://www.skatteverket.se/privat/folkbokforing/personnummer.4.3810a01c150939e893f18c29.html',
    likely: ['999999-9999', '99999999-9999', '999999+9999', '9999999999', '999999999999'],
    words: [
      'personnummer',
      'pnr',
      'personal identity',
      'person nr',
      'samordningsnummer',
      'swedish id',
      'personal number',
    ],
    accepts: isSwedish,
    examples: [
      { text: 'personnummer 980862-2535', value: '980862-2535' },
      { text: 'pnr: 197101652696', value: '197101652696' },
    ],
    nearMisses: ['personnummer 811228-9875', '20240115-1230'],
  }),
  numberDetector({
    id: 'pii.dk_cpr',
    category: 'national_ids',
    description: 'Danish personal identification number (CPR)',
    source: 'https://cpr.dk/cpr-systemet/opbygning-af-cpr-nummeret',
    likely: ['999999-9999'],
    named: ['9999999999', '999999 9999'],
    words: ['cpr', 'cpr nummer', 'personnummer', 'cpr nr'],
    accepts: isDanish,
    examples: [{ text: 'CPR: 110785-1234', value: '110785-1234' }],
    nearMisses: ['CPR 321385-1234', 'build 110785-1234 failed'],
  }),
  numberDetector({
    id: 'pii.no_fodselsnummer',
    category: 'national_ids',
    description: 'Norwegian national identity number',
    source: 'https://www.skatteetaten.no/en/person/national-registry/identitetsnummer/national-identity-number/',
    certain: ['99999999999', '999999 99999', '999999-99999'],
    words: ['fødselsnummer', 'fodselsnummer', 'personnummer'],
    accepts: isNorwegian,
    examples: ['02065054690', '410751 65755'],
    nearMisses: ['01017012345', '99017012345'],
  }),
];
