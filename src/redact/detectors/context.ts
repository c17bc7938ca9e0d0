import type { Chars } from '../../core/units.ts';
import { CharSet, EDGE_CODE, LEFT_CONTEXT } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Example, Verdict } from '../detector.ts';
import { NextPlace } from '../last-text.ts';
import { RunWalker } from './token.ts';
import { ValueRun } from './value-run.ts';

/** A value known by the syntax around it. Only the value is found. */
interface ContextSpec {
  readonly id: string;
  readonly description: string;
  readonly source: string;
  readonly keywords?: readonly string[];
  /** Keywords in lower case, found in any. */
  readonly names?: readonly string[];
  /** What has to stand before the keyword, within LEFT_CONTEXT; ends in `$`. */
  readonly before?: RegExp;
  /** Regular expression of what stands between keyword and value, of at most `longestLead`. */
  readonly lead: string;
  readonly longestLead: Chars;
  readonly chars: string;
  /** Regular expression of the value, within `chars` and `longest`. */
  readonly value: string;
  readonly longest: Chars;
  /** What has to stand right behind the value; a quote may be EDGE. */
  readonly behind?: CharSet;
  /** Sticky: what has to follow the value, within `longestFollowing`. */
  readonly following?: RegExp;
  readonly longestFollowing?: Chars;
  /** All further `chars` belong to the value. */
  readonly open?: boolean;
  readonly accepts?: (value: string) => boolean;
  readonly rank?: number;
  readonly examples: readonly Example[];
  readonly nearMisses: readonly string[];
}

/** In regular expressions: a quote, escaped or not; in decoded JSON it is EDGE. */
export const QUOTE = '(?:\\\\{0,3}["\'`\\uffff])';
export const QUOTE_CHARS = new CharSet('"\'`\\');
const BACKSLASH = new NextPlace('\\');
const DOUBLE_QUOTE = 0x22;
/** A vendor's token in the same place is found as that token. */
const CONTEXT_RANK = 1;

export function contextDetector(spec: ContextSpec): Detector {
  const shape = new ContextShape(spec);
  return {
    id: spec.id,
    category: 'secrets',
    description: spec.description,
    source: spec.source,
    keywords: spec.keywords ?? [],
    names: spec.names ?? [],
    begins: 'after',
    trigger: 'keyword',
    rank: spec.rank ?? CONTEXT_RANK,
    redactsPartial: false,
    tailStart: null,
    plausible: (text, after) => after === text.length || shape.mayMatch(text, after),
    match: (text, at, after, final) => {
      const verdict = shape.matchAfter(text, after, final);
      return verdict !== null && shape.follows(text, at) ? verdict : null;
    },
    canonical: (value) => value,
    examples: spec.examples,
    nearMisses: spec.nearMisses,
  };
}

class ContextShape {
  private readonly spec: ContextSpec;
  private readonly lead: RegExp | null;
  private readonly value: ValueRun;

  constructor(spec: ContextSpec) {
    this.spec = spec;
    this.lead = spec.lead === '' ? null : new RegExp(spec.lead, 'y');
    this.value = new ValueRun(spec.chars, spec.value, spec.longest);
  }

  follows(text: string, at: number): boolean {
    const { before } = this.spec;
    return before === undefined || before.test(text.slice(Math.max(0, at - LEFT_CONTEXT), at));
  }

  /** Escapes may stand for any of the characters that are looked for. */
  mayMatch(text: string, after: number): boolean {
    const { longestLead, longest, longestFollowing = 0 } = this.spec;
    const end = Math.min(text.length, after + longestLead + longest + longestFollowing);
    return BACKSLASH.isIn(text, after, end) || this.matchAfter(text, after, true) !== null;
  }

  matchAfter(text: string, after: number, final: boolean): Verdict {
    if (!final && text.length - after <= this.spec.longestLead) return pending(after);
    if (this.lead === null) return this.valueAt(text, after, final);
    return testAt(this.lead, text, after) ? this.valueAt(text, this.lead.lastIndex, final) : null;
  }

  private valueAt(text: string, start: number, final: boolean): Verdict {
    const { longest, open, accepts, behind, following, longestFollowing = 0 } = this.spec;
    const limit = start + longest + 1;
    const runEnd = this.value.charsEnd(text, start, limit);
    if (runEnd === text.length && !final && runEnd < limit)
      return pending(start, runEnd > start ? this.value.chars : null, limit);
    const end = this.value.end(text, start, runEnd);
    if (end < 0) return null;
    if (behind !== undefined && !stands(behind, text.charCodeAt(end))) return null;
    if (accepts?.(text.slice(start, end)) === false) return null;
    if (!final && text.length - end <= longestFollowing) return pending(start);
    if (following !== undefined && !testAt(following, text, end)) return null;
    return match(start, end, open === true ? new RunWalker(this.value.chars) : null);
  }
}

function stands(behind: CharSet, code: number): boolean {
  return behind.has(code === EDGE_CODE ? DOUBLE_QUOTE : code);
}

function testAt(sticky: RegExp, text: string, at: number): boolean {
  sticky.lastIndex = at;
  return sticky.test(text);
}
