import type { Chars } from '../../core/units.ts';
import { ALNUM, CharSet, EDGE } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Example, Verdict } from '../detector.ts';
import { VENDOR_RANK } from './token.ts';

/** A value without a prefix of its own, known by the name that it is assigned to. Only the value is found. */
interface KeyedSpec {
  readonly id: string;
  readonly description: string;
  readonly source: string;
  readonly names: readonly string[];
  readonly chars: string;
  /** Regular expression of the value, within `chars` and `longest`. */
  readonly value: string;
  readonly longest: Chars;
  readonly examples: readonly Example[];
  readonly nearMisses: readonly string[];
}

/** What may stand between a name and its value in code, env files, YAML, JSON (whose quotes are EDGE when decoded), XML. */
const GAP = new CharSet(' \t=:>"\'`\\,([');
const LONGEST_GAP: Chars = 24;
const ASSIGNS = new CharSet('=:>,(');

export function keyedDetector(spec: KeyedSpec): Detector {
  const chars = new CharSet(spec.chars);
  const value = new RegExp(spec.value, 'y');
  return {
    id: spec.id,
    category: 'secrets',
    description: spec.description,
    source: spec.source,
    keywords: spec.names,
    begins: 'after',
    trigger: 'keyword',
    rank: VENDOR_RANK,
    redactsPartial: false,
    tailStart: null,
    plausible: () => true,
    match(text, _at, after, final): Verdict {
      const start = gapEnd(text, after);
      if (start < 0) return null;
      const limit = start + spec.longest + 1;
      const runEnd = chars.runEnd(text, start, limit);
      if (runEnd === text.length && !final && runEnd < limit)
        return pending(start, runEnd > start ? chars : null, limit);
      value.lastIndex = start;
      if (!isAssigned(text, after, start) || !value.test(text)) return null;
      const end = value.lastIndex;
      return ALNUM.has(text.charCodeAt(end)) ? null : match(start, end);
    },
    canonical: (text) => text,
    examples: spec.examples,
    nearMisses: spec.nearMisses,
  };
}

/** Where the value starts; -1 where the gap is too wide. */
function gapEnd(text: string, after: number): number {
  let at = after;
  while (at < text.length && (GAP.has(text.charCodeAt(at)) || text[at] === EDGE)) {
    if (++at - after > LONGEST_GAP) return -1;
  }
  return at;
}

function isAssigned(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (ASSIGNS.has(text.charCodeAt(at))) return true;
  return false;
}
