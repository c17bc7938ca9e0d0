import type { Detector } from '../../detector.ts';
import { allSame, hasLuhn, hasMod11And10, hasVerhoeff, isDay, numberOf, weighted } from '../check-digits.ts';
import type { Values } from '../check-digits.ts';
import { numberDetector } from '../number-form.ts';

const BELGIAN_MODULUS = 97;
/** Added to the month of people who are registered but do not live there. */
const BELGIAN_SHIFTS = [0, 20, 40];
const BSN_WEIGHTS = [9, 8, 7, 6, 5, 4, 3, 2, -1];
const PENSION_WEIGHTS = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
const HEALTH_WEIGHTS = [1, 2, 1, 2, 1, 2, 1, 2, 1, 2];
const DOCUMENT_WEIGHTS = [7, 3, 1];
const DOCTOR_WEIGHTS = [4, 9, 4, 9, 4, 9];
const AUSTRIAN_WEIGHTS = [3, 7, 9, 0, 5, 8, 4, 2, 1, 6];
const SWISS_COUNTRY = 756;

/** Birth date, order, and 97 less the remainder of both; people born since 2000 have a 2 in front of them. */
function isBelgian(values: Values): boolean {
  const month = numberOf(values, 2, 4);
  if (!BELGIAN_SHIFTS.some((shift) => isDay(month - shift, numberOf(values, 4, 6)))) return false;
  const key = BELGIAN_MODULUS - numberOf(values, 9, 11);
  const number = numberOf(values, 0, 9);
  return number % BELGIAN_MODULUS === key || (2_000_000_000 + number) % BELGIAN_MODULUS === key;
}

function isBsn(values: Values): boolean {
  return !allSame(values, 0, 9) && weighted(values, BSN_WEIGHTS) % 11 === 0;
}

/** No digit of the first ten stands there more than three times. */
function isGermanTaxId(values: Values): boolean {
  if (values[0] === 0) return false;
  for (let digit = 0; digit <= 9; digit++) {
    let count = 0;
    for (let i = 0; i < 10; i++) if (values[i] === digit) count++;
    if (count > 3) return false;
  }
  return hasMod11And10(values, 11);
}

/** A product of two digits counts as their sum. */
function digitSum(value: number, weight: number): number {
  const product = value * weight;
  return Math.floor(product / 10) + (product % 10);
}

/** The letters of a number count as two digits, A as 01; the last digit is the check digit. */
function hasGermanCheck(values: Values, length: number, weights: readonly number[]): boolean {
  let sum = 0;
  let place = 0;
  for (let i = 0; i < length - 1; i++) {
    const value = values[i]!;
    if (value < 10) sum += digitSum(value, weights[place++]!);
    else {
      sum += digitSum(Math.floor((value - 9) / 10), weights[place++]!);
      sum += digitSum((value - 9) % 10, weights[place++]!);
    }
  }
  return sum % 10 === values[length - 1];
}

/** Area, birth date, initial, order. */
function isPensionNumber(values: Values, length: number): boolean {
  return isDay(numberOf(values, 4, 6), numberOf(values, 2, 4)) && hasGermanCheck(values, length, PENSION_WEIGHTS);
}

/** Serial numbers have no vowels and no letters that look like digits. */
function isGermanDocument(values: Values, length: number): boolean {
  let sum = 0;
  for (let i = 0; i < length - 1; i++) {
    const value = values[i]!;
    if (value > 9 && !'CFGHJKLMNPRTVWXYZ'.includes(value.toString(36).toUpperCase())) return false;
    sum += value * DOCUMENT_WEIGHTS[i % 3]!;
  }
  return sum % 10 === values[length - 1];
}

function isDoctor(values: Values): boolean {
  return (10 - (weighted(values, DOCTOR_WEIGHTS) % 10)) % 10 === values[6] && values[7]! + values[8]! > 0;
}

/** Order, check digit, birth date; months from 13 are for those whose day is taken. */
function isAustrian(values: Values): boolean {
  const month = numberOf(values, 6, 8);
  return (
    values[0] !== 0 &&
    isDay(Math.min(month, 12), numberOf(values, 4, 6)) &&
    month <= 15 &&
    weighted(values, AUSTRIAN_WEIGHTS) % 11 === values[3]
  );
}

