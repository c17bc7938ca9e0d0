import { PHRASES, type Language } from './phrases.ts';
import type { Random } from './random.ts';

const CHARS_PER_TOKEN = 4; // the usual rule of thumb for English text
const LONG_WORD_CHARS = 12; // longer runs, such as keys and URLs, come in several deltas
const MAX_DELTA_CHARS = 8;
const SPLIT_WORD_RATE = 0.3;
const STRIDES = [1, 5, 11]; // share no factor with the 12 or 14 sentences of a language: all come before one returns

/** Tokens of so many UTF-16 units of text; the simulator bills by this everywhere. */
export function tokensOf(chars: number): number {
  return Math.ceil(chars / CHARS_PER_TOKEN);
}

/** The longest start of `text` that bills at most `tokens`. */
export function firstTokens(text: string, tokens: number): string {
  const limit = tokens * CHARS_PER_TOKEN;
  return text.slice(0, splitsPair(text, limit) ? limit - 1 : limit);
}

/** Sentences of a language, cut after a word so that they bill about `tokens`; at least one word. */
export function writeSentences(tokens: number, language: Language, random: Random): string {
  const sentences = PHRASES[language].sentences;
  const limit = tokens * CHARS_PER_TOKEN;
  const stride = random.pick(STRIDES);
  let at = random.integer(0, sentences.length - 1);
  let text = sentences[at]!;
  while (text.length < limit) {
    at = (at + stride) % sentences.length;
    text += ` ${sentences[at]}`;
  }
  if (text.length <= limit) return text;
  const lastSpace = text.lastIndexOf(' ', limit - 1);
  return `${text.slice(0, lastSpace > 0 ? lastSpace : text.indexOf(' ')).replace(/[^\p{L}]+$/u, '')}.`;
}

/** A few words of a language, for the strings of generated JSON. */
export function writeWords(language: Language, random: Random): string {
  const words = random.pick(PHRASES[language].sentences).match(/\p{L}{4,}/gu) ?? [];
  const start = random.integer(0, Math.max(0, words.length - 2));
  return words.slice(start, start + 2).join(' ');
}

/**
 * Cuts text into the deltas of a stream: words with the space before them, about a third of them in two pieces, long
 * runs in many. Joined they are the text; no cut falls inside a surrogate pair.
 */
export function splitDeltas(text: string, random: Random): string[] {
  const deltas: string[] = [];
  for (const [word] of text.matchAll(/\s*\S+|\s+$/g)) {
    if (word.length > LONG_WORD_CHARS) pushPieces(word, random, deltas);
    else pushWord(word, random, deltas);
  }
  return deltas;
}

function pushWord(word: string, random: Random, deltas: string[]): void {
  const cut = random.chance(SPLIT_WORD_RATE) ? wholeCharacter(word, random.integer(1, word.length)) : word.length;
  deltas.push(word.slice(0, cut));
  if (cut < word.length) deltas.push(word.slice(cut));
}

function pushPieces(word: string, random: Random, deltas: string[]): void {
  for (let from = 0; from < word.length;) {
    const to = wholeCharacter(word, from + random.integer(1, MAX_DELTA_CHARS));
    deltas.push(word.slice(from, to));
    from = to;
  }
}

/** Moves a cut that would fall between the halves of a surrogate pair to behind it. */
function wholeCharacter(text: string, cut: number): number {
  return splitsPair(text, cut) ? cut + 1 : cut;
}

function splitsPair(text: string, cut: number): boolean {
  return (text.charCodeAt(cut) & 0xfc00) === 0xdc00;
}
