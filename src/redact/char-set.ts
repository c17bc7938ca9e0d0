/** A set of ASCII characters, one byte a member: `has` is one array read. */
export class CharSet {
  private readonly members = new Uint8Array(128);

  /** `ranges` as inside a regular expression's brackets without escapes, a dash last: `A-Za-z0-9_-`. */
  constructor(ranges: string) {
    for (let i = 0; i < ranges.length; i++) {
      const isRange = ranges[i + 1] === '-' && i + 2 < ranges.length;
      const last = ranges.charCodeAt(isRange ? i + 2 : i);
      for (let code = ranges.charCodeAt(i); code <= last; code++) this.members[code] = 1;
      if (isRange) i += 2;
    }
  }

  /** Accepts NaN, the code past the end of a text: no member. */
  has(code: number): boolean {
    // A place that no array has, and NaN above all, would make each later read of it slow.
    return code < 128 && this.members[code] === 1;
  }

  /** The end of the run of members that starts at `from`, at most `limit`. */
  runEnd(text: string, from: number, limit: number): number {
    const end = Math.min(limit, text.length);
    let at = from;
    for (; at < end; at++) {
      const code = text.charCodeAt(at);
      if (code > 127 || this.members[code] === 0) return at;
    }
    return at;
  }
}

export const ALNUM = new CharSet('A-Za-z0-9');
export const LETTERS = new CharSet('A-Za-z');
export const WORD = new CharSet('A-Za-z0-9_');
const HEX = new CharSet('A-Fa-f0-9');
const ESCAPE_LETTERS = new CharSet('nrtbf');

/**
 * Stands for the quotes of JSON text inside a text that is judged decoded. No rule accepts it, so that no finding spans
 * two JSON strings. A Unicode noncharacter: never exchanged as text.
 */
export const EDGE = '\uffff';
export const EDGE_CODE = 0xffff;

/** Nothing of the same string stands before `at`. */
export function startsText(text: string, at: number): boolean {
  return at === 0 || text.charCodeAt(at - 1) === EDGE_CODE;
}

/** Nothing of the same string stands behind `end`. @param final the text ends where the string ends */
export function endsText(text: string, end: number, final: boolean): boolean {
  return end === text.length ? final : text.charCodeAt(end) === EDGE_CODE;
}

/** Characters left of a candidate that a rule may look at; streams keep as many. */
export const LEFT_CONTEXT = 128;

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

export function isUpper(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

/** A token may begin at `at`: no member of `word` stands before it, unless as the end of an escape such as `\n` or `%3D`. */
export function startsToken(text: string, at: number, word: CharSet): boolean {
  if (at === 0 || !word.has(text.charCodeAt(at - 1))) return true;
  if (text.charCodeAt(at - 2) === 0x5c && ESCAPE_LETTERS.has(text.charCodeAt(at - 1))) return true;
  return text.charCodeAt(at - 3) === 0x25 && HEX.has(text.charCodeAt(at - 2)) && HEX.has(text.charCodeAt(at - 1));
}

/** Where the longest proper beginning of `keyword` starts that stands at the end of `text`; the text's length where none does. */
export function beginningOf(keyword: string, text: string): number {
  for (let at = Math.max(0, text.length - keyword.length + 1); at < text.length; at++) {
    if (keyword.startsWith(text.slice(at))) return at;
  }
  return text.length;
}
