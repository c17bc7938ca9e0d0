import type { Chars } from '../../core/units.ts';
import { beginningOf, CharSet, isDigit, startsToken, WORD } from '../char-set.ts';
import { match, pending } from '../detector.ts';
import type { Detector, Verdict } from '../detector.ts';
import { VENDOR_RANK } from './token.ts';

/** A token that begins with an account number: the literal that gives it away stands in its middle. */
interface DigitPrefixedSpec {
  readonly id: string;
  readonly description: string;
  readonly source: string;
  readonly keywords: readonly string[];
  /** Least and most digits before the keyword. */
  readonly digits: readonly [Chars, Chars];
  readonly body: string;
  readonly longest: Chars;
  readonly examples: readonly string[];
  readonly nearMisses: readonly string[];
}

const TAIL = new CharSet('A-Za-z0-9_-');

export function digitPrefixedDetector(spec: DigitPrefixedSpec): Detector {
  const body = new RegExp(spec.body, 'y');
  const [least, most] = spec.digits;
  return {
    id: spec.id,
    category: 'secrets',
    description: spec.description,
    source: spec.source,
    keywords: spec.keywords,
    // A stream waits for the digits before it instead.
    begins: 'after',
    trigger: 'keyword',
    rank: VENDOR_RANK,
    redactsPartial: true,
    tailStart: (text) => tailStart(text, spec),
    plausible: () => true,
    match(text, at, after, final): Verdict {
      const start = digitsBefore(text, at, most + 1);
      if (at - start < least || at - start > most || !startsToken(text, start, WORD)) return null;
      const limit = after + spec.longest + 1;
      const runEnd = TAIL.runEnd(text, after, limit);
      if (runEnd === text.length && !final && runEnd < limit) return pending(start, TAIL, limit);
      body.lastIndex = after;
      return body.test(text) && !TAIL.has(text.charCodeAt(body.lastIndex)) ? match(start, body.lastIndex) : null;
    },
    canonical: (text) => text,
    examples: spec.examples.map((text) => ({ text })),
    nearMisses: spec.nearMisses,
  };
}

/** Digits that stand before what may be the beginning of a keyword, or of which more may come before it. */
function tailStart(text: string, { keywords, digits }: DigitPrefixedSpec): number {
  const { length } = text;
  const [least, most] = digits;
  let open = length;
  const start = digitsBefore(text, length, most + 1);
  if (length - start <= most && startsToken(text, start, WORD)) open = start;
  for (const keyword of keywords) {
    const at = beginningOf(keyword, text);
    const before = digitsBefore(text, at, most + 1);
    if (at < length && at - before >= least && at - before <= most) open = Math.min(open, before);
  }
  return open;
}

function digitsBefore(text: string, at: number, most: Chars): number {
  let start = at;
  while (at - start < most && isDigit(text.charCodeAt(start - 1))) start--;
  return start;
}
