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

/** The topics of which a word stands in one window of a text. */
interface Window {
  text: string;
  from: number;
  to: number;
  /** Where words begin in it: as most windows overlap with the one before, few characters are read twice. */
  readonly starts: number[];
  readonly topics: Set<number>;
}

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
    return this.look(this.windows[0], text, Math.max(0, at - WORDS_BEFORE), at).has(topic);
  }

  isBehind(topic: number, text: string, end: number): boolean {
    return this.look(this.windows[1], text, end, Math.min(text.length, end + WORDS_BEHIND)).has(topic);
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

  private look(window: Window, text: string, from: number, to: number): ReadonlySet<number> {
    const { starts, topics } = window;
    if (window.from === from && window.to === to && window.text === text) return topics;
    const isFurther = from >= window.from && from <= window.to && to >= window.to && window.text === text;
    if (!isFurther) starts.length = 0;
    else while (starts.length > 0 && starts[0]! < from) starts.shift();
    for (let at = isFurther ? window.to : from; at < to; at++) if (startsWord(text, at)) starts.push(at);
    window.text = text;
    window.from = from;
    window.to = to;
    topics.clear();
    for (const at of starts) this.follow(text, at, to, topics);
    return topics;
  }

  private follow(text: string, from: number, to: number, found: Set<number>): void {
    let state = ROOT;
    for (let at = from; at < to; at++) {
      const next = this.children[state]?.get(lowerCase(text.charCodeAt(at)));
      if (next === undefined) return;
      state = next;
      for (const topic of this.topics[state]!) found.add(topic);
      if (this.wholeTopics[state]!.length > 0 && endsWord(text, at + 1))
        for (const topic of this.wholeTopics[state]!) found.add(topic);
    }
  }
}

/** The one table that all bundled rules share. */
export const CONTEXT_WORDS = new ContextWords();

function emptyWindow(): Window {
  return { text: '', from: -1, to: -1, starts: [], topics: new Set() };
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
