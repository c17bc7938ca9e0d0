import type { ExternalSpan } from '../core/external-detector.ts';

/**
 * Spans of one entity that overlap become one, so that there are never more than the text has room for, whatever an
 * analyzer answers.
 */
export function joinSpans(spans: readonly ExternalSpan[]): ExternalSpan[] {
  const lasts = new Map<string, { entity: string; start: number; end: number; score: number }>();
  const joined: ExternalSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const last = lasts.get(span.entity);
    if (last !== undefined && span.start < last.end) {
      last.end = Math.max(last.end, span.end);
      last.score = Math.max(last.score, span.score);
    } else if (span.start < span.end) {
      const own = { ...span };
      lasts.set(span.entity, own);
      joined.push(own);
    }
  }
  return joined;
}
