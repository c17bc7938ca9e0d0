export type Fields = Readonly<Record<string, unknown>>;

/** Null for all that is no JSON object. */
export function asFields(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

export function textIn(fields: Fields | null, name: string): string {
  const value = fields?.[name];
  return typeof value === 'string' ? value : '';
}

/** The objects of a list; empty for what is no list. */
export function objectsIn(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter((item): item is Fields => asFields(item) !== null) : NONE;
}

const NONE: readonly Fields[] = [];

/** Undefined for what is no JSON, which no JSON is. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
