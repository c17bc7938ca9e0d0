import type { JsonValue } from '../../core/rollout.ts';
import { Fields, isObject, type JsonObject } from '../openai/fields.ts';

/** Of a reply's message. `openai-agents` sends them back inside the text part, beside those that the message has itself. */
const MEMBERS = [
  'role',
  'refusal',
  'annotations',
  'audio',
  'function_call',
  'tool_calls',
  'reasoning_content',
  'reasoning',
  'thinking_blocks',
] as const;

/** The message with the members that stand in its parts, where it has none of that name; the parts without them. */
export function withoutRepeats(message: Fields): Fields {
  const { content } = message.value;
  if (!Array.isArray(content) || !content.some(hasMembers)) return message;
  const value: { [name: string]: JsonValue } = { ...message.value };
  value['content'] = content.map((part: JsonValue) => {
    if (!hasMembers(part)) return part;
    const own: { [name: string]: JsonValue } = { ...part };
    for (const name of MEMBERS) {
      value[name] ??= own[name] ?? null;
      delete own[name];
    }
    return own;
  });
  return Fields.of(value, message.path);
}

function hasMembers(part: JsonValue): part is JsonObject {
  return isObject(part) && part['type'] === 'text' && MEMBERS.some((name) => name in part);
}
