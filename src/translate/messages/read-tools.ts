import type { JsonValue } from '../../core/rollout.ts';
import type { Conversation, Tool, ToolChoice } from '../conversation.ts';
import { malformed } from '../notes.ts';
import { Fields, type Rest } from '../openai/fields.ts';
import { readCache } from './read-block.ts';

const FUNCTION: ReadonlySet<string> = new Set([
  'type',
  'name',
  'description',
  'input_schema',
  'strict',
  'cache_control',
]);
const CHOICE: ReadonlySet<string> = new Set(['type', 'name', 'disable_parallel_tool_use']);
/** Members that say what holds without them. */
const DEFAULTS: Readonly<Record<string, string>> = {
  defer_loading: 'false',
  eager_input_streaming: 'false',
  allowed_callers: '["direct"]',
  input_examples: '[]',
};

export function readTools(request: Fields, rest: Rest): Tool[] {
  return (request.list('tools') ?? []).map((value, index) => readTool(Fields.of(value, `tools[${index}]`), rest));
}

/** Tools with a type of their own are Anthropic's. */
function readTool(tool: Fields, rest: Rest): Tool {
  const type = tool.string('type') ?? 'custom';
  if (type !== 'custom') return { kind: 'foreign', wire: 'messages', type, path: tool.path, value: tool.value };
  keepRest(tool, rest);
  return {
    kind: 'function',
    name: tool.text('name'),
    description: tool.string('description'),
    parameters: tool.object('input_schema')?.value ?? null,
    strict: tool.boolean('strict'),
    cache: readCache(tool, rest),
  };
}

function keepRest(tool: Fields, rest: Rest): void {
  for (const [name, value] of Object.entries(tool.value)) {
    if (value === null || FUNCTION.has(name) || isDefault(name, value)) continue;
    rest.set(tool.at(name), value);
  }
}

function isDefault(name: string, value: JsonValue): boolean {
  return Object.hasOwn(DEFAULTS, name) && DEFAULTS[name] === JSON.stringify(value);
}

export function readToolChoice(request: Fields, rest: Rest): Pick<Conversation, 'toolChoice' | 'parallelTools'> {
  const choice = request.object('tool_choice');
  if (choice === null) return { toolChoice: null, parallelTools: null };
  choice.keepRest(CHOICE, rest);
  const disabled = choice.boolean('disable_parallel_tool_use');
  return { toolChoice: toolChoice(choice), parallelTools: disabled === null ? null : !disabled };
}

function toolChoice(choice: Fields): ToolChoice {
  const type = choice.text('type');
  if (type === 'auto' || type === 'none') return { kind: type };
  if (type === 'any') return { kind: 'required' };
  if (type === 'tool') return { kind: 'tool', name: choice.text('name') };
  throw malformed(choice.at('type'), 'must be one of auto, any, tool, none');
}
