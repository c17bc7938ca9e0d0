import { endianness } from 'node:os';
import type { Chars } from '../core/units.ts';

export interface Keyword {
  readonly text: string;
  /** Found however its letters are written. */
  readonly anyCase: boolean;
}

/** The state before any text. */
export const ROOT = 0;
const CASE_BIT = 0x20;
const ASCII_END = 0x80;
const SHORT: Chars = 2;
const CODE_UNITS = 0x1_0000;
/** Have the first classes: what is read for most characters of a text lies close together. */
const COMMON_CHARS = ' etaoinsrhldcum';
/** The characters that are searched at a time: reading an array is cheaper than reading a string. */
const UNITS = new Uint16Array(32 * 1024);
const UNIT_BYTES = Buffer.from(UNITS.buffer);
const IS_BIG_ENDIAN = endianness() === 'BE';

/** Says of keywords that were found whether they count. */
export interface KeywordJudge {
  /** @param state in which keywords end, see `endingIn` */
  counts(state: number, text: string, end: number): boolean;
}

/** `text[from, from + length)`, which is in `UNITS`. */
interface Block {
  readonly text: string;
  readonly from: number;
  readonly length: Chars;
  readonly judge: KeywordJudge;
}

export interface SearchResult {
  state: number;
  /** One past the keyword's last character; -1 where none was completed. */
  end: number;
}

/**
 * Many literals searched at once, one table read a character. Capitals share the class of their small letters, which
 * keeps the table small however many spellings a name has; who finds a keyword looks at its letters then (`isAt`).
 * @source A. Aho, M. Corasick, "Efficient string matching", CACM 18(6), 1975; the goto and failure functions are merged
 * into one dense table over character classes. States are stored as the places of their rows, and as their complement where
 * a keyword ends: the loop tests a sign and nothing else. The nearest to the root come first, as they are read most.
 */
export class KeywordTable {
  private readonly keywords: readonly Keyword[];
  private readonly classOf: Uint8Array;
  private readonly next: Int32Array;
  /** A state's place, shifted by as much, is its number. */
  private readonly shift: number;
  /** Keyword numbers that end in a state, longest first. */
  private readonly outputs: readonly (readonly number[])[];
  private readonly depths: Int32Array;
  private readonly fails: Int32Array;
  /** Characters of the longest keyword. */
  private readonly longest: Chars;

  constructor(keywords: readonly Keyword[]) {
    this.keywords = keywords;
    this.classOf = classify(keywords);
    this.shift = Math.ceil(Math.log2(this.classOf.reduce((most, each) => Math.max(most, each)) + 1));
    const trie = new Trie(keywords, this.classOf, this.shift);
    trie.link();
    const { order, newNumbers } = trie;
    this.fails = order.map((state) => newNumbers[trie.fails[state]!]!);
    this.depths = order.map((state) => trie.depths[state]!);
    this.outputs = Array.from(order, (state) => trie.outputs[state]!);
    this.next = trie.transitions();
    this.longest = this.depths.reduce((most, depth) => Math.max(most, depth), 0);
  }

  /** Advances over `text[from, to)` to the first character that completes a keyword; the answer is in `found`. */
  search(text: string, from: number, to: number, state: number, found: SearchResult): void {
    const { next, classOf } = this;
    for (let at = from; at < to; at++) {
      state = next[state + classOf[text.charCodeAt(at)]!]!;
      if (state < 0) {
        found.state = ~state;
        found.end = at + 1;
        return;
      }
    }
    found.state = state;
    found.end = -1;
  }

  /** Infinity where no keyword in the text counts; else a place before which none ends that does. */
  ruledOut(text: string, judge: KeywordJudge): number {
    for (let from = 0; ; from += UNITS.length - this.longest) {
      const length = takeUnits(text, from);
      const end = this.ruledOutIn({ text, from, length, judge });
      if (end < Infinity || from + length === text.length) return end;
    }
  }

