import type { RedactionCategory } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';
import type { CharSet } from './char-set.ts';

/** What docs, metrics and audit say about a rule. */
export interface RuleInfo {
  /** Dotted and stable. */
  readonly id: string;
  readonly category: RedactionCategory | 'custom';
  readonly description: string;
}

/** Follows a match whose length is not bounded, one character at a time, so that a stream needs no memory for it. */
export interface Walker {
  /** Characters that are certainly part of the match. */
  readonly accepted: Chars;
  /** False: the match has ended, after `accepted` characters. */
  next(code: number): boolean;
}

/** More text is needed; a match would start at or after `from`. */
interface Pending {
  readonly kind: 'pending';
  readonly from: number;
  /** Nothing changes while only these come and the text does not reach `limit`: spares asking again. */
  readonly run: CharSet | null;
  readonly limit: number;
}

export interface Match {
  readonly kind: 'match';
  readonly start: number;
  readonly end: number;
  /** Continues the match from `end`; null where `end` is final. */
  readonly walker: Walker | null;
}

export type Verdict = Match | Pending | null;

/**
 * Where a match starts: at its keyword, if no letter or digit precedes (`word`) or no letter (`letters`); at or before it
 * (`anywhere`); behind it (`after`). A stream waits for the rest of what may be a keyword only where a match could start there.
 */
export type Begins = 'word' | 'letters' | 'anywhere' | 'after';

/** How a number is written: `9` stands for a digit, `A` for a letter, `X` for either; a space for any kind of space. */
export interface NumberForm {
  readonly text: string;
  /** What its digits and letters must be, whatever stands around it; 0 to 9, and 10 to 35 for A to Z. */
  holds(values: Uint8Array): boolean;
}

/**
 * One rule. Looks at LEFT_CONTEXT characters before a trigger at most, and decides within some thousand characters after
 * it, from the text alone: what it says of a text that is cut anywhere is `pending` or what it says of the whole.
 */
export interface Detector extends RuleInfo {
  /** Published description of the format. */
  readonly source: string;
  /** Where a candidate may be: literals; none where words that look like numbers are looked for. */
  readonly keywords: readonly string[];
  /** As `keywords`, in lower case and found in any: names of members, variables, vendors. Their matches begin behind them. */
  readonly names?: readonly string[];
  readonly begins: Begins;
  readonly trigger: 'keyword' | 'number';
  /** Rules with the trigger `number`: shapes of the words that a value can begin with, see NumberRules. */
  readonly firstWords?: readonly string[];
  /** Rules with the trigger `number`: all that a value can be; where absent, the first word decides who looks at it. */
  readonly forms?: readonly NumberForm[];
  /** Rules with the trigger `number`: how many digits each value has in a row at least; two where absent. */
  readonly digitsInRow?: Chars;
  /**
   * Rules with the trigger `number`: values in lower case are found anywhere, from behind their first two letters on. A stream
   * would have to wait at every short word for the digits that make it one.
   */
  readonly lowerCase?: 'behind';
  /** Of two overlapping findings the one with the higher rank stands. */
  readonly rank: number;
  /** A candidate that a broken-off stream left unfinished is redacted as well: its prefix leaves no doubt. */
  readonly redactsPartial: boolean;
  /** Where a match may have begun whose keyword is still to come; null where matches begin at their keyword. */
  readonly tailStart: ((text: string) => number) | null;
  /** Cheap test behind a keyword or at a word, blind to what stands before it and to escapes: false where no match is possible. */
  plausible(text: string, after: number): boolean;
  /** @param after the end of the keyword or first word that starts at `at`; @param final the text ends where the string ends. */
  match(text: string, at: number, after: number, final: boolean): Verdict;
  /** The form in which equal values are equal: the same value gets the same placeholder. */
  canonical(value: string): string;
  readonly examples: readonly Example[];
  /** Texts that look alike and are no findings of this rule. */
  readonly nearMisses: readonly string[];
}

export interface Example {
  readonly text: string;
  /** The part that is found; all of the text where absent. */
  readonly value?: string;
}

export function pending(from: number, run: CharSet | null = null, limit = 0): Pending {
  return { kind: 'pending', from, run, limit };
}

export function match(start: number, end: number, walker: Walker | null = null): Match {
  return { kind: 'match', start, end, walker };
}
