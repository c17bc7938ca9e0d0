import type { Chars } from '../core/units.ts';
import { STOP_WORDS, TELLING_LETTERS, UNTOLD, type LatinLanguage } from './stop-words.ts';

/** More does not tell more. */
export const LONGEST_SAMPLE: Chars = 400;

/**
 * The language of a text by its script or its small words, ISO 639-1: en, fr, de, es, it, pt, nl, pl, sv, tr, zh, ja, ko,
 * ru, ar, he, el, th, hi. Empty where it is not clear, as in a text of a few words or in code. No allocation: words are
 * looked up by a hash that is built while the text is read.
 */
export function detectLanguage(text: string): string {
  const end = Math.min(text.length, LONGEST_SAMPLE);
  scores.fill(0);
  scripts.fill(0);
  let hash = SEED;
  let letters = 0;
  let wordStart = 0;
  let foreign = 0;
  for (let at = 0; at <= end; at++) {
    const code = at === end ? 0 : lower(text.charCodeAt(at));
    if (isLatin(code)) {
      hash = mix(hash, code);
      letters++;
      if (code > 0x7f) addScores(LETTER_MASKS.get(code) ?? 0, 1);
      continue;
    }
    if (at > wordStart) addScores(lookUp(hash), at - wordStart === 1 ? LETTER_WEIGHT : 1);
    wordStart = at + 1;
    hash = SEED;
    if (code > 0x36f && ++foreign <= ENOUGH_FOREIGN) scripts[scriptOf(code)]!++;
  }
  return byScript(letters) ?? byWords();
}

const SEED = 0x811c9dc5 | 0;

/** FNV-1a. @source http://www.isthe.com/chongo/tech/comp/fnv/ */
function mix(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

function lower(code: number): number {
  const isCapital = (code >= 0x41 && code <= 0x5a) || (code >= 0xc0 && code <= 0xde && code !== 0xd7);
  return isCapital ? code + 0x20 : code;
}

function isLatin(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0xc0 && code <= 0x24f && code !== 0xd7 && code !== 0xf7);
}

const LANGUAGES = Object.keys(STOP_WORDS) as LatinLanguage[];
/** Of the text that is being read; nothing here waits, so one of each serves all. */
const scores = new Float64Array(LANGUAGES.length);
/** A word of one language says more than one of many. */
const WEIGHTS = [0, 12, 6, 3, 2, 1, 1, 1, 1, 1, 1, 1];
/** `i`, `w` and the like are names of variables and items, too. */
const LETTER_WEIGHT = 0.25;
/** A word of its own and one that it shares. */
const LEAST_SCORE = 15;

function addScores(mask: number, factor: number): void {
  if (mask === 0) return;
  const weight = WEIGHTS[bits(mask)]! * factor;
  for (let rest = mask; rest !== 0; rest &= rest - 1) scores[31 - Math.clz32(rest & -rest)]! += weight;
}

function bits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function byWords(): string {
  let best = 0;
  let second = 0;
  for (let index = 1; index < scores.length; index++) {
    if (scores[index]! > scores[best]!) {
      second = scores[best]!;
      best = index;
    } else second = Math.max(second, scores[index]!);
  }
  const isClear = scores[best]! >= LEAST_SCORE && scores[best]! * 2 >= second * 3;
  return isClear && LANGUAGES[best] !== UNTOLD ? LANGUAGES[best]! : '';
}

/** Open addressing, a quarter full: hashes of words, and a bit for each of their languages. */
const TABLE_SIZE = 4096;
const hashes = new Int32Array(TABLE_SIZE);
const masks = new Uint16Array(TABLE_SIZE);

function lookUp(hash: number): number {
  let slot = hash & (TABLE_SIZE - 1);
  while (masks[slot] !== 0) {
    if (hashes[slot] === hash) return masks[slot]!;
    slot = (slot + 1) & (TABLE_SIZE - 1);
  }
  return 0;
}

function learn(word: string, language: number): void {
  let hash = SEED;
  for (let at = 0; at < word.length; at++) hash = mix(hash, word.charCodeAt(at));
  let slot = hash & (TABLE_SIZE - 1);
  while (masks[slot] !== 0 && hashes[slot] !== hash) slot = (slot + 1) & (TABLE_SIZE - 1);
  hashes[slot] = hash;
  masks[slot]! |= 1 << language;
}

for (const [index, language] of LANGUAGES.entries())
  for (const word of STOP_WORDS[language].split(' ')) learn(word, index);

const LETTER_MASKS: ReadonlyMap<number, number> = new Map(
  Object.entries(TELLING_LETTERS).map(([letter, languages]) => [
    letter.charCodeAt(0),
    languages.reduce((mask, language) => mask | (1 << LANGUAGES.indexOf(language)), 0),
  ]),
);

const Script = { greek: 0, cyrillic: 1, hebrew: 2, arabic: 3, hindi: 4, thai: 5, kana: 6, han: 7, hangul: 8, other: 9 };
/** Counted where nobody looks. */
const PUNCTUATION = 10;
const scripts = new Int32Array(11);
const SCRIPT_LANGUAGES = ['el', 'ru', 'he', 'ar', 'hi', 'th', 'ja', 'zh', 'ko', ''];

/** Letters of a script that tell as much as more of them would. */
const ENOUGH_FOREIGN = 150;

/** Ranges of Unicode blocks, ascending: up to and with the code, the script. */
const BLOCKS: readonly (readonly [number, number])[] = [
  [0x3ff, Script.greek],
  [0x52f, Script.cyrillic],
  [0x58f, Script.other],
  [0x5ff, Script.hebrew],
  [0x6ff, Script.arabic],
  [0x8ff, Script.other],
  [0x97f, Script.hindi],
  [0xdff, Script.other],
  [0xe7f, Script.thai],
  [0x10ff, Script.other],
  [0x11ff, Script.hangul],
];
/** Letters of neighbours that share the script: Ukrainian and Belarusian, Persian and Urdu. */
const NEIGHBOURS = new Set([...'іїєґўپچژگکی'].map((letter) => letter.charCodeAt(0)));

function scriptOf(code: number): number {
  if (code < 0x1200) {
    if (NEIGHBOURS.has(code)) return Script.other;
    for (const [last, script] of BLOCKS) if (code <= last) return script;
  }
  if (code >= 0x3041 && code <= 0x30ff) return Script.kana;
  if (code >= 0x3400 && code <= 0x9fff) return Script.han;
  if (code >= 0xac00 && code <= 0xd7a3) return Script.hangul;
  return PUNCTUATION;
}

/**
 * Of the script with most letters, where there is one beside Latin. A letter of another script says as much as three of
 * Latin: names, code and terms are often written in it. Null: the text is Latin, or has no letters.
 */
function byScript(latin: number): string | null {
  let most = 0;
  for (let script = 1; script < PUNCTUATION; script++) if (scripts[script]! > scripts[most]!) most = script;
  if (scripts[most]! * 3 <= latin || scripts[most] === 0) return null;
  if (most === Script.han && scripts[Script.kana]! > 0) return 'ja';
  const hasForeign = scripts[Script.other]! > 0 && (most === Script.cyrillic || most === Script.arabic);
  return hasForeign ? '' : SCRIPT_LANGUAGES[most]!;
}
