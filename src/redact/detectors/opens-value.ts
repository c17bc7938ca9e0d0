import type { Chars } from '../../core/units.ts';
import { CharSet, EDGE_CODE, isDigit } from '../char-set.ts';

/** Behind these a value starts. */
const OPENERS = new CharSet('"\'`=:>');
const SPACES = new CharSet(' \t\r\n');
/** Behind these a value starts after spaces and on the next line, too. */
const INDENT_OPENERS = new CharSet('=:>`');
const LONGEST_INDENT: Chars = 32;

/**
 * Where a value stands whose first characters may be any: behind what assigns or introduces it. A stream
 * would have to wait at every short word for what may become one; it waits here, and elsewhere the finding begins behind them.
 */
export function opensValue(text: string, at: number): boolean {
  // A reply begins with a word.
  if (at === 0) return isDigit(text.charCodeAt(0));
  const before = text.charCodeAt(at - 1);
  if (OPENERS.has(before) || before === EDGE_CODE) return true;
  const from = spacesStart(text, at);
  return from < at && from > 0 && INDENT_OPENERS.has(text.charCodeAt(from - 1));
}

function spacesStart(text: string, at: number): number {
  let from = at;
  while (at - from <= LONGEST_INDENT && SPACES.has(text.charCodeAt(from - 1))) from--;
  return from;
}
