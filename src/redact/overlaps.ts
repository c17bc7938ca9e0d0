import { changesText } from './live-rules.ts';
import type { LiveRule } from './live-rules.ts';

/** A match with its rule; absolute offsets. */
export interface Span {
  readonly rule: LiveRule;
  start: number;
  end: number;
  /** What a placeholder stands for; of a span that is restored. */
  readonly restored?: string;
  /** It becomes a number of JSON text. */
  readonly isNumber?: boolean;
}

/** What changes the text stands over what is only reported, then the specific rule, then the longer match. */
function byPrecedence(a: Span, b: Span): number {
  return (
    Number(changesText(b.rule)) - Number(changesText(a.rule)) ||
    b.rule.detector.rank - a.rule.detector.rank ||
    b.end - b.start - (a.end - a.start) ||
    a.start - b.start ||
    (a.rule.detector.id < b.rule.detector.id ? -1 : 1)
  );
}

/**
 * The spans that stand among overlapping ones, in order. What a loser covers beyond the winners is redacted as well
 * where it is a secret: half a key is too much. The rest of an address or number is not one.
 */
export function resolveOverlaps(spans: readonly Span[]): Span[] {
  if (spans.length < 2) return [...spans];
  const standing: Span[] = [];
  for (const span of [...spans].sort(byPrecedence))
    for (const piece of remainders(span, standing)) standing.splice(firstBehind(standing, piece.start), 0, piece);
  return joined(standing, new Set(spans));
}

/** One secret of which several rules see parts gets one replacement: that of the winner, which knows it best. */
function joined(standing: readonly Span[], winners: ReadonlySet<Span>): Span[] {
  const result: Span[] = [];
  let hasWinner = false;
  for (const span of standing) {
    const last = result.at(-1);
    const isWinner = winners.has(span);
    if (last === undefined || (hasWinner && isWinner) || !canJoin(last, span)) {
      result.push(span);
      hasWinner = isWinner;
    } else {
      result[result.length - 1] = { rule: isWinner ? span.rule : last.rule, start: last.start, end: span.end };
      hasWinner ||= isWinner;
    }
  }
  return result;
}

/** Where one were blocked and the other masked, each would have its own consequence. */
function canJoin(left: Span, right: Span): boolean {
  const { action } = left.rule;
  return (
    left.end === right.start &&
    action === right.rule.action &&
    action !== 'report' &&
    action !== 'restore' &&
    isOfSecrets(left.rule) &&
    isOfSecrets(right.rule)
  );
}

function isOfSecrets({ detector }: LiveRule): boolean {
  return detector.category === 'secrets' || detector.category === 'custom';
}

/** @param standing in order, and none overlaps another: so many may be that looking at all for each would take long */
function remainders(span: Span, standing: readonly Span[]): Span[] {
  const { rule, end } = span;
  const first = firstBehind(standing, span.start);
  if ((standing[first]?.start ?? Infinity) >= end) return [span];
  if (!isOfSecrets(rule)) return [];
  const pieces: Span[] = [];
  let from = span.start;
  for (let i = first; i < standing.length && standing[i]!.start < end; i++) {
    if (from < standing[i]!.start) pieces.push({ rule, start: from, end: standing[i]!.start });
    from = standing[i]!.end;
  }
  if (from < end) pieces.push({ rule, start: from, end });
  return pieces;
}

/** The first that ends behind `offset`. */
function firstBehind(standing: readonly Span[], offset: number): number {
  let low = 0;
  let high = standing.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (standing[middle]!.end > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
