import type { JsonValue } from '../../core/rollout.ts';
import type { Tool, ToolChoice } from '../conversation.ts';
import { malformed } from '../notes.ts';
import { flatGrammar } from '../openai/custom-format.ts';
import { Fields, isObject, objectOf, stringOrNull, type Rest } from '../openai/fields.ts';
import { readCacheMark, readSchema } from '../openai/members.ts';

const KNOWN: ReadonlySet<string> = new Set(['type', 'function', 'custom', 'cache_control']);
const KNOWN_OF_FUNCTION: ReadonlySet<string> = new Set([
  'name',
  'description',
  'parameters',
  'strict',
  'cache_control',
]);
const KNOWN_OF_CUSTOM: ReadonlySet<string> = new Set(['name', 'description', 'format']);
const MODES: ReadonlySet<JsonValue> = new Set(['auto', 'none', 'required']);

export function readTools(values: readonly JsonValue[], rest: Rest): Tool[] {
  return values.map((value, index) => readTool(Fields.of(value, `tools[${index}]`), rest));
}

function readTool(tool: Fields, rest: Rest): Tool {
  const type = tool.string('type') ?? 'function';
  if (type !== 'function' && type !== 'custom') {
    return { kind: 'foreign', wire: 'chat', type, path: tool.path, value: tool.value };
  }
  tool.keepRest(KNOWN, rest);
  const inner = Fields.of(tool.get(type), tool.at(type));
  inner.keepRest(type === 'custom' ? KNOWN_OF_CUSTOM : KNOWN_OF_FUNCTION, rest);
  const name = inner.text('name');
  const description = inner.string('description');
  if (type === 'custom') return { kind: 'custom', name, description, format: flatGrammar(inner.get('format')) };
  return {
    kind: 'function',
    name,
    description,
    parameters: readSchema(inner, 'parameters'),
    strict: inner.boolean('strict'),
    cache: readCacheMark(tool) ?? readCacheMark(inner),
  };
}

/** Null where it names what has no place: it then stands in `rest`. */
export function readToolChoice(request: Fields, rest: Rest): ToolChoice | null {
  const value = request.get('tool_choice');
  if (value === null) return null;
  if (isMode(value)) return { kind: value };
  if (!isObject(value)) throw malformed('tool_choice', 'must be none, auto, required, or an object that names a tool');
  const choice = Fields.of(value, 'tool_choice');
  const type = choice.text('type');
  if (type === 'function' || type === 'custom') {
    return { kind: 'tool', name: Fields.of(choice.get(type), choice.at(type)).text('name') };
  }
  const allowed = type === 'allowed_tools' ? readAllowed(Fields.of(choice.get(type), choice.at(type))) : null;
  if (allowed === null) rest.set('tool_choice', value);
  return allowed;
}

function isMode(value: JsonValue): value is 'auto' | 'none' | 'required' {
  return MODES.has(value);
}

function readAllowed(allowed: Fields): ToolChoice | null {
  const mode = allowed.text('mode');
  if (mode !== 'auto' && mode !== 'required') throw malformed(allowed.at('mode'), 'must be auto or required');
  const names = (allowed.list('tools') ?? []).map(nameOf);
  return names.every((name) => name !== null) ? { kind: 'allowed', mode, names } : null;
}

function nameOf(tool: JsonValue): string | null {
  const { type, name, function: called, custom } = objectOf(tool);
  if (type !== 'function' && type !== 'custom') return null;
  return stringOrNull(name) ?? stringOrNull(objectOf(called)['name']) ?? stringOrNull(objectOf(custom)['name']);
}
