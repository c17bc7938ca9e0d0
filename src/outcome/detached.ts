import type { Chars } from '../core/units.ts';

/** V8 copies shorter slices; a longer one keeps the text it was cut from alive, padding and all. */
const SHORTEST_VIEW: Chars = 13;
const LONG_SOURCE: Chars = 4096;

/** The same text, which keeps nothing long alive. @param from what it was cut from; empty: it was not */
export function detached(piece: string, from: string): string {
  if (piece.length < SHORTEST_VIEW || from.length < LONG_SOURCE) return piece;
  return Buffer.from(piece, 'utf8').toString('utf8');
}
