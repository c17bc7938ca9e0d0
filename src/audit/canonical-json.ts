import type { JsonValue } from '../core/rollout.ts';

/**
 * The one text of a JSON value: members in the order of their names' UTF-16 units, no white space, numbers and strings as
 * ECMAScript writes them. @source RFC 8785
 * @throws TypeError where the value is not I-JSON: a number that is not finite, half of a surrogate pair, anything else
 */
export function canonicalJson(value: JsonValue): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return canonicalString(value);
  if (typeof value === 'number') return canonicalNumber(value);
  if (typeof value !== 'object') throw new TypeError(`A ${typeof value} is no JSON value.`);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value as { readonly [name: string]: JsonValue });
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${canonicalString(name)}:${canonicalJson(member)}`).join(',')}}`;
}

function canonicalString(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('A string holds half of a surrogate pair.');
  return JSON.stringify(text);
}

function canonicalNumber(number: number): string {
  if (!Number.isFinite(number)) throw new TypeError(`${number} is no JSON number.`);
  return JSON.stringify(number);
}
