import type { JsonValue } from '../../core/rollout.ts';
import type { CacheMark, OutputFormat, Reasoning } from '../conversation.ts';
import { malformed } from '../notes.ts';
import { isObject, stringOrNull, type Fields, type Rest } from './fields.ts';

/** Members that ask for what happens anyway count as absent. @param defaults by path, as JSON */
export function dropDefaults(rest: Rest, defaults: readonly (readonly [path: string, json: string])[]): void {
  for (const [path, json] of defaults) {
    const value = rest.get(path);
    if (value !== undefined && JSON.stringify(value) === json) rest.delete(path);
  }
}

/** Members of a part that speak of what is kept. */
export const CACHE_MEMBERS = ['cache_control', 'prompt_cache_breakpoint'] as const;

/** OpenAI's own mark, or Anthropic's, which clients of the chat format send through gateways. */
export function readCacheMark(part: Fields): CacheMark | null {
  const mark = part.object('cache_control') ?? part.object('prompt_cache_breakpoint');
  if (mark === null) return null;
  const ttl = mark.string('ttl');
  return { ttl: ttl === '30m' || ttl === '12h' ? '1h' : ttl };
}

/** Where name, description, schema and strictness stand is what the two formats differ in. */
export function readSchemaFormat(fields: Fields): OutputFormat {
  return {
    kind: 'schema',
    name: fields.text('name'),
    description: fields.string('description'),
    schema: readSchema(fields, 'schema') ?? {},
    strict: fields.boolean('strict'),
  };
}

export const SCHEMA_MEMBERS = ['name', 'description', 'schema', 'strict'] as const;

export function writeSchemaFormat(format: Extract<OutputFormat, { kind: 'schema' }>): { [name: string]: JsonValue } {
  const { name, description, schema, strict } = format;
  return {
    name: name ?? 'output',
    ...(description === null ? null : { description }),
    schema,
    ...(strict === null ? null : { strict }),
  };
}

export function readSchema(fields: Fields, name: string): JsonValue | null {
  const value = fields.get(name);
  if (value === null || isObject(value)) return value;
  throw malformed(fields.at(name), 'must be a JSON Schema object');
}

export function readEffort(effort: string | null, summary: string | null): Reasoning | null {
  if (effort === null && summary === null) return null;
  return { mode: effort === 'none' ? 'off' : 'on', effort, budgetTokens: null, summary };
}

const LOW_BUDGET = 4096;
const MEDIUM_BUDGET = 16_384;

/** `none` is only told to models whose client said it: others do not know the word. Null: nothing to tell. */
export function effortOf({ mode, effort, budgetTokens }: Reasoning): { effort: string | null; isExact: boolean } {
  if (effort !== null) return { effort, isExact: budgetTokens === null };
  if (mode === 'off') return { effort: null, isExact: false };
  if (budgetTokens === null) return { effort: null, isExact: true };
  if (budgetTokens < LOW_BUDGET) return { effort: 'low', isExact: false };
  return { effort: budgetTokens < MEDIUM_BUDGET ? 'medium' : 'high', isExact: false };
}

const SERVICE_TIERS: ReadonlySet<string | null> = new Set([
  'auto',
  'default',
  'flex',
  'scale',
  'priority',
  'fast',
  'ultrafast',
]);

export function isServiceTier(value: JsonValue): boolean {
  return SERVICE_TIERS.has(stringOrNull(value));
}
