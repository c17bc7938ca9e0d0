import type { Chars } from '../core/units.ts';

/** Characters that a piece of a long text has in common with the one before: no name is longer. */
export const OVERLAP: Chars = 256;

/** `texts[index]` from `offset` on. */
export interface Piece {
  readonly text: string;
  readonly index: number;
  readonly offset: Chars;
}

/** The texts, those that are too long for one call in pieces that overlap. @param longest more than twice the overlap */
export function piecesOf(texts: readonly string[], longest: Chars): Piece[] {
  return texts.flatMap((text, index) => {
    return text.length <= longest ? [{ text, index, offset: 0 }] : cut(text, index, longest);
  });
}

function cut(text: string, index: number, longest: Chars): Piece[] {
  const pieces: Piece[] = [];
  for (let offset = 0; ;) {
    const end = wholeCharacter(text, offset + longest);
    pieces.push({ text: text.slice(offset, end), index, offset });
    if (end === text.length) return pieces;
    offset = wholeCharacter(text, end - OVERLAP);
  }
}

/** Never between the two halves of a character. */
function wholeCharacter(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
