import type { JsonValue } from '../../core/rollout.ts';
import type { Conversation, FunctionTool, Tool, ToolChoice } from '../conversation.ts';
import type { Notes } from '../notes.ts';
import { isObject, objectOf, type JsonObject } from '../provider-json.ts';
import type { ModelFacts } from './models.ts';
import { strictSchema } from './strict-schema.ts';
import { withCache } from './write-block.ts';

interface WrittenTools {
  readonly tools: readonly JsonObject[];
  readonly choice: JsonObject | null;
  /** The model must call one. */
  readonly isForced: boolean;
}

/** @param called tools that the history has calls of: Anthropic wants those defined that were called */
export function writeTools(
  conversation: Conversation,
  called: ReadonlySet<string>,
  facts: ModelFacts,
  notes: Notes,
): WrittenTools {
  const { toolChoice } = conversation;
  const tools = allowed(conversation, notes).map((tool) => writeTool(tool, facts, notes));
  if (tools.length === 0) return withoutTools(called, notes);
  const isForced = toolChoice !== null && ('mode' in toolChoice ? toolChoice.mode : toolChoice.kind) === 'required';
  return {
    tools,
    choice: writeChoice(conversation, notes),
    isForced: isForced || toolChoice?.kind === 'tool',
  };
}

/** Tools that are not allowed in this call are left out of it. */
function allowed({ tools, toolChoice }: Conversation, notes: Notes): readonly Tool[] {
  if (toolChoice?.kind !== 'allowed') return tools;
  notes.approximate('toolChoice');
  return tools.filter((tool) => tool.kind === 'foreign' || toolChoice.names.includes(tool.name));
}

function withoutTools(called: ReadonlySet<string>, notes: Notes): WrittenTools {
  if (called.size === 0) return { tools: [], choice: null, isForced: false };
  notes.approximate('tools');
  const tools = [...called].map((name) => ({ name, input_schema: { type: 'object' } }));
  return { tools, choice: { type: 'none' }, isForced: false };
}

function writeTool(tool: Tool, facts: ModelFacts, notes: Notes): JsonObject {
  if (tool.kind === 'function') return writeFunction(tool, facts, notes);
  if (tool.kind === 'custom') throw notes.refusal('tools', `make a function of the custom tool "${tool.name}"`);
  if (tool.wire !== 'messages') throw notes.refusalOf(tool.path, `remove the tool of the type "${tool.type}"`);
  return objectOf(tool.value);
}

function writeFunction(tool: FunctionTool, { strictTools }: ModelFacts, notes: Notes): JsonObject {
  const { name, description, parameters, strict, cache } = tool;
  const schema = { ...objectOf(parameters), type: 'object' };
  const guaranteed = strict === true && strictTools ? strictSchema(schema) : null;
  if (strict === true && guaranteed?.isExact !== true) notes.approximate('tools');
  const written = {
    name,
    ...(description !== null && { description }),
    input_schema: guaranteed?.isExact === true ? guaranteed.schema : schema,
    ...(guaranteed?.isExact === true && { strict: true }),
  };
  return withCache(written, cache);
}

function writeChoice({ toolChoice, parallelTools }: Conversation, notes: Notes): JsonObject | null {
  const single = parallelTools === false ? { disable_parallel_tool_use: true } : null;
  if (toolChoice === null) return single === null ? null : { type: 'auto', ...single };
  if (toolChoice.kind === 'none') return { type: 'none' };
  return { ...chosen(toolChoice, notes), ...single };
}

function chosen(choice: ToolChoice, notes: Notes): JsonObject {
  switch (choice.kind) {
    case 'tool':
      return { type: 'tool', name: choice.name };
    case 'allowed':
      if (choice.names.length === 0) throw notes.refusal('toolChoice', 'allow at least one tool');
      return { type: choice.mode === 'required' ? 'any' : 'auto' };
    default:
      return { type: choice.kind === 'required' ? 'any' : 'auto' };
  }
}

/** For `output_config.format`. */
export function writeOutputSchema(schema: JsonValue, notes: Notes): JsonObject {
  const strict = strictSchema(schema);
  if (!strict.isExact || !isObject(schema)) notes.approximate('output');
  return { type: 'json_schema', schema: strict.schema };
}
