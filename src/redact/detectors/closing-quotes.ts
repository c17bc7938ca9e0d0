const ASCII_END = 0x80;
const PAIRS = ['«»', '「」', '『』', '【】', '《》', '〈〉', '‹›'];
const CLOSING_OF = new Map(PAIRS.map((pair) => [pair.charCodeAt(0), pair.charCodeAt(1)]));

/** The code of what closes a quote or bracket outside ASCII; 0 where `opening` is none. */
export function closingOf(opening: number): number {
  return opening < ASCII_END ? 0 : (CLOSING_OF.get(opening) ?? 0);
}
