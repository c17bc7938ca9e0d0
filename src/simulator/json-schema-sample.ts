import { isObject, listOf, stringOf, type JsonObject } from './json.ts';
import type { Random } from './random.ts';

const OPTIONAL_DEPTH = 3; // deeper, only what is required: recursive schemas must end
const MAX_DEPTH = 24; // a schema that requires itself has no finite value; null ends it
const MAX_HOPS = 6; // references and combinations followed for one value
const UNIQUE_ATTEMPTS = 20;
// What a request can ask for stays small, whatever its bounds say.
const MAX_ITEMS = 1000;
const MAX_CHARS = 100_000;

interface Sampling {
  readonly root: unknown;
  readonly random: Random;
  /** A string where the schema leaves it open. */
  readonly text: () => string;
}

/**
 * A value that the schema accepts. Knows types, enum, const, nested objects and arrays, anyOf, oneOf, allOf, local
 * $ref, formats and the numeric, length and size bounds; `pattern`, `not` and conditionals are left out of account.
 * @source JSON Schema 2020-12 (https://json-schema.org/draft/2020-12)
 */
export function sampleJson(schema: unknown, random: Random, text: () => string): unknown {
  return sample(schema, { root: schema, random, text }, 0);
}

function sample(schema: unknown, sampling: Sampling, depth: number): unknown {
  if (depth > MAX_DEPTH) return null;
  const shape = flatten(schema, sampling, depth, 0);
  if ('const' in shape) return shape['const'];
  const choices = listOf(shape['enum']);
  if (choices.length > 0) return sampling.random.pick(choices);
  switch (typeOf(shape, depth)) {
    case 'object':
      return sampleObject(shape, sampling, depth);
    case 'array':
      return sampleArray(shape, sampling, depth);
    case 'integer':
      return sampleNumber(shape, 1, sampling.random);
    case 'number':
      return sampleNumber(shape, 0.01, sampling.random);
    case 'boolean':
      return sampling.random.chance(0.5);
    case 'null':
      return null;
    default:
      return sampleString(shape, sampling);
  }
}

/** One plain schema in place of references, alternatives and conjunctions. */
function flatten(schema: unknown, sampling: Sampling, depth: number, hops: number): JsonObject {
  if (!isObject(schema)) return {};
  const { $ref, anyOf, oneOf, allOf, ...own } = schema;
  if (hops === MAX_HOPS) return own;
  const parts = [...listOf(allOf)];
  if (typeof $ref === 'string') parts.push(lookUp($ref, sampling.root));
  for (const branches of [listOf(anyOf), listOf(oneOf)]) {
    if (branches.length > 0) parts.push(chooseBranch(branches, sampling, depth));
  }
  return parts.reduce<JsonObject>((shape, part) => conjoin(shape, flatten(part, sampling, depth, hops + 1)), own);
}

/** Deep down, a branch without structure, so that a recursive alternative ends. */
function chooseBranch(branches: readonly unknown[], sampling: Sampling, depth: number): unknown {
  const flat = branches.filter((branch) => isObject(branch) && !('$ref' in branch) && !('properties' in branch));
  return sampling.random.pick(depth > OPTIONAL_DEPTH && flat.length > 0 ? flat : branches);
}

function conjoin(left: JsonObject, right: JsonObject): JsonObject {
  const properties = { ...asObject(left['properties']), ...asObject(right['properties']) };
  const required = [...listOf(left['required']), ...listOf(right['required'])];
  return { ...left, ...right, ...(Object.keys(properties).length > 0 ? { properties } : {}), required };
}

/** Follows a JSON pointer inside the schema (RFC 6901). */
function lookUp(reference: string, root: unknown): unknown {
  let found = root;
  for (const step of reference.split('/').slice(1)) {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    found = isObject(found) || Array.isArray(found) ? (found as JsonObject)[name] : undefined;
  }
  return found;
}

function typeOf(shape: JsonObject, depth: number): string {
  const types = Array.isArray(shape['type']) ? shape['type'].map(stringOf) : [stringOf(shape['type'])];
  if (depth > OPTIONAL_DEPTH && types.includes('null')) return 'null';
  const type = types.find((name) => name !== 'null') ?? types[0] ?? '';
  if (type !== '') return type;
  if ('properties' in shape) return 'object';
  return 'items' in shape ? 'array' : 'string';
}

