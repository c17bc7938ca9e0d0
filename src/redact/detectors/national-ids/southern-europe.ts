import type { Detector } from '../../detector.ts';
import { charOf, numberOf, weighted } from '../check-digits.ts';
import type { Values } from '../check-digits.ts';
import { numberDetector } from '../number-form.ts';

const SPANISH_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';
const LETTER_X = 33;
const ITALIAN_MONTHS = 'ABCDEHLMPRST';
/** Where a tax code has digits, and the letters that stand for them where two people would have the same. */
const ITALIAN_DIGITS = [6, 7, 9, 10, 12, 13, 14];
/** The first day of the month, for women. */
const FIRST_WOMAN = 41;
const OMOCODIA = 'LMNPQRSTUV';
/** What characters at odd places count, digits and letters alike. */
const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
const FIRST_LETTER = 10;
const PORTUGUESE_WEIGHTS = [9, 8, 7, 6, 5, 4, 3, 2, 1];
const PORTUGUESE_FIRST = new Set([1, 2, 3, 5, 6, 8, 9]);

function isNif(values: Values, length: number): boolean {
  const number = numberOf(values, 0, length - 1);
  return number > 0 && SPANISH_LETTERS[number % 23] === charOf(values[length - 1]!);
}

/** X, Y and Z count 0, 1 and 2. */
function isNie(values: Values): boolean {
  const first = values[0]! - LETTER_X;
  if (first < 0 || first > 2) return false;
  return SPANISH_LETTERS[(first * 10_000_000 + numberOf(values, 1, 8)) % 23] === charOf(values[8]!);
}

/** Name, birth year, month and day (40 more for women), commune, check letter. */
function isFiscalCode(values: Values): boolean {
  if (!ITALIAN_MONTHS.includes(charOf(values[8]!))) return false;
  if (ITALIAN_DIGITS.some((place) => values[place]! > 9)) return hasItalianDigits(values) && hasItalianCheck(values);
  const day = numberOf(values, 9, 11);
  return (day >= 1 && day <= 31) || (day >= FIRST_WOMAN && day <= FIRST_WOMAN + 30);
}

function hasItalianDigits(values: Values): boolean {
  return ITALIAN_DIGITS.every((place) => values[place]! < 10 || OMOCODIA.includes(charOf(values[place]!)));
}

function hasItalianCheck(values: Values): boolean {
  let sum = 0;
  for (let i = 0; i < 15; i++) {
    const value = values[i]! < FIRST_LETTER ? values[i]! : values[i]! - FIRST_LETTER;
    sum += i % 2 === 0 ? ODD[value]! : value;
  }
  return sum % 26 === values[15]! - FIRST_LETTER;
}

function isPortuguese(values: Values): boolean {
  return PORTUGUESE_FIRST.has(values[0]!) && weighted(withCheck(values), PORTUGUESE_WEIGHTS) % 11 === 0;
}

/** A check digit of 0 also stands for 10. */
function withCheck(values: Values): Values {
  if (values[8] !== 0) return values;
  const rest = (11 - (weighted(values, PORTUGUESE_WEIGHTS.slice(0, 8)) % 11)) % 11;
  const all = values.slice(0, 9);
  all[8] = rest === 10 ? 10 : 0;
  return all;
}

