import type { JsonValue } from '../../core/rollout.ts';
import type { Conversation, Tool, ToolChoice } from '../conversation.ts';
import type { Notes } from '../notes.ts';
import { nestedGrammar } from '../openai/custom-format.ts';
import type { JsonObject } from '../openai/fields.ts';

export function writeTools({ tools }: Conversation, notes: Notes): JsonValue[] {
  return tools.map((tool) => writeTool(tool, notes));
}

function writeTool(tool: Tool, notes: Notes): JsonValue {
  if (tool.kind === 'foreign') {
    if (tool.wire === 'chat') return tool.value;
    throw notes.refusalOf(tool.path, `remove the tool "${tool.type}"`);
  }
  const { name } = tool;
  const described = tool.description === null ? null : { description: tool.description };
  if (tool.kind === 'custom') {
    const custom = { name, ...described, ...(tool.format === null ? null : { format: nestedGrammar(tool.format) }) };
    return { type: 'custom', custom };
  }
  if (tool.cache !== null) notes.approximatePath('cache_control');
  const parameters = tool.parameters === null ? null : { parameters: tool.parameters };
  const strict = tool.strict === null ? null : { strict: tool.strict };
  return { type: 'function', function: { name, ...described, ...parameters, ...strict } };
}

export function writeToolChoice(choice: ToolChoice, tools: readonly Tool[]): JsonValue {
  if (choice.kind === 'tool') return named(choice.name, tools);
  if (choice.kind !== 'allowed') return choice.kind;
  const { mode, names } = choice;
  return { type: 'allowed_tools', allowed_tools: { mode, tools: names.map((name) => named(name, tools)) } };
}

function named(name: string, tools: readonly Tool[]): JsonObject {
  const isCustom = tools.some((tool) => tool.kind === 'custom' && tool.name === name);
  return isCustom ? { type: 'custom', custom: { name } } : { type: 'function', function: { name } };
}
