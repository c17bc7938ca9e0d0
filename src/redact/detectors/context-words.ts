import type { Chars } from '../../core/units.ts';
import { EDGE_CODE, isUpper, LETTERS } from '../char-set.ts';

/** How far from a number the words that tell what it is may stand. */
const WORDS_BEFORE: Chars = 64;
export const WORDS_BEHIND: Chars = 32;

/** Shorter words count only as whole words: `sin` is not meant in `using`. */
const SHORT_WORD: Chars = 5;
const ROOT = 0;
/** Letters with accents begin here, scripts without spaces between words there. */
const ACCENTED = 0xc0;
const UNSPACED = 0x0e00;

/** A word's beginning in a text, and the topics whose words begin there. */
interface Start {
  readonly at: number;
  topics: readonly number[];
  /** The window ended before it was known which words begin here. */
  isOpen: boolean;
}

/** The topics of which a word stands in one window of a text. As most windows overlap with the one before, each word is read once. */
interface Window {
  text: string;
  from: number;
  to: number;
  starts: Start[];
  /** By topic: how many of its words stand in the window. */
  counts: Uint16Array;
}

const NO_TOPICS: readonly number[] = [];

/**
 * The words that say what a number is, of all rules together: the text around a number is searched once for all of them.
 * Case does not count. A word begins where a word of the text does, also within `patientSsn` and `patient_ssn`; a
 * shorter one ends there as well. A space in a word stands for a space, dash, underscore or nothing.
 */
class ContextWords {
  private readonly children: (Map<number, number> | null)[] = [null];
  /** By state: the topics whose word ends there, and those whose word ends there if a word of the text does. */
  private readonly topics: number[][] = [[]];
  private readonly wholeTopics: number[][] = [[]];
  private count = 0;
  /** Before a number and behind it, as last looked at. */
  private readonly windows: readonly [Window, Window] = [emptyWindow(), emptyWindow()];

  /** Returns the number of the topic that the words stand for. */
  add(words: readonly string[]): number {
    const topic = this.count++;
    for (const word of words) {
      const parts = word.split(' ');
      const glues = parts.length > 1 ? ['', ' ', '-', '_'] : [''];
      for (const glue of glues) this.addWord(parts.join(glue), topic);
    }
    return topic;
  }

  isBefore(topic: number, text: string, at: number): boolean {
    return this.look(this.windows[0], text, Math.max(0, at - WORDS_BEFORE), at)[topic]! > 0;
  }

  isBehind(topic: number, text: string, end: number): boolean {
    return this.look(this.windows[1], text, end, Math.min(text.length, end + WORDS_BEHIND))[topic]! > 0;
  }

  private addWord(word: string, topic: number): void {
    let state = ROOT;
    for (let i = 0; i < word.length; i++) state = this.child(state, word.charCodeAt(i));
    const isWhole = word.length <= SHORT_WORD && word.charCodeAt(0) < UNSPACED;
    (isWhole ? this.wholeTopics : this.topics)[state]!.push(topic);
  }

  private child(state: number, code: number): number {
    const children = (this.children[state] ??= new Map());
    let next = children.get(code);
    if (next === undefined) {
      children.set(code, (next = this.children.length));
      this.children.push(null);
      this.topics.push([]);
      this.wholeTopics.push([]);
    }
    return next;
  }

  private look(window: Window, text: string, from: number, to: number): Uint16Array {
    if (window.from === from && window.to === to && window.text === text) return window.counts;
    const isFurther = from >= window.from && from <= window.to && to >= window.to && window.text === text;
    if (isFurther) this.moveOn(window, from, to);
    else this.restart(window);
    for (let at = isFurther ? window.to : from; at < to; at++)
      if (startsWord(text, at))
        window.starts.push(this.read(window, { at, topics: NO_TOPICS, isOpen: true }, text, to));
    window.text = text;
    window.from = from;
    window.to = to;
    return window.counts;
  }

  private restart(window: Window): void {
    window.starts.length = 0;
    if (window.counts.length === this.count) window.counts.fill(0);
    else window.counts = new Uint16Array(this.count);
  }

  private moveOn(window: Window, from: number, to: number): void {
    const { starts, counts } = window;
    let gone = 0;
    for (; gone < starts.length && starts[gone]!.at < from; gone++)
      for (const topic of starts[gone]!.topics) counts[topic]!--;
    if (gone > 0) starts.splice(0, gone);
    for (const start of starts) {
      if (!start.isOpen) continue;
      for (const topic of start.topics) counts[topic]!--;
      this.read(window, start, window.text, to);
    }
  }

  private read({ counts }: Window, start: Start, text: string, to: number): Start {
    const topics: number[] = [];
    start.isOpen = this.follow(text, start.at, to, topics);
    start.topics = topics.length > 0 ? topics : NO_TOPICS;
    for (const topic of topics) counts[topic]!++;
    return start;
  }

  /** Whether more of the text might add to what was found. */
  private follow(text: string, from: number, to: number, found: number[]): boolean {
    let state = ROOT;
    for (let at = from; at < to; at++) {
      const next = this.children[state]?.get(lowerCase(text.charCodeAt(at)));
      if (next === undefined) return false;
      state = next;
      found.push(...this.topics[state]!);
      if (this.wholeTopics[state]!.length > 0 && endsWord(text, at + 1)) found.push(...this.wholeTopics[state]!);
    }
    return true;
  }
}

/** The one table that all bundled rules share. */
export const CONTEXT_WORDS = new ContextWords();

function emptyWindow(): Window {
  return { text: '', from: -1, to: -1, starts: [], counts: new Uint16Array(0) };
}

function isLetter(code: number): boolean {
  return LETTERS.has(code) || (code >= ACCENTED && code !== EDGE_CODE);
}

function startsWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (!isLetter(code)) return false;
  const before = text.charCodeAt(at - 1);
  return !isLetter(before) || code >= UNSPACED || (isUpper(code) && !isUpper(before));
}

function endsWord(text: string, end: number): boolean {
  const code = text.charCodeAt(end);
  return !isLetter(code) || code >= UNSPACED || (isUpper(code) && !isUpper(text.charCodeAt(end - 1)));
}

function lowerCase(code: number): number {
  if (isUpper(code)) return code + 0x20;
  return code >= ACCENTED && code <= 0xde ? code + 0x20 : code;
}
