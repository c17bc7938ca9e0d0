import type { Chars } from '../../core/units.ts';
import { ALNUM, CharSet } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Example, Verdict } from '../detector.ts';
import { laterValueStart, NO_VALUE, valueStart } from './assignment-syntax.ts';
import { spellingsOfAll } from './spellings.ts';
import { isStandIn } from './stand-ins.ts';
import { VENDOR_RANK } from './token.ts';
import { ValueRun } from './value-run.ts';

/** A value without a prefix of its own, known by the name that it is assigned to. Only the value is found. */
interface KeyedSpec {
  readonly id: string;
  readonly description: string;
  readonly source: string;
  /**
   * Words apart by `_`. Found in every spelling, as part of longer names, and with up to 24 characters
   * between the name and the operator: `adobe` in `ADOBE_PROD_ID=`, `adobeClient.id:`, `"Adobe client": `.
   */
  readonly names: readonly string[];
  /** Secrets where absent. */
  readonly category?: Detector['category'];
  readonly rank?: number;
  readonly chars: string;
  /** Regular expression of the value, within `chars` and `longest`. */
  readonly value: string;
  readonly longest: Chars;
  /** For values that ordinary text has too. */
  readonly accepts?: (value: string) => boolean;
  /** For words that names of other things have too: all that stands before the value, from some words before the name on. */
  readonly acceptsName?: (name: string) => boolean;
  readonly examples: readonly Example[];
  readonly nearMisses: readonly string[];
}

export function keyedDetector(spec: KeyedSpec): Detector {
  const shape = new KeyedShape(spec);
  return {
    id: spec.id,
    category: spec.category ?? 'secrets',
    description: spec.description,
    source: spec.source,
    keywords: [],
    names: spellingsOfAll(spec.names),
    begins: 'after',
    trigger: 'keyword',
    rank: spec.rank ?? VENDOR_RANK,
    redactsPartial: false,
    tailStart: null,
    plausible: (text, after) => shape.plausible(text, after),
    match: (text, at, after, final) => shape.matchNamed(text, at, after, final),
    canonical: (value) => value,
    examples: spec.examples,
    nearMisses: spec.nearMisses,
  };
}

/** Between a name and its value: then the value is told apart by the vendor's name, or made of something of the vendor's. */
const DIGEST = /(?:^|[^a-z])(?:sha[0-9-]*|md5|crc32|checksum|digest|e-?tag|integrity|revision|rev|commit)(?![a-z])/i;
const DIGEST_CALL = /(?:sha[0-9]{1,3}|md5)(?:sum)?[ \t]{0,2}\([^()\n]{0,32}$/i;
/** With the sign before it. */
const SHORTEST_DIGEST_NAME: Chars = 4;
const NAME_BEFORE = new CharSet('A-Za-z0-9_$. -');
const LONGEST_BEFORE: Chars = 32;

class KeyedShape {
  private readonly value: ValueRun;
  private readonly longest: Chars;
  private readonly accepts: ((value: string) => boolean) | null;
  private readonly acceptsName: ((name: string) => boolean) | null;

  constructor(spec: KeyedSpec) {
    this.value = new ValueRun(spec.chars, spec.value, spec.longest);
    this.longest = spec.longest;
    this.accepts = spec.accepts ?? null;
    this.acceptsName = spec.acceptsName ?? null;
  }

  /** A text that ends with the name is the name of a member: its value is judged behind it. */
  plausible(text: string, after: number): boolean {
    const start = valueStart(text, after);
    return start === text.length || this.matchFrom(text, start, true) !== null;
  }

  /** A value that is there is judged by its name: one that is to come may still change it. */
  matchNamed(text: string, at: number, after: number, final: boolean): Verdict {
    const verdict = this.match(text, after, final);
    if (verdict?.kind !== 'match') return verdict;
    if (isDigest(text, at, after, verdict.start)) return null;
    if (this.acceptsName === null) return verdict;
    let start = at;
    while (at - start < LONGEST_BEFORE && NAME_BEFORE.has(text.charCodeAt(start - 1))) start--;
    return this.acceptsName(text.slice(start, verdict.start)) ? verdict : null;
  }

  match(text: string, after: number, final: boolean): Verdict {
    return this.matchFrom(text, valueStart(text, after), final);
  }

  private matchFrom(text: string, start: number, final: boolean): Verdict {
    if (start === NO_VALUE) return null;
    return this.valueAt(text, start, final) ?? this.laterValue(text, start, final);
  }

  private laterValue(text: string, from: number, final: boolean): Verdict {
    const start = laterValueStart(text, from);
    return start === NO_VALUE ? null : this.valueAt(text, start, final);
  }

  private valueAt(text: string, start: number, final: boolean): Verdict {
    const limit = start + this.longest + 1;
    const runEnd = this.value.charsEnd(text, start, limit);
    if (runEnd === text.length && !final && runEnd < limit)
      return pending(start, runEnd > start ? this.value.chars : null, limit);
    const end = this.value.end(text, start, runEnd);
    if (end < 0 || ALNUM.has(text.charCodeAt(end))) return null;
    const value = text.slice(start, end);
    return isStandIn(value) || this.accepts?.(value) === false ? null : match(start, end);
  }
}

/** `vendor_sha256: …`, `md5(vendor.js) = …` */
function isDigest(text: string, at: number, after: number, start: number): boolean {
  if (start - after < SHORTEST_DIGEST_NAME) return false;
  const between = text.slice(after, start);
  if (DIGEST.test(between)) return true;
  return between.includes(')') && DIGEST_CALL.test(text.slice(Math.max(0, at - LONGEST_BEFORE), at));
}
