import { PHRASES, type Language } from './phrases.ts';
import type { Random } from './random.ts';

const CHARS_PER_TOKEN = 4; // the usual rule of thumb for English text
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
 * Cuts text into its tokens, of which each is a delta of a stream: as many as it bills. A token has four units of text,
 * more or less; a word begins one where it can. Joined they are the text; no cut falls inside a surrogate pair.
 */
export function splitTokens(text: string, random: Random): string[] {
  const tokens: string[] = [];
  let from = 0;
  for (let even = CHARS_PER_TOKEN; even < text.length; even += CHARS_PER_TOKEN) {
    const to = cutNear(text, even, random);
    tokens.push(text.slice(from, to));
    from = to;
  }
  if (from < text.length) tokens.push(text.slice(from));
  return tokens;
}

/** At most two units away, so that the next cut lies behind it, and before the end. */
function cutNear(text: string, even: number, random: Random): number {
  const cut = wholeCharacter(text, nearWord(text, even, random));
  if (cut < text.length) return cut;
  return splitsPair(text, even) ? even - 1 : even;
}

/** The space before a word, where one is at most one unit away. */
function nearWord(text: string, at: number, random: Random): number {
  const shift = random.integer(-1, 1);
  for (const near of [at, at - 1, at + 1]) if (text[near] === ' ') return near;
  return at + shift;
}

/** Moves a cut that would fall between the halves of a surrogate pair to behind it. */
function wholeCharacter(text: string, cut: number): number {
  return splitsPair(text, cut) ? cut + 1 : cut;
}

function splitsPair(text: string, cut: number): boolean {
  return (text.charCodeAt(cut) & 0xfc00) === 0xdc00;
}