  /**
   * Four quarters are searched in turns: a step waits for a table read, seldom in the nearest cache, and four of them
   * wait together.
   */
  private ruledOutIn(block: Block): number {
    const { next, classOf } = this;
    const { text, from, length, judge } = block;
    const second = length >> 2;
    const third = 2 * second;
    const last = 3 * second;
    let [a, b, c, d] = [ROOT, ROOT, ROOT, ROOT];
    for (let at = 0; at < second; at++) {
      a = next[a + classOf[UNITS[at]!]!]!;
      b = next[b + classOf[UNITS[at + second]!]!]!;
      c = next[c + classOf[UNITS[at + third]!]!]!;
      d = next[d + classOf[UNITS[at + last]!]!]!;
      if ((a | b | c | d) >= 0) continue;
      const end = from + at + 1;
      if (a < 0 && judge.counts((a = ~a), text, end)) return end;
      if (b < 0 && judge.counts((b = ~b), text, end + second)) return end;
      if (c < 0 && judge.counts((c = ~c), text, end + third)) return end;
      if (d < 0 && judge.counts((d = ~d), text, end + last)) return end;
    }
    const isAny =
      this.hasBegun(block, a, second, second) ||
      this.hasBegun(block, b, third, third) ||
      this.hasBegun(block, c, last, last) ||
      this.hasBegun(block, d, last + second, length);
    return isAny ? from + second : Infinity;
  }

  /** Goes on at `at` with keywords that begin before `border`. */
  private hasBegun({ text, from, length, judge }: Block, state: number, at: number, border: number): boolean {
    const { next, classOf } = this;
    for (; at < length && this.depthOf(state) > at - border; at++) {
      state = next[state + classOf[UNITS[at]!]!]!;
      if (state < 0 && judge.counts((state = ~state), text, from + at + 1)) return true;
    }
    return false;
  }

  /** The numbers of the keywords that end in this state, some in other letters. */
  endingIn(state: number): readonly number[] {
    return this.outputs[state >> this.shift]!;
  }

  /** Whether the keyword that was found to end at `end` is written there as it has to be. */
  isAt(number: number, text: string, end: number): boolean {
    const keyword = this.keywords[number]!;
    if (keyword.anyCase) return true;
    const { length } = keyword.text;
    // Tells most of them apart without a call.
    if (text.charCodeAt(end - 1) !== keyword.text.charCodeAt(length - 1)) return false;
    return text.startsWith(keyword.text, end - length);
  }

  /** The state after `prefix`, the beginning of a keyword. */
  stateAfter(prefix: string): number {
    let state = ROOT;
    for (let i = 0; i < prefix.length; i++) {
      const next = this.next[state + this.classOf[prefix.charCodeAt(i)]!]!;
      state = next < 0 ? ~next : next;
    }
    return state;
  }

  /** Characters of the keyword's beginning that stand before this state. */
  depthOf(state: number): Chars {
    return this.depths[state >> this.shift]!;
  }

  /** The state of the longest other beginning of a keyword that ends where this one does. */
  failureOf(state: number): number {
    return this.fails[state >> this.shift]! << this.shift;
  }
}

/** Fills `UNITS` from `text[from]` on. @returns how many there are */
function takeUnits(text: string, from: number): Chars {
  const bytes = UNIT_BYTES.write(from === 0 ? text : text.slice(from), 'utf16le');
  if (IS_BIG_ENDIAN) UNIT_BYTES.swap16();
  return bytes / UNITS.BYTES_PER_ELEMENT;
}

/** Of each code unit; those in no keyword share class 0, which always leads back to the root. */
function classify(keywords: readonly Keyword[]): Uint8Array {
  const classOf = new Uint8Array(CODE_UNITS);
  let classes = 1;
  for (const code of codesOf([COMMON_CHARS, ...keywords.map(({ text }) => text)]))
    if (code < ASCII_END && classOf[code] === 0) classOf[code] = classes++;
  const shared = sharedClasses(keywords, classOf, classes);
  for (const code of codesOf(keywords.map(({ text }) => text)))
    if (code >= ASCII_END) classOf[code] = shared[code % shared.length]!;
  for (let code = 0x41; code <= 0x5a; code++) classOf[code] = classOf[code | CASE_BIT]!;
  return classOf;
}

