import type { ExternalSpan } from '../core/external-detector.ts';
import { CodePoints } from './code-points.ts';

/** As it came: places in code points. */
interface RawSpan {
  readonly entity_type: string;
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

/**
 * What an analyzer answered about a text. An answer with one wrong place in it is wrong as a whole: its places cannot be
 * trusted, and what they miss would pass.
 * @returns null where it is no answer to a question about this text
 */
export function readAnswer(json: string, text: string): ExternalSpan[] | null {
  const answer = parse(json);
  if (!Array.isArray(answer)) return null;
  const codePoints = new CodePoints(text);
  if (!answer.every((each: unknown): each is RawSpan => isSpan(each, codePoints.length))) return null;
  const units = codePoints.toUnits(answer.flatMap(({ start, end }) => [start, end]));
  return answer.map(({ entity_type: entity, start, end, score }) => {
    return { entity, start: units.get(start)!, end: units.get(end)!, score };
  });
}

function isSpan(value: unknown, length: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { entity_type: entity, start, end, score } = value as Partial<RawSpan>;
  if (typeof entity !== 'string' || typeof score !== 'number') return false;
  return isPlace(start, length) && isPlace(end, length) && start <= end;
}

function isPlace(value: unknown, length: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= length;
}

/** Undefined where the text is not JSON, which no JSON is. */
function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
