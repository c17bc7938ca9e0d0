import type { JsonValue } from '../../core/rollout.ts';
import type { ReplyContext } from '../format.ts';
import type { JsonObject } from '../openai/fields.ts';

type ItemStatus = 'in_progress' | 'completed';

/** The same in a stream and in a whole reply. @param index of the item in the output */
export function itemId(prefix: string, { id }: ReplyContext, index: number): string {
  return `${prefix}_${id}_${index}`;
}

export function messageItem(id: string, content: readonly JsonValue[], status: ItemStatus): JsonObject {
  return { id, type: 'message', status, role: 'assistant', content };
}

/** @param call with the id that its result will name */
export function callItem(
  id: string,
  call: { readonly id: string; readonly name: string; readonly isCustom: boolean },
  text: string,
  status: ItemStatus,
): JsonObject {
  const { name, isCustom } = call;
  if (isCustom) return { id, type: 'custom_tool_call', status, call_id: call.id, name, input: text };
  return { id, type: 'function_call', status, call_id: call.id, name, arguments: text };
}