/**
 * What characters outside ASCII have as classes: a table twice as wide for the few of them would cost every text. Whoever
 * finds a keyword looks at its letters, but not at those of names in any case: classes of their characters are not shared,
 * nor those of keywords that are so short that they would often seem to be found.
 */
function sharedClasses(keywords: readonly Keyword[], classOf: Uint8Array, unused: number): number[] {
  const own = new Set(
    codesOf(keywords.filter(({ text, anyCase }) => anyCase || text.length <= SHORT).map(({ text }) => text)),
  );
  const codes = new Set(codesOf(keywords.map(({ text }) => text)));
  const shared = [...codes].filter((code) => code < ASCII_END && !own.has(code)).map((code) => classOf[code]!);
  return shared.length > 0 ? shared : [unused];
}

function codesOf(texts: readonly string[]): number[] {
  return texts.flatMap((text) => Array.from({ length: text.length }, (_, i) => smallLetter(text.charCodeAt(i))));
}

function smallLetter(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code | CASE_BIT : code;
}

/** States are numbered as they are made; the root is 0, which no transition of the bare trie leads to. */
class Trie {
  readonly outputs: number[][] = [[]];
  readonly depths: Int32Array;
  /** Set by `link`: each state's failure state, the states nearest to the root first, and where each stands among them. */
  fails = new Int32Array(0);
  order = new Int32Array(0);
  newNumbers = new Int32Array(0);
  private readonly shift: number;
  private readonly goto: Int32Array;

  constructor(keywords: readonly Keyword[], classOf: Uint8Array, shift: number) {
    const most = keywords.reduce((sum, { text }) => sum + text.length, 1);
    this.shift = shift;
    this.goto = new Int32Array(most << shift);
    this.depths = new Int32Array(most);
    keywords.forEach(({ text }, number) => {
      let state = ROOT;
      for (let i = 0; i < text.length; i++) state = this.child(state, classOf[smallLetter(text.charCodeAt(i))]!);
      this.outputs[state]!.push(number);
    });
  }

  private child(state: number, charClass: number): number {
    const slot = (state << this.shift) + charClass;
    if (this.goto[slot] === 0) {
      const made = this.outputs.length;
      this.goto[slot] = made;
      this.depths[made] = this.depths[state]! + 1;
      this.outputs.push([]);
    }
    return this.goto[slot]!;
  }

  /** Breadth first: completes the table with the failure transitions. */
  link(): void {
    const { goto, shift, outputs } = this;
    const size = outputs.length;
    const fails = (this.fails = new Int32Array(size));
    const order = (this.order = new Int32Array(size));
    const newNumbers = (this.newNumbers = new Int32Array(size));
    for (let i = 0, made = 1; i < size; i++) {
      const state = order[i]!;
      newNumbers[state] = i;
      const fail = fails[state]!;
      if (state !== ROOT) outputs[state]!.push(...outputs[fail]!);
      for (let slot = state << shift, back = fail << shift; slot < (state + 1) << shift; slot++, back++) {
        const target = goto[slot]!;
        const fallback = state === ROOT ? ROOT : goto[back]!;
        if (target === 0) goto[slot] = fallback;
        else {
          fails[target] = fallback;
          order[made++] = target;
        }
      }
    }
  }

  /** The rows of the states, in order. */
  transitions(): Int32Array {
    const { goto, shift, outputs, order, newNumbers } = this;
    const next = new Int32Array(order.length << shift);
    for (let i = 0, slot = 0; i < order.length; i++) {
      for (let from = order[i]! << shift; from < (order[i]! + 1) << shift; from++) {
        const target = goto[from]!;
        const place = newNumbers[target]! << shift;
        next[slot++] = outputs[target]!.length > 0 ? ~place : place;
      }
    }
    return next;
  }
}
