/** The characters of a number, separators left out: 0 to 9, and 10 to 35 for the letters A to Z. */
export type Values = Uint8Array;

const LETTER_A = 0x41;
const CASE_BIT = 0x20;

/** What a digit or letter counts. */
export function valueOf(code: number): number {
  return code < LETTER_A ? code - 0x30 : (code & ~CASE_BIT) - LETTER_A + 10;
}

export function charOf(value: number): string {
  return value.toString(36).toUpperCase();
}

/** The number that the digits `values[from, to)` write. */
export function numberOf(values: Values, from: number, to: number): number {
  let number = 0;
  for (let i = from; i < to; i++) number = number * 10 + values[i]!;
  return number;
}

/** The remainder by `modulus` of the number that the digits `values[from, to)` write, however long. */
export function remainder(values: Values, from: number, to: number, modulus: number): number {
  let rest = 0;
  for (let i = from; i < to; i++) rest = (rest * 10 + values[i]!) % modulus;
  return rest;
}

/** The sum of the first values, each times its weight. */
export function weighted(values: Values, weights: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += values[i]! * weights[i]!;
  return sum;
}

/** The sum in which every second digit from the end counts double. @source ISO/IEC 7812-1, annex B */
function luhn(values: Values, from: number, to: number): number {
  let sum = 0;
  for (let i = to - 1, double = false; i >= from; i--, double = !double) {
    const value = double ? values[i]! * 2 : values[i]!;
    sum += value > 9 ? value - 9 : value;
  }
  return sum;
}

export function hasLuhn(values: Values, from: number, to: number): boolean {
  return luhn(values, from, to) % 10 === 0;
}

/** The hybrid system MOD 11,10 over `values[0, length)`, the last of which is the check digit. @source ISO/IEC 7064 */
export function hasMod11And10(values: Values, length: number): boolean {
  let product = 10;
  for (let i = 0; i < length - 1; i++) {
    const sum = (product + values[i]!) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return (product + values[length - 1]!) % 10 === 1;
}

/** Products of the dihedral group of order ten, and the permutation of each place. */
const PRODUCTS = '0123456789123406789523401789563401289567401239567859876043216598710432765982104387659321049876543210';
const PERMUTATION = '1576283094';

/** @source J. Verhoeff, "Error Detecting Decimal Codes", Mathematical Centre Tract 29, 1969 */
export function hasVerhoeff(values: Values, length: number): boolean {
  let check = 0;
  for (let place = 0; place < length; place++) {
    let value = values[length - 1 - place]!;
    for (let i = 0; i < place % 8; i++) value = Number(PERMUTATION[value]);
    check = Number(PRODUCTS[check * 10 + value]);
  }
  return check === 0;
}

export function allSame(values: Values, from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++) if (values[i] !== values[from]) return false;
  return true;
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The century is often left out: the 29th of February is a day of any year. */
export function isDay(month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= DAYS[month - 1]!;
}
