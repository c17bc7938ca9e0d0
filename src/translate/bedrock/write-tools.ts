import type { Conversation, FunctionTool, Tool, ToolChoice } from '../conversation.ts';
import type { Notes } from '../notes.ts';
import type { BedrockBlock } from './write-media.ts';
import { cachePoint } from './write-messages.ts';

/** `toolConfig`; null: none. */
export function writeTools(conversation: Conversation, notes: Notes): unknown {
  const { toolChoice, parallelTools } = conversation;
  const called = namesOfCalls(conversation);
  const tools = allowedTools(conversation, notes);
  if (toolChoice?.kind === 'none' && tools.length > 0) {
    // The vendor cannot forbid what it is told of, and must be told of what was called.
    if (called.size > 0) throw notes.refusal('toolChoice', 'let the model choose');
    notes.approximate('toolChoice');
    return null;
  }
  const written = tools.flatMap((tool, index) => writeTool(tool, index, notes));
  if (written.length === 0) return called.size === 0 ? null : { tools: declared(called, notes) };
  if (parallelTools === false) notes.approximate('parallelTools');
  const choice = writeChoice(toolChoice, notes);
  return { tools: written, ...(choice === null ? {} : { toolChoice: choice }) };
}

function namesOfCalls({ messages }: Conversation): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { parts } of messages) for (const part of parts) if (part.kind === 'tool_call') names.add(part.name);
  return names;
}

/** Those that are only told of and may not be called are left out. */
function allowedTools({ tools, toolChoice }: Conversation, notes: Notes): readonly Tool[] {
  if (toolChoice?.kind !== 'allowed') return tools;
  notes.approximate('toolChoice');
  const names = new Set(toolChoice.names);
  return tools.filter((tool) => tool.kind === 'foreign' || names.has(tool.name));
}

function writeTool(tool: Tool, index: number, notes: Notes): readonly BedrockBlock[] {
  if (tool.kind === 'custom') throw notes.refusalOf(`tools[${index}]`, 'give it as a function');
  if (tool.kind === 'function') return [{ toolSpec: writeFunction(tool) }, ...cachePoint(tool.cache)];
  if (tool.wire !== 'bedrock') throw notes.refusalOf(tool.path);
  return [tool.value as BedrockBlock];
}

function writeFunction({ name, description, parameters, strict }: FunctionTool): unknown {
  return {
    name,
    ...(description === null || description === '' ? {} : { description }),
    inputSchema: { json: parameters ?? { type: 'object', properties: {} } },
    ...(strict === true ? { strict } : {}),
  };
}

/** The vendor refuses calls of tools that are not declared: clients leave them out once they need none. */
function declared(names: ReadonlySet<string>, notes: Notes): readonly BedrockBlock[] {
  notes.approximate('tools');
  return [...names].map((name) => ({ toolSpec: { name, inputSchema: { json: { type: 'object' } } } }));
}

/** Null: the vendor's own, which is to let the model choose. */
function writeChoice(choice: ToolChoice | null, notes: Notes): unknown {
  switch (choice?.kind) {
    case 'required':
      return { any: {} };
    case 'tool':
      return { tool: { name: choice.name } };
    case 'allowed':
      notes.approximate('toolChoice');
      return choice.mode === 'required' ? { any: {} } : null;
    default:
      return null;
  }
}
