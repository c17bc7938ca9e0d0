import type { JsonValue } from '../../core/rollout.ts';
import type { Tool, ToolChoice } from '../conversation.ts';
import { malformed } from '../notes.ts';
import { Fields, isObject, objectOf, stringOrNull, type Rest } from '../openai/fields.ts';
import { readCacheMark, readSchema } from '../openai/members.ts';

const KNOWN_OF_FUNCTION: ReadonlySet<string> = new Set([
  'type',
  'name',
  'description',
  'parameters',
  'strict',
  'cache_control',
]);
const KNOWN_OF_CUSTOM: ReadonlySet<string> = new Set(['type', 'name', 'description', 'format']);

export function readTools(values: readonly JsonValue[], rest: Rest): Tool[] {
  return values.map((value, index) => readTool(Fields.of(value, `tools[${index}]`), rest));
}

function readTool(tool: Fields, rest: Rest): Tool {
  const type = tool.text('type');
  if (type === 'custom') {
    tool.keepRest(KNOWN_OF_CUSTOM, rest);
    return {
      kind: 'custom',
      name: tool.text('name'),
      description: tool.string('description'),
      format: tool.get('format'),
    };
  }
  if (type !== 'function') return { kind: 'foreign', wire: 'responses', type, path: tool.path, value: tool.value };
  tool.keepRest(KNOWN_OF_FUNCTION, rest);
  if (rest.get(tool.at('defer_loading')) === false) rest.delete(tool.at('defer_loading'));
  return {
    kind: 'function',
    name: tool.text('name'),
    description: tool.string('description'),
    parameters: readSchema(tool, 'parameters'),
    strict: tool.boolean('strict'),
    cache: readCacheMark(tool),
  };
}

/** Null where it names a tool of the vendor's own: it then stands in `rest`. */
export function readToolChoice(request: Fields, rest: Rest): ToolChoice | null {
  const value = request.get('tool_choice');
  if (value === null) return null;
  if (value === 'auto' || value === 'none' || value === 'required') return { kind: value };
  if (!isObject(value)) throw malformed('tool_choice', 'must be none, auto, required, or an object that names a tool');
  const choice = Fields.of(value, 'tool_choice');
  const type = choice.text('type');
  if (type === 'function' || type === 'custom') return { kind: 'tool', name: choice.text('name') };
  const allowed = type === 'allowed_tools' ? readAllowed(choice) : null;
  if (allowed === null) rest.set('tool_choice', value);
  return allowed;
}

function readAllowed(choice: Fields): ToolChoice | null {
  const mode = choice.text('mode');
  if (mode !== 'auto' && mode !== 'required') throw malformed(choice.at('mode'), 'must be auto or required');
  const names = (choice.list('tools') ?? []).map((tool) => {
    const { type, name } = objectOf(tool);
    return type === 'function' || type === 'custom' ? stringOrNull(name) : null;
  });
  return names.every((name) => name !== null) ? { kind: 'allowed', mode, names } : null;
}
