import type { Chars } from '../../core/units.ts';
import { ALNUM, CharSet, isDigit, startsToken, WORD } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Begins, Detector, Example, Verdict, Walker } from '../detector.ts';
import { isFilledUp } from './stand-ins.ts';
import { ValueRun } from './value-run.ts';

/** A vendor's token: a literal prefix, then a body of known shape. */
interface TokenSpec {
  readonly id: string;
  readonly description: string;
  readonly source: string;
  readonly prefixes: readonly string[];
  /** Every character that `body` can match, as a CharSet. */
  readonly chars: string;
  /** Regular expression for what follows the prefix; its classes lie within `chars`, its length within `longest`. */
  readonly body: string;
  readonly longest: Chars;
  /** A literal that every body has, where only its place is open. */
  readonly needs?: string;
  /** The vendor fixes no length: what matches `body` is only the beginning, all further `chars` belong to it. */
  readonly open?: boolean;
  /** Characters that must not precede and follow; letters and digits where absent. */
  readonly boundary?: string;
  /** For prefixes that ordinary words have too. */
  readonly accepts?: (body: string) => boolean;
  readonly rank?: number;
  /** A text alone is found in full. */
  readonly examples: readonly (string | Example)[];
  readonly nearMisses: readonly string[];
}

export const VENDOR_RANK = 3;
/** For prefixes that several vendors share. */
export const SHARED_PREFIX_RANK = 2;

export function tokenDetector(spec: TokenSpec): Detector {
  const shape = new TokenShape(spec);
  return {
    id: spec.id,
    category: 'secrets',
    description: spec.description,
    source: spec.source,
    keywords: spec.prefixes,
    begins: beginsOf(spec),
    trigger: 'keyword',
    rank: spec.rank ?? VENDOR_RANK,
    redactsPartial: true,
    tailStart: null,
    plausible: (text, after) => shape.plausible(text, after),
    match: (text, at, after, final) => shape.match(text, at, after, final),
    canonical: (value) => value,
    examples: spec.examples.map((example): Example => (typeof example === 'string' ? { text: example } : example)),
    nearMisses: spec.nearMisses,
  };
}

/** As wide as the boundary: a stream may let go of what cannot begin a token, and of nothing else. */
function beginsOf({ boundary }: TokenSpec): Begins {
  if (boundary === undefined || boundary.startsWith('A-Za-z0-9')) return 'word';
  return boundary.startsWith('A-Za-z') ? 'letters' : 'anywhere';
}

class TokenShape {
  private readonly boundary: CharSet;
  private readonly body: ValueRun;
  private readonly longest: Chars;
  private readonly open: boolean;
  private readonly accepts: ((body: string) => boolean) | null;

  constructor(spec: TokenSpec) {
    this.boundary = spec.boundary === undefined ? ALNUM : new CharSet(spec.boundary);
    this.body = new ValueRun(spec.chars, spec.body, spec.longest, spec.needs);
    this.longest = spec.longest;
    this.open = spec.open ?? false;
    this.accepts = spec.accepts ?? null;
  }

  plausible(text: string, after: number): boolean {
    return this.bodyEnd(text, after) >= 0;
  }

  private bodyEnd(text: string, after: number): number {
    return this.body.end(text, after, this.body.charsEnd(text, after, after + this.longest + 1));
  }

  match(text: string, at: number, after: number, final: boolean): Verdict {
    if (!startsToken(text, at, this.boundary)) return null;
    const limit = after + this.longest + 1;
    const runEnd = this.body.charsEnd(text, after, limit);
    if (runEnd === text.length && !final && runEnd < limit) return pending(at, this.body.chars, limit);
    const end = this.body.end(text, after, runEnd);
    if (end < 0) return null;
    if (this.open) return this.openMatch(text, at, after, end);
    if (this.boundary.has(text.charCodeAt(end)) || !this.isBody(text.slice(after, end))) return null;
    return match(at, end);
  }

  private openMatch(text: string, at: number, after: number, end: number): Verdict {
    if (!this.isBody(text.slice(after, end))) return null;
    return match(at, end, new RunWalker(this.body.chars));
  }

  private isBody(body: string): boolean {
    return this.accepts?.(body) !== false && !isFilledUp(body);
  }
}

/** Accepts a run of `chars`, without punctuation at its end: a full stop after a token is not part of it. */
export class RunWalker implements Walker {
  accepted: Chars = 0;
  private seen: Chars = 0;
  private readonly chars: CharSet;

  constructor(chars: CharSet) {
    this.chars = chars;
  }

  next(code: number): boolean {
    if (!this.chars.has(code)) return false;
    this.seen++;
    if (WORD.has(code) || code === 0x3d) this.accepted = this.seen;
    return true;
  }
}

/** Needs digits as random text has them: keeps `sk-` before a hyphenated phrase from counting. */
export function hasDigits(least: number): (body: string) => boolean {
  return (body) => {
    let digits = 0;
    for (let i = 0; i < body.length && digits < least; i++) if (isDigit(body.charCodeAt(i))) digits++;
    return digits >= least;
  };
}
