import type { JsonValue } from '../../core/rollout.ts';
import { malformed } from '../notes.ts';

export type JsonObject = { readonly [name: string]: JsonValue };

/** What is left of a request, by path. */
export type Rest = Map<string, JsonValue>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object of a request and its place; null counts as absent. Every reader throws a 400 that names the member. */
export class Fields {
  /** Empty for the request itself. */
  readonly path: string;
  readonly value: JsonObject;

  private constructor(value: JsonObject, path: string) {
    this.value = value;
    this.path = path;
  }

  static of(value: unknown, path: string): Fields {
    if (isObject(value)) return new Fields(value, path);
    throw malformed(path === '' ? 'body' : path, 'must be an object');
  }

  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  get(name: string): JsonValue | null {
    return this.value[name] ?? null;
  }

  string(name: string): string | null {
    const value = this.get(name);
    if (value === null || typeof value === 'string') return value;
    throw malformed(this.at(name), 'must be a string');
  }

  text(name: string): string {
    const value = this.string(name);
    if (value === null) throw malformed(this.at(name), 'is missing; it must be a string');
    return value;
  }

  number(name: string): number | null {
    const value = this.get(name);
    if (value === null || typeof value === 'number') return value;
    throw malformed(this.at(name), 'must be a number');
  }

  count(name: string): number | null {
    const value = this.number(name);
    if (value === null || (Number.isSafeInteger(value) && value >= 0)) return value;
    throw malformed(this.at(name), 'must be a whole number of 0 or more');
  }

  integer(name: string): number | null {
    const value = this.number(name);
    if (value === null || Number.isInteger(value)) return value;
    throw malformed(this.at(name), 'must be a whole number');
  }

  boolean(name: string): boolean | null {
    const value = this.get(name);
    if (value === null || typeof value === 'boolean') return value;
    throw malformed(this.at(name), 'must be true or false');
  }

  list(name: string): readonly JsonValue[] | null {
    const value = this.get(name);
    if (value === null || Array.isArray(value)) return value;
    throw malformed(this.at(name), 'must be an array');
  }

  object(name: string): Fields | null {
    const value = this.get(name);
    return value === null ? null : Fields.of(value, this.at(name));
  }

  /** What nobody reads goes to `rest`. */
  keepRest(known: ReadonlySet<string>, rest: Rest): void {
    for (const name of Object.keys(this.value)) {
      const value = this.get(name);
      if (value !== null && !known.has(name)) rest.set(this.at(name), value);
    }
  }
}

export const stringOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
export const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);
/** Empty counts as absent. */
export const wordOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
export const listOf = (value: unknown): readonly JsonValue[] => (Array.isArray(value) ? value : []);
export const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : NO_MEMBERS);
const NO_MEMBERS: JsonObject = {};
