import { SEPARATOR, foldedCodes } from './fold.ts';

const SENTENCE_END = /[\n.!?:;,)>*"“«„「—。！？：；，、-]/;
/** Characters of a sentence before its verb: "please". */
const COURTESY = 10;
const DENSE_COURTESY = 1;

/** The `letters` that end at `at`: where they begin, and whether any is not what it looks like. */
export function span(text: string, at: number, letters: number): { start: number; isDisguised: boolean } {
  const folded = foldedCodes();
  let isDisguised = false;
  let start = Math.min(at, text.length - 1);
  for (let left = letters; ; start--) {
    const code = text.charCodeAt(start);
    if (folded[code] === SEPARATOR) continue;
    isDisguised ||= isDisguise(code);
    if (--left === 0) return { start, isDisguised };
  }
}

/** @param isDense whether it is in a script in which courtesy takes no room */
export function beginsSentence(text: string, start: number, isDense: boolean): boolean {
  const first = start - (isDense ? DENSE_COURTESY : COURTESY) - 1;
  return first < 0 || SENTENCE_END.test(text.slice(first, start));
}

/** A digit, a sign or a letter of another script that was read as a Latin letter; accents are none. */
function isDisguise(code: number): boolean {
  if (code < 0x41) return true;
  return code === 0x40 || (code >= 0x370 && code < 0x530) || code >= 0xff00;
}
