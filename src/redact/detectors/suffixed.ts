import type { Chars } from '../../core/units.ts';
import { CharSet, startsToken, WORD } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Example, Verdict } from '../detector.ts';
import { opensValue } from './opens-value.ts';
import { VENDOR_RANK } from './token.ts';

/** A token whose first part is random: the literal that gives it away stands behind it. */
interface SuffixedSpec {
  readonly id: string;
  readonly description: string;
  readonly source: string;
  readonly keywords: readonly string[];
  /** What stands before the keyword, as runs of a character class and a length. */
  readonly head: readonly (readonly [chars: string, length: Chars])[];
  /** Where no value is opened, the finding begins behind so many of them: words and numbers are no shorter. */
  readonly free: Chars;
  /** Regular expression of what follows the keyword. */
  readonly tail: string;
  /** Characters of which `tail` is; letters, digits and underscores where absent. */
  readonly tailChars?: CharSet;
  readonly longestTail: Chars;
  readonly examples: readonly Example[];
  readonly nearMisses: readonly string[];
}

export function suffixedDetector(spec: SuffixedSpec): Detector {
  const shape = new SuffixedShape(spec);
  return {
    id: spec.id,
    category: 'secrets',
    description: spec.description,
    source: spec.source,
    keywords: spec.keywords,
    // A stream waits for the head before it instead.
    begins: 'after',
    trigger: 'keyword',
    rank: VENDOR_RANK,
    redactsPartial: true,
    tailStart: (text) => shape.tailStart(text),
    plausible: (text, after) => shape.tailEnd(text, after) >= 0,
    match: (text, at, after, final) => shape.match(text, at, after, final),
    canonical: (value) => value,
    examples: spec.examples,
    nearMisses: spec.nearMisses,
  };
}

class SuffixedShape {
  /** The characters allowed in each place of the head. */
  private readonly head: readonly CharSet[];
  private readonly free: Chars;
  private readonly tail: RegExp;
  private readonly tailChars: CharSet;
  private readonly longestTail: Chars;
  private readonly keywords: readonly string[];
  private readonly longestKeyword: Chars;

  constructor(spec: SuffixedSpec) {
    this.head = spec.head.flatMap(([chars, length]) => Array.from({ length }, () => new CharSet(chars)));
    this.free = spec.free;
    this.tail = new RegExp(spec.tail, 'y');
    this.tailChars = spec.tailChars ?? WORD;
    this.longestTail = spec.longestTail;
    this.keywords = spec.keywords;
    this.longestKeyword = Math.max(...spec.keywords.map(({ length }) => length));
  }

  match(text: string, at: number, after: number, final: boolean): Verdict {
    const head = at - this.head.length;
    if (head < 0 || !startsToken(text, head, WORD) || !this.fits(text, head, at)) return null;
    const start = this.findingStart(text, head);
    const limit = after + this.longestTail + 1;
    const runEnd = this.tailChars.runEnd(text, after, limit);
    if (runEnd === text.length && !final && runEnd < limit) return pending(start, this.tailChars, limit);
    const end = this.tailEnd(text, after);
    return end < 0 || WORD.has(text.charCodeAt(end)) ? null : match(start, end);
  }

  /** -1 where what stands at `after` is no tail. */
  tailEnd(text: string, after: number): number {
    this.tail.lastIndex = after;
    return this.tail.test(text) ? this.tail.lastIndex : -1;
  }

  /** Where a head may have begun that has come in part, or in full with a part of the keyword. */
  tailStart(text: string): number {
    const { length } = text;
    for (let at = Math.max(0, length - this.head.length - this.longestKeyword + 1); at < length; at++) {
      if (startsToken(text, at, WORD) && this.mayBegin(text, at)) return Math.min(length, this.findingStart(text, at));
    }
    return length;
  }

  private findingStart(text: string, head: number): number {
    return opensValue(text, head) ? head : head + this.free;
  }

  private mayBegin(text: string, at: number): boolean {
    const headEnd = at + this.head.length;
    if (!this.fits(text, at, Math.min(headEnd, text.length))) return false;
    return headEnd >= text.length || this.keywords.some((keyword) => keyword.startsWith(text.slice(headEnd)));
  }

  private fits(text: string, start: number, end: number): boolean {
    for (let at = start; at < end; at++) if (!this.head[at - start]!.has(text.charCodeAt(at))) return false;
    return true;
  }
}