function isSwiss(values: Values): boolean {
  let sum = 0;
  for (let i = 0; i < 13; i++) sum += values[i]! * (i % 2 === 0 ? 1 : 3);
  return numberOf(values, 0, 3) === SWISS_COUNTRY && sum % 10 === 0;
}

/** Birth date, order, and two check digits: by Luhn, and by Verhoeff of all but the first. */
function isLuxembourgish(values: Values): boolean {
  const year = numberOf(values, 0, 4);
  if (year < 1880 || year > 2100 || !isDay(numberOf(values, 4, 6), numberOf(values, 6, 8))) return false;
  if (!hasLuhn(values, 0, 12)) return false;
  const others = values.slice(0, 12);
  others[11] = values[12]!;
  return hasVerhoeff(others, 12);
}

export const WESTERN_EUROPE: readonly Detector[] = [
  numberDetector({
    id: 'pii.be_national_number',
    category: 'national_ids',
    description: 'Belgian national register number',
    source: 'https://www.ibz.rrn.fgov.be/fr/registre-national/',
    certain: [
      '99.99.99-999.99',
      '99999999999',
      '999999-999-99',
      '99-99-99-999-99',
      '99.99.99.999.99',
      '99 99 99 999 99',
      '999999 999 99',
      '99.99.99 999.99',
      '99.99.99 999 99',
    ],
    words: ['rijksregister', 'registre national', 'niss', 'insz'],
    accepts: isBelgian,
    examples: ['61.06.10-036.46', '21491128306', '572225-805-19'],
    nearMisses: ['85.07.30-033.29', '85.17.30-033.28'],
  }),
  numberDetector({
    id: 'pii.nl_bsn',
    category: 'national_ids',
    description: 'Dutch citizen service number (BSN)',
    source: 'https://www.rvig.nl/bsn',
    likely: ['9999.99.999', '9999 99 999', '9999-99-999'],
    named: ['999999999', '999.999.999', '999 999 999', '999-999-999'],
    words: ['bsn', 'burgerservicenummer', 'citizen service', 'sofi', 'sofinummer', 'persoonsnummer'],
    accepts: isBsn,
    examples: [
      { text: 'BSN: 401675683', value: '401675683' },
      { text: 'burgerservicenummer 1661.98.213', value: '1661.98.213' },
    ],
    nearMisses: ['BSN 123456789', 'order 111222333'],
  }),
  numberDetector({
    id: 'pii.de_tax_id',
    category: 'national_ids',
    description: 'German tax identification number',
    source:
      'https://www.bzst.de/DE/Privatpersonen/SteuerlicheIdentifikationsnummer/steuerlicheidentifikationsnummer_node.html',
    likely: ['99999999999', '99 999 999 999', '99/999/999/999'],
    words: [
      'steuer id',
      'steueridentifikationsnummer',
      'steuerliche identifikationsnummer',
      'steuernummer',
      'idnr',
      'tin',
      'tax id',
    ],
    accepts: isGermanTaxId,
    examples: [
      { text: 'Steuer-ID: 96263585104', value: '96263585104' },
      { text: 'IdNr. 13 389 760 717', value: '13 389 760 717' },
    ],
    nearMisses: ['Steuer-ID 12345678901', 'row 47036892816 of the table'],
  }),
  numberDetector({
    id: 'pii.de_tax_number',
    category: 'national_ids',
    description: 'German tax number',
    source: 'https://www.elster.de/eportal/helpGlobal?themaGlobal=wo_ist_meine_steuernummer_eop',
    likely: ['99/999/99999', '999/999/99999', '99/9999/9999', '999/9999/9999', '999 9999 9999', '99/999/9999'],
    named: ['9999999999999'],
    words: ['steuernummer', 'steuer nr', 'st nr', 'st.-nr', 'stnr', 'finanzamt'],
    accepts: () => true,
    examples: [{ text: 'Steuernummer 181/815/08155', value: '181/815/08155' }],
    nearMisses: ['date 12/2024/1234, or so', 'see 181/815/08155 there'],
  }),
  numberDetector({
    id: 'pii.de_social_security',
    category: 'national_ids',
    description: 'German pension insurance number',
    source: 'https://www.gesetze-im-internet.de/vkvv/__2.html',
    certain: ['99999999A999', '99 999999 A 999', '99 999999 A 99 9'],
    words: ['rentenversicherung', 'sozialversicherung', 'rvnr', 'svnr'],
    accepts: isPensionNumber,
    examples: ['20200217O563', '96 240825 P 153'],
    nearMisses: ['65170839J004', '65170839J009'],
  }),
  numberDetector({
    id: 'pii.de_health_insurance',
    category: 'national_ids',
    description: 'German health insurance number',
    source: 'https://www.gesetze-im-internet.de/sgb_5/__290.html',
    likely: ['A999999999'],
    words: [
      'krankenkasse',
      'krankenversicherung',
      'krankenversichertennummer',
      'versichertennummer',
      'versicherten',
      'kvnr',
      'egk',
    ],
    accepts: (values, length) => hasGermanCheck(values, length, HEALTH_WEIGHTS),
    examples: [{ text: 'KVNR: R389388933', value: 'R389388933' }],
    nearMisses: ['KVNR A123456789', 'part A123456780 is sold out'],
  }),
  numberDetector({
    id: 'pii.de_document',
    category: 'national_ids',
    description: 'Number of a German passport or identity card',
    source: 'https://www.bmi.bund.de/DE/themen/moderne-verwaltung/ausweise-und-paesse/ausweise-und-paesse-node.html',
    likely: ['AXXXXXXX9', 'AXXXXXXXX9'],
    words: ['reisepass', 'pass nr', 'passnummer', 'passport', 'personalausweis', 'ausweis', 'ausweisnummer'],
    accepts: isGermanDocument,
    examples: [{ text: 'Reisepass H081N11M7', value: 'H081N11M7' }],
    nearMisses: ['Reisepass C01234567', 'part C01234565 is sold out'],
  }),
  numberDetector({
    id: 'pii.de_doctor_number',
    category: 'national_ids',
    description: 'German lifelong doctor number (LANR)',
    source: 'https://www.kbv.de/html/arztnummern.php',
    named: ['999999999'],
    words: ['lanr', 'arztnummer', 'arzt nr'],
    accepts: isDoctor,
    examples: [{ text: 'LANR 775016123', value: '775016123' }],
    nearMisses: ['LANR 123456901', 'order 123456601'],
  }),
  numberDetector({
    id: 'pii.at_social_security',
    category: 'national_ids',
    description: 'Austrian social security number',
    source: 'https://www.sozialversicherung.at/cdscontent/?contentid=10007.820902',
    likely: ['9999 999999', '9999999999', '9999-999999', '9999/999999'],
    words: ['svnr', 'sozialversicherung', 'sozialversicherungsnummer', 'sv nummer', 'versicherungsnummer', 'e card'],
    accepts: isAustrian,
    examples: [{ text: 'SVNR 7289 201285', value: '7289 201285' }],
    nearMisses: ['SVNR 1234 010180', 'call 1237 010180 now'],
  }),
  numberDetector({
    id: 'pii.ch_ahv',
    category: 'national_ids',
    description: 'Swiss social insurance number (AHV)',
    source: 'https://www.zas.admin.ch/zas/en/home/partenaires-et-institutions-/navs13.html',
    certain: ['999.9999.9999.99', '999 9999 9999 99', '9999999999999'],
    words: ['ahv', 'avs'],
    accepts: isSwiss,
    examples: ['756.4204.9206.16', '7561819685480'],
    nearMisses: ['756.1234.5678.91', '757.1234.5678.97'],
  }),
  numberDetector({
    id: 'pii.lu_national_number',
    category: 'national_ids',
    description: 'Luxembourgish national identification number',
    source: 'https://guichet.public.lu/en/citoyens/citoyennete/certificat-identification/matricule.html',
    certain: ['9999999999999', '9999 99 99 99999', '99999999 99999'],
    words: ['matricule'],
    accepts: isLuxembourgish,
    examples: ['1972112321074'],
    nearMisses: ['1983081234567', '1700000000000'],
  }),
];
