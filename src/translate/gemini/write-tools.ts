import type { Conversation, FunctionTool, ToolChoice } from '../conversation.ts';
import type { Notes } from '../notes.ts';

interface WrittenTools {
  tools?: readonly unknown[];
  toolConfig?: unknown;
}

export function writeTools({ tools, toolChoice, parallelTools }: Conversation, notes: Notes): WrittenTools {
  const allowed = toolChoice?.kind === 'allowed' && toolChoice.mode === 'auto' ? new Set(toolChoice.names) : null;
  // The vendor can only restrict what must be called: a tool that may not be is not told of.
  if (allowed !== null) notes.approximate('toolChoice');
  const functions: unknown[] = [];
  const own: unknown[] = [];
  tools.forEach((tool, index) => {
    if (tool.kind === 'custom') throw notes.refusalOf(`tools[${index}]`, 'give it as a function');
    if (tool.kind === 'foreign') {
      if (tool.wire !== 'gemini') throw notes.refusalOf(tool.path);
      own.push(tool.value);
    } else if (allowed === null || allowed.has(tool.name)) functions.push(writeFunction(tool, notes));
  });
  if (functions.length > 0) own.push({ functionDeclarations: functions });
  if (own.length === 0) return {};
  if (parallelTools === false) notes.approximate('parallelTools');
  const config = writeChoice(toolChoice);
  return { tools: own, ...(config === null ? {} : { toolConfig: { functionCallingConfig: config } }) };
}

function writeFunction({ name, description, parameters, strict, cache }: FunctionTool, notes: Notes): unknown {
  if (strict === true) notes.approximatePath('tools (strict)');
  if (cache !== null) notes.approximatePath('cache_control');
  return {
    name,
    ...(description === null ? {} : { description }),
    ...(parameters === null ? {} : { parametersJsonSchema: parameters }),
  };
}

/** Null: the vendor's own, which is to let the model choose. */
function writeChoice(choice: ToolChoice | null): unknown {
  switch (choice?.kind) {
    case 'none':
      return { mode: 'NONE' };
    case 'required':
      return { mode: 'ANY' };
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [choice.name] };
    case 'allowed':
      return choice.mode === 'required' ? { mode: 'ANY', allowedFunctionNames: choice.names } : null;
    default:
      return null;
  }
}
