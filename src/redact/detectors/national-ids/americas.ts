import type { Chars } from '../../../core/units.ts';
import type { Detector } from '../../detector.ts';
import { allSame, charOf, hasLuhn, isDay, numberOf, weighted } from '../check-digits.ts';
import type { Values } from '../check-digits.ts';
import { numberDetector } from '../number-form.ts';

/** Printed on sample cards and in advertisements: nobody's. */
const ADVERTISED = new Set([78_051_120, 219_099_999, 123_456_789, 987_654_321, 111_223_333]);
const NO_AREA = 666;
const FIRST_ITIN = 900;
/** Groups of digits that mark a taxpayer without a social security number. */
const ITIN_GROUPS: readonly (readonly [number, number])[] = [
  [50, 65],
  [70, 88],
  [90, 92],
  [94, 99],
];
/** Letters that look like digits are in no number. */
const NOT_IN_MBI = 'SLOIBZ';
/** Places of letters, and of letters or digits. */
const MBI_LETTERS = [1, 4, 7, 8];
const MBI_EITHER = [2, 5];
/** What the digits of the issuer, 80840, add to the sum. */
const NPI_ISSUER = 24;
const CPF_FIRST = [10, 9, 8, 7, 6, 5, 4, 3, 2];
const CPF_SECOND = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2];
const CNPJ_FIRST = [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
const CNPJ_SECOND = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
/** The letter that follows N in the alphabet of Spanish counts as well. */
const CURP_ALPHABET = '0123456789ABCDEFGHIJKLMN_OPQRSTUVWXYZ';
const CHILEAN_WEIGHTS = [2, 3, 4, 5, 6, 7];

function isSsn(values: Values): boolean {
  const area = numberOf(values, 0, 3);
  if (area === 0 || area === NO_AREA || area >= FIRST_ITIN || ADVERTISED.has(numberOf(values, 0, 9))) return false;
  return numberOf(values, 3, 5) > 0 && numberOf(values, 5, 9) > 0;
}

function isItin(values: Values): boolean {
  const group = numberOf(values, 3, 5);
  return values[0] === 9 && ITIN_GROUPS.some(([from, to]) => group >= from && group <= to);
}

function isMbi(values: Values): boolean {
  if (values[0] === 0) return false;
  for (const place of MBI_LETTERS) if (NOT_IN_MBI.includes(charOf(values[place]!))) return false;
  return !MBI_EITHER.some((place) => NOT_IN_MBI.includes(charOf(values[place]!)));
}

function isNpi(values: Values): boolean {
  if (values[0] !== 1 && values[0] !== 2) return false;
  let sum = NPI_ISSUER;
  for (let i = 0; i < 10; i++) {
    const value = i % 2 === 0 ? values[i]! * 2 : values[i]!;
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0 && !allSame(values, 0, 9);
}

function isSin(values: Values): boolean {
  return values[0] !== 0 && values[0] !== 8 && !allSame(values, 0, 9) && hasLuhn(values, 0, 9);
}

/** A remainder of 10 is written 0. */
function brazilianDigit(values: Values, weights: readonly number[]): number {
  const rest = 11 - (weighted(values, weights) % 11);
  return rest > 9 ? 0 : rest;
}

function isCpf(values: Values): boolean {
  if (allSame(values, 0, 9)) return false;
  return brazilianDigit(values, CPF_FIRST) === values[9] && brazilianDigit(values, CPF_SECOND) === values[10];
}

function isCnpj(values: Values): boolean {
  if (allSame(values, 0, 12)) return false;
  return brazilianDigit(values, CNPJ_FIRST) === values[12] && brazilianDigit(values, CNPJ_SECOND) === values[13];
}

/** Name, birth date, sex, state, name again, and a check digit. */
function isCurp(values: Values): boolean {
  if (!isDay(numberOf(values, 6, 8), numberOf(values, 8, 10)) || !'HMX'.includes(charOf(values[10]!))) return false;
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += CURP_ALPHABET.indexOf(charOf(values[i]!)) * (18 - i);
  return (10 - (sum % 10)) % 10 === values[17];
}

/** 10 is written K. */
function isRut(values: Values, length: Chars): boolean {
  let sum = 0;
  for (let i = length - 2, place = 0; i >= 0; i--, place++) sum += values[i]! * CHILEAN_WEIGHTS[place % 6]!;
  const check = (11 - (sum % 11)) % 11;
  return charOf(values[length - 1]!) === (check === 10 ? 'K' : String(check));
}

export const AMERICAS: readonly Detector[] = [
  numberDetector({
    id: 'pii.us_ssn',
    category: 'national_ids',
    description: 'American social security number (SSN)',
    source: 'https://www.ssa.gov/employer/randomization.html',
    certain: ['999-99-9999', '999 99 9999'],
    likely: ['999.99.9999', '999/99/9999', '999-999999', '99999-9999'],
    named: ['999999999'],
    words: ['ssn', 'ssns', 'social security', 'ss number', 'taxpayer', 'tax id'],
    accepts: isSsn,
    examples: [
      '536-48-2913',
      '536 48 2913',
      { text: 'ssn=536482913', value: '536482913' },
      { text: 'SSN 536/48/2913', value: '536/48/2913' },
    ],
    nearMisses: [
      '666-48-2913',
      '000-12-3456',
      '536-00-2913',
      '536-48-0000',
      '078-05-1120',
      'id 536482913',
      '1536-48-2913',
      '536-48-29135',
    ],
  }),
  numberDetector({
    id: 'pii.us_itin',
    category: 'national_ids',
    description: 'American individual taxpayer identification number (ITIN)',
    source: 'https://www.irs.gov/tin/itin/individual-taxpayer-identification-number-itin',
    certain: ['999-99-9999', '999 99 9999'],
    likely: ['999999999', '999-999999', '99999-9999'],
    words: ['itin', 'taxpayer', 'tax id', 'tax identification'],
    accepts: isItin,
    examples: ['942-71-4829', { text: 'ITIN 942714829', value: '942714829' }],
    nearMisses: ['942-89-4829', '942-11-4829', 'id 942714829'],
  }),
  numberDetector({
    id: 'pii.us_mbi',
    category: 'national_ids',
    description: 'American Medicare beneficiary identifier (MBI)',
    source: 'https://www.cms.gov/medicare/new-medicare-card/understanding-the-mbi.pdf',
    certain: ['9AX9-AX9-AA99', '9AX9AX9AA99', '9AX9 AX9 AA99'],
    words: ['mbi', 'medicare'],
    accepts: isMbi,
    examples: ['4KT7-WN2-HJ58', '4KT7WN2HJ58'],
    nearMisses: ['4ST7-WN2-HJ58', '0KT7-WN2-HJ58', '4KT7-WN2-HJ5'],
  }),
  numberDetector({
    id: 'pii.us_npi',
    category: 'national_ids',
    description: 'American national provider identifier (NPI)',
    source: 'https://www.cms.gov/regulations-and-guidance/administrative-simplification/nationalprovidentstand',
    likely: ['9999-999-999', '9999 999 999'],
    named: ['9999999999'],
    words: ['npi', 'national provider', 'provider identifier', 'provider number'],
    accepts: isNpi,
    examples: [{ text: 'NPI: 1653919773', value: '1653919773' }],
    nearMisses: ['NPI 1234567890', 'at 1712345678 seconds', 'NPI 3234567893'],
  }),
  numberDetector({
    id: 'pii.us_passport',
    category: 'national_ids',
    description: 'Number of an American passport',
    source: 'https://travel.state.gov/content/travel/en/passports.html',
    named: ['A99999999', '999999999'],
    words: ['passport', 'travel document', 'travel passport'],
    accepts: () => true,
    examples: [{ text: 'US passport: C48291376', value: 'C48291376' }],
    nearMisses: ['order 548291376', 'part A12803456 is sold out'],
  }),
  numberDetector({
    id: 'pii.ca_sin',
    category: 'national_ids',
    description: 'Canadian social insurance number (SIN)',
    source: 'https://www.canada.ca/en/employment-social-development/services/sin.html',
    certain: ['999-999-999'],
    likely: ['999 999 999'],
    named: ['999999999'],
    words: ['sin', 'social insurance', 'nas', 'assurance sociale'],
    accepts: isSin,
    examples: [
      '998-784-474',
      { text: 'SIN: 419 615 083', value: '419 615 083' },
      { text: 'my social insurance number 671859726', value: '671859726' },
    ],
    nearMisses: ['130-692-545', '046-454-286', 'id 130692544', '130-692 544'],
  }),
  numberDetector({
    id: 'pii.br_cpf',
    category: 'national_ids',
    description: 'Brazilian taxpayer number (CPF)',
    source: 'https://www.gov.br/receitafederal/pt-br/assuntos/meu-cpf',
    certain: ['999.999.999-99', '999999999-99'],
    likely: ['99999999999'],
    words: ['cpf'],
    accepts: isCpf,
    examples: ['893.387.079-20', { text: 'CPF 17814609739', value: '17814609739' }],
    nearMisses: ['111.111.111-11', '529.982.247-24'],
  }),
  numberDetector({
    id: 'pii.br_cnpj',
    category: 'national_ids',
    description: 'Brazilian company number (CNPJ)',
    source: 'https://www.gov.br/receitafederal/pt-br/assuntos/orientacao-tributaria/cadastros/cnpj',
    certain: ['99.999.999/9999-99'],
    likely: ['99999999999999'],
    words: ['cnpj'],
    accepts: isCnpj,
    examples: ['59.132.354/8749-65', { text: 'CNPJ 35974856763715', value: '35974856763715' }],
    nearMisses: ['11.222.333/0001-82', 'at 20240115123000'],
  }),
  numberDetector({
    id: 'pii.mx_curp',
    category: 'national_ids',
    description: 'Mexican population registry code (CURP)',
    source: 'https://www.gob.mx/curp',
    certain: ['AAAA999999AAAAAAX9'],
    words: ['curp'],
    accepts: isCurp,
    examples: ['LOGZ850712MDFPRN01'],
    nearMisses: ['LOGA851712MDFPRN09', 'LOGA850712QDFPRN09'],
  }),
  numberDetector({
    id: 'pii.cl_rut',
    category: 'national_ids',
    description: 'Chilean tax and identity number (RUT)',
    source: 'https://www.registrocivil.cl/',
    certain: ['99.999.999-X', '9.999.999-X'],
    likely: ['99999999-X', '9999999-X'],
    words: ['rut', 'run', 'rol unico'],
    accepts: isRut,
    examples: ['37.089.644-5', { text: 'RUT 97052077-5', value: '97052077-5' }],
    nearMisses: ['12.345.678-9', 'build 12345678-5 failed'],
  }),
];