export const SOUTHERN_EUROPE: readonly Detector[] = [
  numberDetector({
    id: 'pii.es_nif',
    category: 'national_ids',
    description: 'Spanish tax and identity number (NIF, DNI)',
    source:
      'https://www.interior.gob.es/opencms/es/servicios-al-ciudadano/tramites-y-gestiones/dni/calculo-del-digito-de-control-del-nif-nie/',
    certain: ['99999999A', '99999999-A', '99.999.999-A', '99.999.999A', '99.999.999 A', '99.999.999/A'],
    likely: ['9999999A', '9999999-A', '99999999 A', '99999999/A'],
    words: ['nif', 'dni', 'documento nacional', 'identidad', 'tax id'],
    accepts: isNif,
    examples: ['37095289S', '47158488-R', '13.706.038-Q', { text: 'DNI 7210334H', value: '7210334H' }],
    nearMisses: ['12345678A', '123456789', '1234567A', '55555555KB'],
  }),
  numberDetector({
    id: 'pii.es_nie',
    category: 'national_ids',
    description: 'Spanish foreigner identity number (NIE)',
    source:
      'https://www.interior.gob.es/opencms/es/servicios-al-ciudadano/tramites-y-gestiones/dni/calculo-del-digito-de-control-del-nif-nie/',
    certain: ['A9999999A', 'A9999999-A', 'A-9999999-A'],
    likely: ['A 9999999 A', 'A-9999999A', 'A.9999999.A'],
    words: ['nie', 'extranjero', 'foreigner', 'identidad'],
    accepts: isNie,
    examples: [
      'Y0488971M',
      'X4484021-X',
      { text: 'NIE X 4484021 X', value: 'X 4484021 X' },
      { text: 'nie: y0488971m', value: 'y0488971m' },
    ],
    nearMisses: ['X1234567A', 'W8063915Q', 'X12345678A'],
  }),
  numberDetector({
    id: 'pii.es_passport',
    category: 'national_ids',
    description: 'Number of a Spanish passport',
    source: 'https://www.interior.gob.es/opencms/es/servicios-al-ciudadano/tramites-y-gestiones/pasaporte/',
    likely: ['AAA999999'],
    words: ['pasaporte', 'passport'],
    accepts: () => true,
    examples: [{ text: 'Pasaporte: PAB482913', value: 'PAB482913' }],
    nearMisses: ['ticket ABC123456 is closed', 'pasaporte AB123456'],
  }),
  numberDetector({
    id: 'pii.it_fiscal_code',
    category: 'national_ids',
    description: 'Italian tax code',
    source:
      'https://www.agenziaentrate.gov.it/portale/web/guest/schede/istanze/richiesta-ts_cf/informazioni-codificazione-pf',
    certain: ['AAAAAAXXAXXAXXXA', 'AAA AAA XXAXX AXXXA', 'AAA-AAA-XXAXX-AXXXA'],
    words: ['codice fiscale', 'fiscal code', 'cf', 'c.f.'],
    accepts: isFiscalCode,
    examples: [
      'BNCLRA84E52F205Q',
      { text: 'CF BNC LRA 84E52 F205Q', value: 'BNC LRA 84E52 F205Q' },
      { text: 'cf: RSSMRC90A01H501T.', value: 'RSSMRC90A01H501T' },
      { text: 'codice fiscale: bnclra84e52f205q', value: 'bnclra84e52f205q' },
      { text: 'il mio codice fiscale è bnclra84e52f205q', value: 'bnclra84e52f205q' },
    ],
    nearMisses: ['BNCLRA84F52F205Q', 'BNCLRA84E99F205Q', 'BNCLRA84E52F205QX'],
  }),
  numberDetector({
    id: 'pii.it_document',
    category: 'national_ids',
    description: 'Number of an Italian identity card or passport',
    source: 'https://www.cartaidentita.interno.gov.it/en/cie/electronic-identity-card/',
    likely: ['AA9999999', 'AA99999AA', '9999999AA'],
    words: [
      'carta identita',
      'carta d’identità',
      "carta d'identità",
      'identity card',
      'cie',
      'passaporto',
      'passport',
      'documento',
    ],
    accepts: () => true,
    examples: [
      { text: 'passaporto YA4839201', value: 'YA4839201' },
      { text: "Carta d'identità: CA12345AB", value: 'CA12345AB' },
    ],
    nearMisses: ['part AA1234567 is sold out', 'passaporto YA48392'],
  }),
  numberDetector({
    id: 'pii.pt_nif',
    category: 'national_ids',
    description: 'Portuguese tax number (NIF)',
    source: 'https://www.portaldasfinancas.gov.pt/',
    named: ['999999999', '999 999 999'],
    words: ['nif', 'contribuinte', 'número fiscal', 'numero fiscal', 'identificação fiscal', 'nº fiscal'],
    accepts: isPortuguese,
    examples: [
      { text: 'contribuinte n.º 337566143', value: '337566143' },
      { text: 'NIF 292 533 934', value: '292 533 934' },
    ],
    nearMisses: ['NIF 123456788', 'order 123456789'],
  }),
];
