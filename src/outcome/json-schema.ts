/**
 * JSON Schema as providers take it for structured outputs and tools, interpreted: nothing is compiled and no regular
 * expression of a caller runs. What is not listed in `CHECKS` is an assertion nobody looks at, so it is neither held nor
 * broken: Kleene's three values keep `not` and `oneOf` right about it.
 * @source https://json-schema.org/draft/2020-12/json-schema-validation
 */
import { asFields, type Fields } from './fields.ts';

const BROKEN = 0;
const UNKNOWN = 1;
const HELD = 2;
type Verdict = typeof BROKEN | typeof UNKNOWN | typeof HELD;

const MAX_STEPS = 50_000;
const MAX_DEPTH = 100;
/** Of a list whose items are to differ. */
const MAX_UNIQUE = 1_000;

/** What must be known of the rest of the value, too, for the keyword to be decided. */
const UNREAD = [
  'pattern',
  'format',
  'patternProperties',
  'propertyNames',
  'if',
  'dependentSchemas',
  'dependentRequired',
  'unevaluatedProperties',
  'unevaluatedItems',
  '$dynamicRef',
];

/** Null: too large or too deep to tell. What nothing speaks against holds. */
export function holdsTo(schema: unknown, value: unknown): boolean | null {
  try {
    return new SchemaCheck(schema).check(schema, value, 0) !== BROKEN;
  } catch (error) {
    if (error === TOO_MUCH) return null;
    throw error;
  }
}

const TOO_MUCH = new Error('The schema or the value is too large to be checked.');

class SchemaCheck {
  private readonly root: unknown;
  private steps = 0;

  constructor(root: unknown) {
    this.root = root;
  }

  /** @throws TOO_MUCH */
  check(schema: unknown, value: unknown, depth: number): Verdict {
    this.step(depth);
    if (typeof schema === 'boolean') return schema ? HELD : BROKEN;
    const fields = asFields(schema);
    if (fields === null) return UNKNOWN;
    if (value === null && fields['nullable'] === true) return HELD;
    let verdict: Verdict = UNREAD.some((name) => fields[name] !== undefined) ? UNKNOWN : HELD;
    for (const part of CHECKS) {
      const next = part(this, fields, value, depth + 1);
      if (next === BROKEN) return BROKEN;
      if (next === UNKNOWN) verdict = UNKNOWN;
    }
    return verdict;
  }

  step(depth: number): void {
    if (++this.steps > MAX_STEPS || depth > MAX_DEPTH) throw TOO_MUCH;
  }

  /** A reference within the document; undefined where it leads nowhere. @source RFC 6901 */
  resolve(reference: string): unknown {
    if (reference !== '#' && !reference.startsWith('#/')) return undefined;
    let at = this.root;
    for (const part of reference.split('/').slice(1)) {
      const name = unescapePointer(part);
      at = Array.isArray(at) ? at[Number(name)] : own(asFields(at), name);
    }
    return at;
  }

  /** The same text for equal values, whatever the order of their names. */
  canonical(value: unknown, depth: number): string {
    this.step(depth);
    if (Array.isArray(value)) return `[${value.map((item) => this.canonical(item, depth + 1)).join()}]`;
    const fields = asFields(value);
    if (fields === null) return JSON.stringify(value);
    const names = Object.keys(fields).toSorted();
    return `{${names.map((name) => `${JSON.stringify(name)}:${this.canonical(fields[name], depth + 1)}`).join()}}`;
  }

  equal(a: unknown, b: unknown, depth: number): boolean {
    this.step(depth);
    if (a === b) return true;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
    if (Array.isArray(a) !== Array.isArray(b)) return false;
    const names = Object.keys(a);
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name) && this.equal((a as Fields)[name], (b as Fields)[name], depth + 1))
    );
  }
}

function unescapePointer(part: string): string {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return part;
  }
}

