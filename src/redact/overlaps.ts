import { changesText } from './live-rules.ts';
import type { LiveRule } from './live-rules.ts';

/** A match with its rule; absolute offsets. */
export interface Span {
  readonly rule: LiveRule;
  start: number;
  end: number;
  /** What a placeholder stands for; of a span that is restored. */
  readonly restored?: string;
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
  for (const span of [...spans].sort(byPrecedence)) standing.push(...remainders(span, standing));
  return standing.sort((a, b) => a.start - b.start);
}

function remainders(span: Span, standing: readonly Span[]): Span[] {
  let pieces: Span[] = [span];
  for (const winner of standing) pieces = pieces.flatMap((piece) => without(piece, winner));
  const isWhole = pieces.length === 1 && pieces[0] === span;
  const { category } = span.rule.detector;
  return isWhole || category === 'secrets' || category === 'custom' ? pieces : [];
}

function without(piece: Span, winner: Span): Span[] {
  if (winner.end <= piece.start || winner.start >= piece.end) return [piece];
  const { rule } = piece;
  const left = { rule, start: piece.start, end: winner.start };
  const right = { rule, start: winner.end, end: piece.end };
  return [left, right].filter(({ start, end }) => start < end);
}