function sampleObject(shape: JsonObject, sampling: Sampling, depth: number): JsonObject {
  const required = new Set(listOf(shape['required']));
  const fields = Object.entries(asObject(shape['properties']))
    .filter(([name]) => required.has(name) || depth < OPTIONAL_DEPTH)
    .map(([name, schema]) => [name, sample(schema, sampling, depth + 1)] as const);
  return Object.fromEntries(fields);
}

function sampleArray(shape: JsonObject, sampling: Sampling, depth: number): unknown[] {
  const prefix = listOf(shape['prefixItems']);
  const least = numberOr(shape['minItems'], 0);
  const most = Math.min(MAX_ITEMS, numberOr(shape['maxItems'], Math.max(least, prefix.length, 3)));
  const wanted = depth < OPTIONAL_DEPTH ? sampling.random.integer(Math.min(Math.max(least, 1), most), most) : least;
  const items: unknown[] = [];
  const seen = new Set<string>();
  for (let attempt = 0; items.length < wanted && attempt < wanted + UNIQUE_ATTEMPTS; attempt++) {
    const item = sample(prefix[items.length] ?? shape['items'], sampling, depth + 1);
    const key = JSON.stringify(item);
    if (shape['uniqueItems'] !== true || !seen.has(key)) items.push(item);
    seen.add(key);
  }
  return items;
}

/** A multiple of the step within the bounds, or their middle where no multiple fits. */
function sampleNumber(shape: JsonObject, ownStep: number, random: Random): number {
  const step = numberOr(shape['multipleOf'], ownStep);
  const over = numberOr(shape['exclusiveMinimum'], -Infinity);
  const under = numberOr(shape['exclusiveMaximum'], Infinity);
  const least = Math.max(numberOr(shape['minimum'], -Infinity), over);
  const most = Math.min(numberOr(shape['maximum'], Infinity), under);
  const low = least > -Infinity ? least : Math.min(0, most - 100);
  const high = most < Infinity ? most : low + 100;
  // Rounded, because 3 * 0.1 is not 0.3 in binary.
  const multiple = (index: number): number => Number((index * step).toPrecision(12));
  let first = Math.ceil(low / step);
  let last = Math.floor(high / step);
  if (multiple(first) <= over) first++;
  if (multiple(last) >= under) last--;
  return first <= last ? multiple(random.integer(first, last)) : (low + high) / 2;
}

function sampleString(shape: JsonObject, sampling: Sampling): string {
  const name = stringOf(shape['format']);
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  if (format) return format(sampling.random);
  const least = Math.min(MAX_CHARS, numberOr(shape['minLength'], 0));
  let text = sampling.text();
  while (text.length < least) text += text === '' ? 'x' : ` ${text}`;
  return text.slice(0, numberOr(shape['maxLength'], text.length));
}

/** Addresses are those set aside for documentation (RFC 2606, RFC 5737, RFC 3849). */
const FORMATS: Readonly<Record<string, (random: Random) => string>> = {
  date: (random) => day(random),
  time: (random) => `${twoDigits(random.integer(0, 23))}:${twoDigits(random.integer(0, 59))}:00Z`,
  'date-time': (random) => `${day(random)}T${twoDigits(random.integer(0, 23))}:00:00Z`,
  duration: (random) => `P${random.integer(1, 30)}D`,
  email: (random) => `reader${random.integer(1, 999)}@example.com`,
  hostname: (random) => `host${random.integer(1, 99)}.example.com`,
  ipv4: (random) => `192.0.2.${random.integer(1, 254)}`,
  ipv6: (random) => `2001:db8::${random.hex(4)}`,
  uri: (random) => `https://example.com/${random.hex(6)}`,
  uuid: (random) => `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-a${random.hex(3)}-${random.hex(12)}`,
};

function day(random: Random): string {
  return `${random.integer(2024, 2027)}-${twoDigits(random.integer(1, 12))}-${twoDigits(random.integer(1, 28))}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
