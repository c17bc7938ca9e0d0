/**
 * How refusals begin in one language. All texts are regular expressions for the beginning of a reply in lower case, with
 * straight apostrophes and single spaces. A reply refuses where a refusal stands at its very beginning, or behind leads
 * alone: what stands anywhere else is what the reply is about.
 */
export interface RefusalTable {
  /** ISO 639-1. */
  readonly language: string;
  /** Words stand apart: a match ends where a word ends. */
  readonly isSpaced: boolean;
  /** What may come before: apologies, greetings, understanding, "but". */
  readonly leads: readonly string[];
  /** What says no. */
  readonly refusals: readonly string[];
  readonly examples: readonly string[];
  /** What looks like one and is an answer. */
  readonly nearMisses: readonly string[];
}

/** The rest of a clause. */
export const CLAUSE = '[^.!?,;:]{0,80}';

/** The rest of a sentence up to its "but". */
export function upTo(...buts: readonly string[]): string {
  return `[^.!?]{0,140}?(?=[,;]? (?:${buts.join('|')})\\b)`;
}
