import type { JsonValue } from './rollout.ts';

const LONG = /\d{16}/;
const LONG_INTEGER = /^-?\d{16,}$/;

type Revive = (this: unknown, name: string, value: unknown, context: { readonly source?: string }) => unknown;

const { parse, rawJSON } = JSON as unknown as {
  parse(text: string, revive?: Revive): JsonValue;
  rawJSON(text: string): unknown;
};

/**
 * `JSON.parse`, but whole numbers that no number can hold (ids of 64 bits) are written again as they came, by `JSON.stringify`;
 * until then they are objects that nothing can be read of.
 * @throws SyntaxError
 */
export function parseExactly(text: string): JsonValue {
  return LONG.test(text) ? parse(text, keepLong) : parse(text);
}

const keepLong: Revive = (_name, value, { source }) =>
  typeof value === 'number' && source !== undefined && LONG_INTEGER.test(source) && String(value) !== source
    ? rawJSON(source)
    : value;
