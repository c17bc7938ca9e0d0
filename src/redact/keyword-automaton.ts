import type { Chars } from '../core/units.ts';

/** The state before any text. */
export const ROOT = 0;
/** Characters outside ASCII, and those in no keyword, share class 0: it always leads back to the root. */
const OTHER = 0;

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
  private readonly openDepths: Uint16Array;

  constructor(keywords: readonly string[]) {
    this.classOf = classify(keywords);
    this.classes = Math.max(...this.classOf) + 1;
    const trie = buildTrie(keywords, this.classOf, this.classes);
    const fails = link(trie, this.classes);
    this.next = Int32Array.from(trie.goto, (state) => {
      return trie.outputs[state]!.length > 0 ? ~(state * this.classes) : state * this.classes;
    });
    this.outputs = trie.outputs;
    this.openDepths = Uint16Array.from(openDepths(trie, fails));
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

  /** How many of the last characters could be the beginning of a keyword. */
  openDepth(state: number): Chars {
    return this.openDepths[state / this.classes]!;
  }
}

export interface SearchResult {
  state: number;
  /** One past the keyword's last character; -1 where none was completed. */
  end: number;
}

interface Trie {
  readonly goto: number[];
  readonly outputs: number[][];
  readonly depths: number[];
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

function buildTrie(keywords: readonly string[], classOf: Uint8Array, classes: number): Trie {
  const trie: Trie = { goto: Array.from({ length: classes }, () => -1), outputs: [[]], depths: [0] };
  keywords.forEach((keyword, number) => {
    let state = 0;
    for (let i = 0; i < keyword.length; i++) state = child(trie, state, classOf[keyword.charCodeAt(i)]!, classes);
    trie.outputs[state]!.push(number);
  });
  return trie;
}

function child(trie: Trie, state: number, charClass: number, classes: number): number {
  const slot = state * classes + charClass;
  if (trie.goto[slot] === -1) {
    trie.goto[slot] = trie.outputs.length;
    trie.outputs.push([]);
    trie.depths.push(trie.depths[state]! + 1);
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

/** A leaf cannot grow into a longer keyword: what is still open is what its failure state has open. */
function openDepths(trie: Trie, fails: readonly number[]): number[] {
  const classes = trie.goto.length / trie.outputs.length;
  const hasChild = trie.depths.map((depth, state) => {
    for (let c = 0; c < classes; c++) if (trie.depths[trie.goto[state * classes + c]!] === depth + 1) return true;
    return false;
  });
  const byDepth = trie.depths.map((_, state) => state).sort((a, b) => trie.depths[a]! - trie.depths[b]!);
  const open = Array.from({ length: trie.depths.length }, () => 0);
  for (const state of byDepth) open[state] = hasChild[state] ? trie.depths[state]! : open[fails[state]!]!;
  return open;
}
