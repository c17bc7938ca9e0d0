import { parseExactly } from '../../core/exact-json.ts';
import type { JsonValue } from '../../core/rollout.ts';

/** Undefined where it is no JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return parseExactly(text);
  } catch {
    return undefined;
  }
}
