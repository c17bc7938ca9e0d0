import type { Chars } from '../../core/units.ts';

export const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
export const LOWER = UPPER.toLowerCase();
export const DIGITS = '0123456789';
export const HEX_DIGITS = '0123456789abcdef';
export const BASE62 = DIGITS + UPPER + LOWER;

/**
 * Made-up key material for the examples: deterministic and random-looking, and assembled when it runs, so that the
 * source itself holds nothing that a secret scanner would report.
 */
export function sample(alphabet: string, length: Chars): string {
  let state = 0x2545f491 ^ length;
  let text = '';
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += alphabet[(state >>> 16) % alphabet.length];
  }
  return text;
}
