import type { JsonValue } from '../../core/rollout.ts';
import type { FunctionTool, Tool, ToolChoice } from '../conversation.ts';
import type { JsonObject } from '../openai/fields.ts';

const NO_ARGUMENTS: JsonObject = { type: 'object', properties: {} };

/** Null where it is another vendor's own. Strictness is told in any case: this vendor's default is the other one. */
export function writeTool(tool: Tool): JsonValue | null {
  if (tool.kind === 'foreign') return tool.wire === 'responses' ? tool.value : null;
  const { name } = tool;
  const described = tool.description === null ? null : { description: tool.description };
  if (tool.kind === 'function') return { type: 'function', name, ...described, ...writeParameters(tool) };
  return { type: 'custom', name, ...described, ...(tool.format === null ? null : { format: tool.format }) };
}

function writeParameters({ parameters, strict }: FunctionTool): JsonObject {
  return { parameters: parameters ?? NO_ARGUMENTS, strict: strict ?? false };
}

export function writeToolChoice(choice: ToolChoice, tools: readonly Tool[]): JsonValue {
  if (choice.kind === 'tool') return named(choice.name, tools);
  if (choice.kind !== 'allowed') return choice.kind;
  return { type: 'allowed_tools', mode: choice.mode, tools: choice.names.map((name) => named(name, tools)) };
}

function named(name: string, tools: readonly Tool[]): JsonObject {
  const isCustom = tools.some((tool) => tool.kind === 'custom' && tool.name === name);
  return { type: isCustom ? 'custom' : 'function', name };
}
