import type { JsonValue } from '../../core/rollout.ts';
import type {
  Conversation,
  Message,
  Part,
  TextPart,
  ThinkingPart,
  ToolCallPart,
  ToolResultPart,
} from '../conversation.ts';
import type { Notes } from '../notes.ts';
import type { JsonObject } from '../openai/fields.ts';
import { writeInputContent, writeOutputText } from './write-content.ts';

export function writeItems({ system, messages }: Conversation, notes: Notes): JsonValue[] {
  const items: JsonValue[] = system.map(({ role, text, cache }) => {
    if (cache !== null) notes.approximatePath('cache_control');
    return { role, content: text };
  });
  for (const message of messages) {
    if (message.name !== null) notes.approximatePath(`${message.path}.name`);
    if (message.role === 'assistant') items.push(...writeAssistant(message, notes));
    else items.push(...writeSaid(message, notes));
  }
  return items;
}

/** Results come first: their calls stand right before them. */
function writeSaid(message: Message, notes: Notes): JsonValue[] {
  const { path, role, parts } = message;
  const results = parts.filter((part): part is ToolResultPart => part.kind === 'tool_result');
  const items = parts.filter(isItem).map((part) => (part as { readonly value: JsonValue }).value);
  const others = parts.filter((part) => part.kind !== 'tool_result' && !isItem(part));
  const said =
    others.length === 0 && parts.length > 0 ? [] : [{ role, content: writeInputContent(others, path, notes) }];
  return [...results.map((result) => writeResult(result, path, notes)), ...items, ...said];
}

/** Some foreign parts are parts of a message, others items of their own. */
function isItem(part: Part): boolean {
  return part.kind === 'foreign' && part.wire === 'responses' && !part.type.startsWith('input_');
}

function writeResult(
  { callId, content, isError, isCustom, cache }: ToolResultPart,
  path: string,
  notes: Notes,
): JsonObject {
  if (isError === true) notes.approximatePath(`${path} (is_error)`);
  if (cache !== null) notes.approximatePath('cache_control');
  const type = isCustom ? 'custom_tool_call_output' : 'function_call_output';
  return { type, call_id: callId, output: writeInputContent(content, path, notes) };
}

function writeAssistant({ path, parts }: Message, notes: Notes): JsonValue[] {
  const items: JsonValue[] = [];
  let said: JsonObject[] = [];
  const endSaid = (): void => {
    if (said.length > 0) items.push({ type: 'message', role: 'assistant', content: said });
    said = [];
  };
  for (const part of parts) {
    if (part.kind === 'text') said.push(writeText(part, path, notes));
    else if (part.kind === 'refusal') said.push({ type: 'refusal', refusal: part.text });
    else {
      endSaid();
      items.push(...writeOther(part, path, notes));
    }
  }
  endSaid();
  return items;
}

function writeText({ text, citations, cache }: TextPart, path: string, notes: Notes): JsonObject {
  if (cache !== null) notes.approximatePath('cache_control');
  const written = writeOutputText(text, citations);
  const isWhole = citations.every(({ wire }) => wire === 'responses' || wire === 'chat');
  if (!isWhole) notes.approximatePath(`${path} (citations)`);
  return written;
}

function writeOther(part: Part, path: string, notes: Notes): JsonValue[] {
  switch (part.kind) {
    case 'thinking':
      return writeThinking(part, path, notes);
    case 'hidden_thinking':
      if (part.data.wire === 'responses')
        return [{ type: 'reasoning', summary: [], encrypted_content: part.data.value }];
      notes.approximatePath(`${path} (thinking)`);
      return [];
    case 'tool_call':
      return [writeCall(part, notes)];
    case 'foreign':
      if (part.wire === 'responses') return [part.value];
      throw notes.refusalOf(path, `remove its part "${part.type}"`);
    default:
      throw notes.refusalOf(path, `remove its part "${part.kind}"`);
  }
}

function writeThinking({ text, signature, id }: ThinkingPart, path: string, notes: Notes): JsonValue[] {
  if (signature?.wire !== 'responses') {
    notes.approximatePath(`${path} (thinking)`);
    return [];
  }
  const summary = text === '' ? [] : [{ type: 'summary_text', text }];
  return [{ type: 'reasoning', ...(id === null ? null : { id }), summary, encrypted_content: signature.value }];
}

function writeCall({ id, name, arguments: text, isCustom, cache }: ToolCallPart, notes: Notes): JsonObject {
  if (cache !== null) notes.approximatePath('cache_control');
  if (isCustom) return { type: 'custom_tool_call', call_id: id, name, input: text };
  return { type: 'function_call', call_id: id, name, arguments: text };
}
