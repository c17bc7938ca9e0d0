import type { TokenizerName } from '../core/config.ts';
import { CountedTexts } from './counted-texts.ts';

/** Tokens of a text. @param owner whose it is, where it may come again: then the count is remembered */
export type CountTokens = (text: string, owner?: string) => number;

interface Encoding {
  countTokens(text: string, options: object): number;
  setMergeCacheSize(size: number): void;
}

const loading = new Map<TokenizerName, Promise<void>>();
const loaded = new Map<TokenizerName, CountTokens>();

/** Null until `loadTokenizer` has it. */
export function tokenizer(name: TokenizerName): CountTokens | null {
  return loaded.get(name) ?? null;
}

/** Some megabytes and a tenth of a second each: only those that something is counted with. */
export function loadTokenizer(name: TokenizerName): Promise<void> {
  let promise = loading.get(name);
  if (promise === undefined) loading.set(name, (promise = load(name)));
  return promise;
}

async function load(name: TokenizerName): Promise<void> {
  const encoding: Encoding =
    name === 'o200k_base'
      ? await import('gpt-tokenizer/encoding/o200k_base')
      : await import('gpt-tokenizer/encoding/cl100k_base');
  // It would keep pieces of what callers write.
  encoding.setMergeCacheSize(0);
  const count = (text: string): number => countBounded(text, (piece) => encoding.countTokens(piece, AS_TEXT));
  const counted = new CountedTexts(count);
  loaded.set(name, (text, owner) => (owner === undefined ? count(text) : counted.tokensOf(text, owner)));
}

/** The names of special tokens are text like any other in what a caller writes. */
const AS_TEXT = { disallowedSpecial: new Set<string>() };

const SLICE = 2048;
/** Merging takes the square of the length of what has no space in it. */
const LONGEST_RUN = 128;
const LONG_RUN = new RegExp(`\\S{${LONGEST_RUN + 1}}`);
/** Characters; English is counted at 50 million a second. */
const MOST_COUNTED = 256 * 1024;
/** What has fewer characters to a token is counted fifty times as slowly: random letters, encoded data. */
const FEW_CHARS = 2.5;
const MOST_SLOW_SLICES = 8;

/** A token is never less than a byte, whatever the tokenizer. */
export const mostTokens = (text: string): number => Buffer.byteLength(text);

/** Counts slice by slice; what would take too long is bounded by its bytes, so the count is never too low. */
export function countBounded(text: string, count: CountTokens): number {
  let tokens = 0;
  let slow = 0;
  let at = 0;
  while (at < text.length && at < MOST_COUNTED && slow < MOST_SLOW_SLICES) {
    const end = sliceEnd(text, at);
    const slice = text.slice(at, end);
    const counted = LONG_RUN.test(slice) ? countInPieces(slice, count) : count(slice);
    if (counted * FEW_CHARS > slice.length) slow++;
    tokens += counted;
    at = end;
  }
  return at === text.length ? tokens : tokens + mostTokens(text.slice(at));
}

function sliceEnd(text: string, at: number): number {
  if (text.length - at <= SLICE) return text.length;
  const space = text.lastIndexOf(' ', at + SLICE);
  return space > at ? space : at + SLICE;
}

function countInPieces(slice: string, count: CountTokens): number {
  let tokens = 0;
  for (let at = 0; at < slice.length; at += LONGEST_RUN) tokens += count(slice.slice(at, at + LONGEST_RUN));
  return tokens;
}
