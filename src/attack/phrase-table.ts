import { SEPARATOR, fold, foldedCodes } from './fold.ts';
import { WORD_CLASSES, type Vocabulary, type WordClass } from './vocabulary.ts';

export interface Phrase {
  /** A place in `WORD_CLASSES`. */
  readonly wordClass: number;
  /** As it is searched for: a separator stands for where a word begins or ends. */
  readonly text: string;
  /** Letters without the separators. */
  readonly letters: number;
  /** In a script in which a letter says more, so that what belongs together stands closer. */
  readonly isDense: boolean;
  /** Written in Latin letters: any other in its place is there to deceive. */
  readonly isLatin: boolean;
  /** Some of its letters share their class with others: they have to be compared. */
  readonly isShared: boolean;
}

const ROW_BITS = 6;
const LATIN = /^[a-z ]+$/;
const OTHER_SCRIPT = /[\u0370-\u052f]/;
const DENSE = /[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/;

/** 0 is what is in no phrase. */
export const SEPARATOR_CLASS = 1;
const FIRST_LATIN_CLASS = 2;
const FIRST_SHARED_CLASS = FIRST_LATIN_CLASS + 26;
const SHARED_CLASSES = (1 << ROW_BITS) - FIRST_SHARED_CLASS;

/**
 * All phrases searched at once: reading and folding a character are one look at a table each. Own to this folder and not
 * `redact`'s table of keywords, because that one searches text as it is written and this one as it is read.
 * @source A. Aho, M. Corasick, "Efficient string matching", CACM 18(6), 1975
 */
export class PhraseTable {
  readonly phrases: readonly Phrase[];
  readonly folded: Uint16Array = foldedCodes();
  /** Of each code unit. */
  readonly classOf: Uint8Array;
  /** `next[(state << 6) | class]`; the states in which phrases end are those from `firstEnd` on. */
  readonly next: Uint16Array;
  readonly firstEnd: number;
  private readonly endings: readonly (readonly number[])[];
  /** The state after a separator, that is at the beginning of a word. */
  readonly start: number;

  constructor(vocabularies: readonly Vocabulary[]) {
    this.phrases = distinct(vocabularies.flatMap(phrasesOf));
    this.classOf = classify(this.phrases, this.folded);
    const trie = new Trie(this.phrases.reduce((sum, { text }) => sum + text.length, 1));
    this.phrases.forEach(({ text }, number) => trie.add(text, number));
    const order = trie.link();
    this.firstEnd = order.findIndex((state) => trie.endings[state]!.length > 0);
    this.endings = order.slice(this.firstEnd).map((state) => trie.endings[state]!);
    this.next = trie.rows(order);
    this.start = this.next[SEPARATOR_CLASS]!;
  }

  /** The numbers of the phrases that end in this state, longest first, some in other letters. */
  endingIn(state: number): readonly number[] {
    return this.endings[state - this.firstEnd]!;
  }

  /** Whether the phrase stands in the text so that it ends at `last`, its last character. */
  standsAt({ text: phrase }: Phrase, text: string, last: number): boolean {
    let at = last;
    for (let i = phrase.length - 1; i >= 0; i--) {
      const wanted = phrase.charCodeAt(i);
      if (this.readAt(text, at) !== wanted) return false;
      at--;
      if (wanted === SEPARATOR && i > 0) while (at >= 0 && this.readAt(text, at) === SEPARATOR) at--;
    }
    return true;
  }

  private readAt(text: string, at: number): number {
    return at < 0 || at >= text.length ? SEPARATOR : this.folded[text.charCodeAt(at)]!;
  }
}

/** "prompt" is a word of most languages: it would be met once for each of them. */
function distinct(phrases: readonly Phrase[]): Phrase[] {
  return [...new Map(phrases.map((phrase) => [`${phrase.wordClass}${phrase.text}`, phrase])).values()];
}

function phrasesOf(vocabulary: Vocabulary): Phrase[] {
  return Object.entries(vocabulary).flatMap(([name, list]) => {
    const wordClass = WORD_CLASSES.indexOf(name as WordClass);
    const written = list.split(/,\s*/);
    const misspelt = MISSPELT.has(name) ? written.filter(isLong).slice(0, MOST_MISSPELT).flatMap(misspellings) : [];
    return [...written, ...misspelt].map((each) => toPhrase(each, wordClass));
  });
}

/** The words that no attack on instructions does without; the first ones of a language are the commonest. */
const MISSPELT: ReadonlySet<string> = new Set(['override', 'prior', 'rules']);
const MOST_MISSPELT = 3;
/** Shorter ones are too often other words. */
const SHORTEST_MISSPELT = 7;

function isLong(written: string): boolean {
  const word = written.replace('*', '');
  return word.length >= SHORTEST_MISSPELT && !word.includes(' ') && !DENSE.test(word);
}

/** With two letters exchanged, or one left out. */
function misspellings(written: string): string[] {
  const places = Array.from({ length: written.replace('*', '').length - 2 }, (_, i) => i + 1);
  return places.flatMap((i) => [
    `${written.slice(0, i)}${written[i + 1]}${written[i]}${written.slice(i + 2)}`,
    `${written.slice(0, i)}${written.slice(i + 1)}`,
  ]);
}

function toPhrase(written: string, wordClass: number): Phrase {
  const isStem = written.endsWith('*');
  const isDense = DENSE.test(written);
  const inner = fold(written.normalize('NFC').replace('*', '').trim());
  const text = isDense ? inner : ` ${inner}${isStem ? '' : ' '}`;
  const letters = inner.replaceAll(' ', '').length;
  const isLatin = LATIN.test(text) && !OTHER_SCRIPT.test(written);
  return { wordClass, text, letters, isDense, isLatin, isShared: !LATIN.test(text) };
}

function classify(phrases: readonly Phrase[], folded: Uint16Array): Uint8Array {
  const classes = new Uint8Array(folded.length);
  for (const { text } of phrases) for (const char of text) classes[char.charCodeAt(0)] = classOfFolded(char);
  return Uint8Array.from(folded, (code) => (code === SEPARATOR ? SEPARATOR_CLASS : classes[code]!));
}

function classOfFolded(char: string): number {
  const code = char.charCodeAt(0);
  if (code === SEPARATOR) return SEPARATOR_CLASS;
  if (char >= 'a' && char <= 'z') return FIRST_LATIN_CLASS + code - 0x61;
  return FIRST_SHARED_CLASS + (code % SHARED_CLASSES);
}

class Trie {
  readonly endings: number[][] = [[]];
  private readonly next: Uint16Array;

  constructor(mostStates: number) {
    this.next = new Uint16Array(mostStates << ROW_BITS);
  }

  add(text: string, number: number): void {
    let state = 0;
    for (const char of text) {
      const slot = (state << ROW_BITS) | classOfFolded(char);
      if (this.next[slot] === 0) this.next[slot] = this.endings.push([]) - 1;
      state = this.next[slot]!;
    }
    this.endings[state]!.push(number);
  }

  /** Completes the rows by the failure transitions. @returns the states, those in which a phrase ends last */
  link(): number[] {
    const { next, endings } = this;
    const fails = new Uint16Array(endings.length);
    const order = [0];
    for (const state of order) {
      const fail = fails[state]!;
      if (state !== 0) endings[state]!.push(...endings[fail]!);
      for (let each = 0; each < 1 << ROW_BITS; each++) {
        const slot = (state << ROW_BITS) | each;
        const target = next[slot]!;
        const other = state === 0 ? 0 : next[(fail << ROW_BITS) | each]!;
        if (target === 0) next[slot] = other;
        else {
          fails[target] = other;
          order.push(target);
        }
      }
    }
    const ends = (state: number) => endings[state]!.length > 0;
    return [...order.filter((state) => !ends(state)), ...order.filter(ends)];
  }

  /** The rows of the states in this order, which are numbered by it. */
  rows(order: readonly number[]): Uint16Array {
    const numbers = new Uint16Array(order.length);
    order.forEach((state, number) => (numbers[state] = number));
    const rows = new Uint16Array(order.length << ROW_BITS);
    order.forEach((state, number) => {
      const row = this.next.subarray(state << ROW_BITS, (state + 1) << ROW_BITS);
      row.forEach((target, each) => (rows[(number << ROW_BITS) | each] = numbers[target]!));
    });
    return rows;
  }
}
