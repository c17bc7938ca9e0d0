import { numberOf, remainder } from '../check-digits.ts';
import type { Values } from '../check-digits.ts';
import type { Detector } from '../../detector.ts';
import { numberDetector } from '../number-form.ts';

const KEY_MODULUS = 97;
/** Corsica: the letter counts as the department's number of before 1976, less one. */
const CORSICA = new Map([
  [10, 19],
  [11, 18],
]);

/** Sex, year, month, department, commune, order, key. */
function isNir(values: Values): boolean {
  if (values[0] === 0 || values[0] === 5 || values[0] === 6 || values[0] === 9) return false;
  const month = numberOf(values, 3, 5);
  if (month === 0 || (month > 13 && month < 20) || (month > 42 && month < 50)) return false;
  const letter = values[6]!;
  const department = letter > 9 ? (values[5] === 2 ? CORSICA.get(letter) : undefined) : numberOf(values, 5, 7);
  if (department === undefined || department === 0) return false;
  const rest = (remainder(values, 0, 5, KEY_MODULUS) * 100 + department) % KEY_MODULUS;
  const whole = (rest * 1_000_000 + numberOf(values, 7, 13)) % KEY_MODULUS;
  return KEY_MODULUS - whole === numberOf(values, 13, 15);
}

export const FRANCE: readonly Detector[] = [
  numberDetector({
    id: 'pii.fr_nir',
    category: 'national_ids',
    description: 'French social security number (NIR)',
    source: 'https://www.insee.fr/fr/metadonnees/definition/c1409',
    certain: [
      '999999999999999',
      '9 99 99 99 999 999 99',
      '9-99-99-99-999-999-99',
      '9.99.99.99.999.999.99',
      '9 99 99 99 999 999/99',
      '9999999999999/99',
      '9999999999999 99',
      '999999A99999999',
      '9 99 99 9A 999 999 99',
      '9-99-99-9A-999-999-99',
      '999999A999999 99',
    ],
    words: [],
    accepts: isNir,
    examples: [
      '206127511100564',
      '2 06 12 75 111 005 64',
      { text: 'NIR : 2 06 12 75 111 005 64.', value: '2 06 12 75 111 005 64' },
      '2061275111005 64',
    ],
    nearMisses: ['206127511100565', '2061475111005 64', '5061275111005 64', '206127511100564001'],
  }),
];
