import { parseExactly } from '../core/exact-json.ts';
import type { JsonValue } from '../core/rollout.ts';

/** An object of a provider's reply, whose members are not checked yet. */
export type JsonObject = Readonly<Record<string, JsonValue>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const EMPTY_OBJECT: JsonObject = {};
const EMPTY_LIST: readonly JsonValue[] = [];

/** The value where it is an object, else an empty one: providers leave out what is empty. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : EMPTY_OBJECT;
}

export function listOf(value: unknown): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : EMPTY_LIST;
}

export function stringOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** @returns null where the text is not JSON */
export function parseJson(text: string): JsonValue | null {
  try {
    return parseExactly(text);
  } catch {
    return null;
  }
}
