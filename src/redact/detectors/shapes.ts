import { DIGITS, HEX_DIGITS, LOWER, sample, UPPER } from './sample.ts';

/** What the shapes of vendors' values share. */
export const UUID = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}';
export const BASE64URL = DIGITS + UPPER + LOWER + '_-';
export const BASE36 = DIGITS + LOWER;

export function sampleUuid(): string {
  return [8, 4, 4, 4, 12].map((length) => sample(HEX_DIGITS, length)).join('-');
}

/** Letters and digits: words, names of constants and numbers are not. */
export function isMixed(value: string): boolean {
  return /[A-Za-z]/.test(value) && /[0-9]/.test(value);
}

/** Letters of both cases and digits, as random text over all of them has. */
export function isScrambled(value: string): boolean {
  return isMixed(value) && /[a-z]/.test(value) && /[A-Z]/.test(value);
}