function own(fields: Fields | null, name: string): unknown {
  return fields !== null && Object.hasOwn(fields, name) ? fields[name] : undefined;
}

type Check = (run: SchemaCheck, schema: Fields, value: unknown, depth: number) => Verdict;

const verdictOf = (holds: boolean): Verdict => (holds ? HELD : BROKEN);

function all(verdicts: Iterable<Verdict>): Verdict {
  let least: Verdict = HELD;
  for (const verdict of verdicts) {
    if (verdict === BROKEN) return BROKEN;
    if (verdict < least) least = verdict;
  }
  return least;
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: (value) => asFields(value) !== null,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

const checkType: Check = (_run, { type }, value) => {
  if (type === undefined) return HELD;
  const names = Array.isArray(type) ? (type as unknown[]) : [type];
  if (names.some((name) => typeof name !== 'string' || !Object.hasOwn(TYPES, name))) return UNKNOWN;
  return verdictOf(names.some((name) => TYPES[name as string]!(value)));
};

const checkValues: Check = (run, schema, value, depth) => {
  const values = schema['enum'];
  if (Array.isArray(values) && !values.some((allowed) => run.equal(allowed, value, depth))) return BROKEN;
  if (Object.hasOwn(schema, 'const') && !run.equal(schema['const'], value, depth)) return BROKEN;
  return HELD;
};

const checkReference: Check = (run, { $ref }, value, depth) => {
  if (typeof $ref !== 'string') return HELD;
  const target = run.resolve($ref);
  return target === undefined ? UNKNOWN : run.check(target, value, depth);
};

const checkCombined: Check = (run, { allOf, anyOf, oneOf, not }, value, depth) => {
  const verdicts: Verdict[] = [];
  if (Array.isArray(allOf)) verdicts.push(all(allOf.map((schema) => run.check(schema, value, depth))));
  if (Array.isArray(anyOf)) {
    let best: Verdict = BROKEN;
    for (const schema of anyOf) {
      const verdict = run.check(schema, value, depth);
      if (verdict > best) best = verdict;
      if (best === HELD) break;
    }
    verdicts.push(best);
  }
  if (Array.isArray(oneOf)) verdicts.push(exactlyOne(oneOf.map((schema) => run.check(schema, value, depth))));
  if (not !== undefined) verdicts.push((HELD - run.check(not, value, depth)) as Verdict);
  return all(verdicts);
};

function exactlyOne(verdicts: readonly Verdict[]): Verdict {
  const held = verdicts.filter((verdict) => verdict === HELD).length;
  const isOpen = verdicts.includes(UNKNOWN);
  if (held > 1 || (held === 0 && !isOpen)) return BROKEN;
  return isOpen ? UNKNOWN : HELD;
}

const checkObject: Check = (run, schema, value, depth) => {
  const object = asFields(value);
  if (object === null) return HELD;
  const { required, minProperties, maxProperties } = schema;
  if (Array.isArray(required) && required.some((name) => typeof name === 'string' && !Object.hasOwn(object, name)))
    return BROKEN;
  const names = Object.keys(object);
  if (!isWithin(names.length, minProperties, maxProperties)) return BROKEN;
  return all(members(run, schema, object, names, depth));
};

function* members(
  run: SchemaCheck,
  schema: Fields,
  object: Fields,
  names: readonly string[],
  depth: number,
): Generator<Verdict> {
  const { additionalProperties: others } = schema;
  const properties = asFields(schema['properties']);
  for (const name of names) {
    const known = own(properties, name);
    if (known !== undefined) yield run.check(known, object[name], depth);
    // A name that one of the unread patterns allows is not one of the others.
    else if (others !== undefined)
      yield schema['patternProperties'] === undefined ? run.check(others, object[name], depth) : UNKNOWN;
  }
}

const checkArray: Check = (run, schema, value, depth) => {
  if (!Array.isArray(value)) return HELD;
  if (!isWithin(value.length, schema['minItems'], schema['maxItems'])) return BROKEN;
  const { items, prefixItems } = schema;
  // Before 2020-12 a list under `items` was what `prefixItems` is now.
  const first = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : NOTHING;
  const rest = Array.isArray(items) ? schema['additionalItems'] : items;
  return all(verdictsOfList(run, schema, value, first, rest, depth));
};

function* verdictsOfList(
  run: SchemaCheck,
  schema: Fields,
  values: readonly unknown[],
  first: readonly unknown[],
  rest: unknown,
  depth: number,
): Generator<Verdict> {
  yield* elements(run, values, first, rest, depth);
  if (schema['uniqueItems'] === true) yield areUnique(run, values, depth);
  if (schema['contains'] !== undefined) yield howManyHold(run, schema, values, depth);
}

function areUnique(run: SchemaCheck, values: readonly unknown[], depth: number): Verdict {
  if (values.length > MAX_UNIQUE) return UNKNOWN;
  return verdictOf(new Set(values.map((value) => run.canonical(value, depth))).size === values.length);
}

/** One at least, where the schema of `contains` does not say how many. */
function howManyHold(run: SchemaCheck, schema: Fields, values: readonly unknown[], depth: number): Verdict {
  const { contains, minContains: least = 1, maxContains: most } = schema;
  const verdicts = values.map((value) => run.check(contains, value, depth));
  const held = verdicts.filter((verdict) => verdict === HELD).length;
  const possible = verdicts.filter((verdict) => verdict !== BROKEN).length;
  if (!isWithin(possible, least, undefined) || !isWithin(held, undefined, most)) return BROKEN;
  return isWithin(held, least, undefined) && isWithin(possible, undefined, most) ? HELD : UNKNOWN;
}

const NOTHING: readonly unknown[] = [];

function* elements(
  run: SchemaCheck,
  values: readonly unknown[],
  first: readonly unknown[],
  rest: unknown,
  depth: number,
): Generator<Verdict> {
  for (const [index, value] of values.entries()) {
    const schema = index < first.length ? first[index] : rest;
    if (schema !== undefined) yield run.check(schema, value, depth);
  }
}

const checkNumber: Check = (_run, schema, value) => {
  if (typeof value !== 'number') return HELD;
  const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below, multipleOf } = schema;
  if (!isWithin(value, minimum, maximum)) return BROKEN;
  if (typeof multipleOf === 'number' && multipleOf > 0 && !isMultiple(value, multipleOf)) return BROKEN;
  // As numbers, or as OpenAPI 3.0 has them: true beside the limit that they sharpen.
  const isTooLow = typeof above === 'number' ? value <= above : above === true && value === minimum;
  const isTooHigh = typeof below === 'number' ? value >= below : below === true && value === maximum;
  return verdictOf(!isTooLow && !isTooHigh);
};

/** In numbers of 64 bits 0.3 is no multiple of 0.1: what is written is one. */
function isMultiple(value: number, of: number): boolean {
  const times = value / of;
  return !Number.isFinite(times) || Math.abs(times - Math.round(times)) <= 1e-9 * Math.max(1, Math.abs(times));
}

const checkText: Check = (_run, { minLength, maxLength }, value) => {
  if (typeof value !== 'string' || (minLength === undefined && maxLength === undefined)) return HELD;
  return verdictOf(isWithin(codePoints(value), minLength, maxLength));
};

/** Each pair of surrogates is one character. */
function codePoints(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length - 1; at++) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) count--;
  }
  return count;
}

function isWithin(value: number, least: unknown, most: unknown): boolean {
  return !(typeof least === 'number' && value < least) && !(typeof most === 'number' && value > most);
}

/** Cheap ones first: they spare the rest. */
const CHECKS: readonly Check[] = [
  checkType,
  checkValues,
  checkNumber,
  checkText,
  checkObject,
  checkArray,
  checkReference,
  checkCombined,
];
