import type { JsonValue } from '../../core/rollout.ts';
import { isObject, stringOf, type JsonObject } from '../provider-json.ts';

/** What Anthropic's schemas of guaranteed output have; the rest is refused. @source https://platform.claude.com/docs/en/build-with-claude/structured-outputs */
const MAPS: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);
const LISTS: ReadonlySet<string> = new Set(['anyOf', 'allOf']);
const KEPT: ReadonlySet<string> = new Set([
  'type',
  'enum',
  'const',
  'default',
  'description',
  'title',
  'required',
  '$ref',
  'examples',
]);
/** They constrain nothing. */
const IDLE: ReadonlySet<string> = new Set(['$schema', '$id', '$comment', 'additionalProperties']);
const FORMATS: ReadonlySet<JsonValue> = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
]);

interface StrictSchema {
  readonly schema: JsonValue;
  /** False: some of what was asked for is told in descriptions only. */
  readonly isExact: boolean;
}

/** The nearest schema that can be guaranteed: constraints that cannot are told in the description of their value. */
export function strictSchema(schema: JsonValue): StrictSchema {
  const walk = new SchemaWalk();
  return { schema: walk.rewrite(schema), isExact: walk.isExact };
}

class SchemaWalk {
  isExact = true;

  rewrite(schema: JsonValue): JsonValue {
    if (!isObject(schema)) return schema;
    const strict: [string, JsonValue][] = [];
    const told: string[] = [];
    for (const [name, value] of Object.entries(schema)) {
      const kept = this.keyword(name, value);
      if (kept !== null) strict.push(kept);
      else if (!IDLE.has(name)) told.push(`${name}: ${JSON.stringify(value)}`);
    }
    if (schema['type'] === 'object' || isObject(schema['properties'])) this.close(schema, strict);
    return this.describe(Object.fromEntries(strict), told);
  }

  /** Null: it cannot be kept. */
  private keyword(name: string, value: JsonValue): [string, JsonValue] | null {
    if (KEPT.has(name)) return [name, value];
    if (MAPS.has(name) && isObject(value)) return [name, this.rewriteMap(value)];
    if (LISTS.has(name) && Array.isArray(value)) return [name, value.map((each: JsonValue) => this.rewrite(each))];
    if (name === 'items' && isObject(value)) return [name, this.rewrite(value)];
    if (name === 'format' && FORMATS.has(value)) return [name, value];
    if (name === 'minItems' && (value === 0 || value === 1)) return [name, value];
    if (name !== 'oneOf' || !Array.isArray(value)) return null;
    this.isExact = false;
    return ['anyOf', value.map((each: JsonValue) => this.rewrite(each))];
  }

  private rewriteMap(schemas: JsonObject): JsonObject {
    return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, this.rewrite(schema)]));
  }

  /** Objects hold what is listed and nothing else. */
  private close({ additionalProperties }: JsonObject, strict: [string, JsonValue][]): void {
    if (additionalProperties !== undefined && additionalProperties !== false) this.isExact = false;
    strict.push(['additionalProperties', false]);
  }

  private describe(strict: JsonObject, told: readonly string[]): JsonObject {
    if (told.length === 0) return strict;
    this.isExact = false;
    const own = stringOf(strict['description']);
    return { ...strict, description: `${own === null ? '' : `${own}\n\n`}{${told.join(', ')}}` };
  }
}
