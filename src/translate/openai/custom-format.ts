import type { JsonValue } from '../../core/rollout.ts';
import { isObject, objectOf } from './fields.ts';

/** A grammar stands one level deeper in the chat format; the neutral form is that of this one. */
export function flatGrammar(format: JsonValue): JsonValue {
  if (!isObject(format) || !isObject(format['grammar'])) return format;
  const { grammar, ...others } = format;
  return { ...others, ...objectOf(grammar) };
}

export function nestedGrammar(format: JsonValue): JsonValue {
  if (!isObject(format) || format['type'] !== 'grammar' || isObject(format['grammar'])) return format;
  const { type, ...grammar } = format;
  return { type: type ?? 'grammar', grammar };
}
