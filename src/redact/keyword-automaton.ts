import type { Chars } from '../core/units.ts';
import { ALNUM, LETTERS, startsToken } from './char-set.ts';
import type { Begins } from './detector.ts';

interface AutomatonKeyword {
  readonly text: string;
  readonly begins: Begins;
  /** Its matches change the text: what may become one must not leave. */
  readonly changesText: boolean;
}

/** The state before any text. */
export const ROOT = 0;
/** Characters outside ASCII, and those in no keyword, share class 0: it always leads back to the root. */
const OTHER = 0;
const WIDTHS: readonly Begins[] = ['after', 'word', 'letters', 'anywhere'];

/**
 * Many literals searched at once, one table read a character.
 * @source A. Aho, M. Corasick, "Efficient string matching", CACM 18(6), 1975; the goto and failure functions are merged
 * into one dense table over character classes. States are stored premultiplied by the number of classes, and as their
 * complement where a keyword ends: the loop tests a sign and nothing else.
 */
export class KeywordAutomaton {
  private readonly classOf: Uint8Array;
  private readonly next: Int32Array;
  private readonly classes: number;
  /** Keyword numbers that end in a state, longest first. */
  private readonly outputs: readonly (readonly number[])[];
  private readonly depths: readonly number[];
  private readonly fails: readonly number[];
  /** States from which a keyword can still be completed at whose beginning a match would start: any, and a changing one. */
  private readonly openings: Openings;
  private readonly changingOpenings: Openings;

  constructor(keywords: readonly AutomatonKeyword[]) {
    this.classOf = classify(keywords.map(({ text }) => text));
    this.classes = Math.max(...this.classOf) + 1;
    const trie = buildTrie(keywords, this.classOf, this.classes);
    this.openings = trie.openings;
    this.changingOpenings = trie.changingOpenings;
    this.depths = trie.depths;
    this.fails = link(trie, this.classes);
    this.next = Int32Array.from(trie.goto, (state) => {
      return trie.outputs[state]!.length > 0 ? ~(state * this.classes) : state * this.classes;
    });
    this.outputs = trie.outputs;
  }

  /** Advances over `text[from, to)` to the first character that completes a keyword; the answer is in `found`. */
  search(text: string, from: number, to: number, state: number, found: SearchResult): void {
    const { next, classOf } = this;
    for (let at = from; at < to; at++) {
      const code = text.charCodeAt(at);
      state = next[state + (code < 128 ? classOf[code]! : OTHER)]!;
      if (state < 0) {
        found.state = ~state;
        found.end = at + 1;
        return;
      }
    }
    found.state = state;
    found.end = -1;
  }

  /** The numbers of the keywords that end in this state. */
  endingIn(state: number): readonly number[] {
    return this.outputs[state / this.classes]!;
  }

  /** How many of the last characters of `text`, after which `state` was reached, may be the beginning of a match. */
  openDepth(state: number, text: string): Chars {
    return this.depthIn(this.openings, state, text);
  }

  /** As `openDepth`, for matches that change the text. */
  changingDepth(state: number, text: string): Chars {
    return this.depthIn(this.changingOpenings, state, text);
  }

  private depthIn(openings: Openings, state: number, text: string): Chars {
    for (let open = state / this.classes; open !== ROOT; open = this.fails[open]!) {
      const opening = openings[open]!;
      const depth = this.depths[open]!;
      if (opening === 'anywhere') return depth;
      if (opening === 'word' && startsToken(text, text.length - depth, ALNUM)) return depth;
      if (opening === 'letters' && startsToken(text, text.length - depth, LETTERS)) return depth;
    }
    return 0;
  }
}

export interface SearchResult {
  state: number;
  /** One past the keyword's last character; -1 where none was completed. */
  end: number;
}

/** By state. */
type Openings = (Begins | null)[];

interface Trie {
  readonly goto: number[];
  readonly outputs: number[][];
  readonly depths: number[];
  readonly openings: Openings;
  readonly changingOpenings: Openings;
}

function classify(keywords: readonly string[]): Uint8Array {
  const classOf = new Uint8Array(128);
  let classes = 1;
  for (const keyword of keywords) {
    for (let i = 0; i < keyword.length; i++) {
      const code = keyword.charCodeAt(i);
      if (code < 128 && classOf[code] === 0) classOf[code] = classes++;
    }
  }
  return classOf;
}

function buildTrie(keywords: readonly AutomatonKeyword[], classOf: Uint8Array, classes: number): Trie {
  const goto = Array.from({ length: classes }, () => -1);
  const trie: Trie = { goto, outputs: [[]], depths: [0], openings: [null], changingOpenings: [null] };
  keywords.forEach(({ text, begins, changesText }, number) => {
    let state = 0;
    for (let i = 0; i < text.length; i++) {
      state = child(trie, state, classOf[text.charCodeAt(i)]!, classes);
      if (i === text.length - 1) break;
      trie.openings[state] = widest(trie.openings[state]!, begins);
      if (changesText) trie.changingOpenings[state] = widest(trie.changingOpenings[state]!, begins);
    }
    trie.outputs[state]!.push(number);
  });
  return trie;
}

function widest(a: Begins | null, b: Begins): Begins {
  return a !== null && WIDTHS.indexOf(a) > WIDTHS.indexOf(b) ? a : b;
}

function child(trie: Trie, state: number, charClass: number, classes: number): number {
  const slot = state * classes + charClass;
  if (trie.goto[slot] === -1) {
    trie.goto[slot] = trie.outputs.length;
    trie.outputs.push([]);
    trie.depths.push(trie.depths[state]! + 1);
    trie.openings.push(null);
    trie.changingOpenings.push(null);
    for (let i = 0; i < classes; i++) trie.goto.push(-1);
  }
  return trie.goto[slot]!;
}

/** Breadth first: completes the table with the failure transitions. Returns each state's failure state. */
function link(trie: Trie, classes: number): number[] {
  const fails = Array.from({ length: trie.outputs.length }, () => 0);
  const order = [0];
  for (let i = 0; i < order.length; i++) {
    const state = order[i]!;
    const fail = fails[state]!;
    if (state !== 0) trie.outputs[state]!.push(...trie.outputs[fail]!);
    for (let c = 0; c < classes; c++) {
      const slot = state * classes + c;
      const fallback = state === 0 ? 0 : trie.goto[fail * classes + c]!;
      const target = trie.goto[slot]!;
      if (target === -1) trie.goto[slot] = fallback;
      else {
        fails[target] = fallback;
        order.push(target);
      }
    }
  }
  return fails;
}
