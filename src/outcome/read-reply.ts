import type { Operation } from '../core/operation.ts';
import { asFields, objectsIn, textIn, type Fields } from './fields.ts';
import type { ReplyContent } from './reply-content.ts';

/** Takes what a buffered reply said, in the form of its endpoint. @throws RangeError where it nests too deeply */
export function readReply(operation: Operation, reply: unknown, content: ReplyContent): void {
  const fields = asFields(reply);
  if (fields === null) return;
  if (operation === 'messages') readMessage(fields, content);
  else if (operation === 'responses') readResponse(fields, content);
  else readChoices(fields, content);
}

/** Chat completions and the older completions, whole (`message`) or an event of a stream (`delta`). */
export function readChoices(reply: Fields, content: ReplyContent): void {
  for (const [place, choice] of objectsIn(reply['choices']).entries()) {
    const index = numberOr(choice['index'], place);
    content.choice(index);
    if (choice['finish_reason'] === 'content_filter') content.refuse(index);
    content.addText(index, textIn(choice, 'text'));
    const message = asFields(choice['message'] ?? choice['delta']);
    if (message !== null) readChatMessage(message, index, content);
  }
}

function readChatMessage(message: Fields, choice: number, content: ReplyContent): void {
  content.addText(choice, textIn(message, 'content'));
  for (const part of objectsIn(message['content'])) content.addText(choice, textIn(part, 'text'));
  if (textIn(message, 'refusal') !== '') content.addRefusal(choice, textIn(message, 'refusal'));
  for (const [place, call] of objectsIn(message['tool_calls']).entries())
    readFunction(asFields(call['function']), choice, numberOr(call['index'], place), content);
  readFunction(asFields(message['function_call']), choice, 0, content);
}

function readFunction(call: Fields | null, choice: number, index: number, content: ReplyContent): void {
  if (call !== null) content.addCall(choice, index, textIn(call, 'name'), argumentText(call['arguments']));
}

/** Some servers give the arguments as JSON instead of as its text. */
function argumentText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

function readResponse(response: Fields, content: ReplyContent): void {
  content.choice(0);
  for (const [index, item] of objectsIn(response['output']).entries()) readItem(item, index, content);
  readIncomplete(response, content);
}

/** One item of a response's output: tools that the provider runs itself are none of ours. */
export function readItem(item: Fields, index: number, content: ReplyContent): void {
  if (item['type'] === 'function_call')
    content.addCall(0, index, textIn(item, 'name'), argumentText(item['arguments']));
  for (const part of objectsIn(item['content'])) {
    if (part['type'] === 'output_text') content.addText(0, textIn(part, 'text'));
    if (part['type'] === 'refusal') content.addRefusal(0, textIn(part, 'refusal'));
  }
}

export function readIncomplete(response: Fields, content: ReplyContent): void {
  if (asFields(response['incomplete_details'])?.['reason'] === 'content_filter') content.refuse(0);
}

function readMessage(message: Fields, content: ReplyContent): void {
  content.choice(0);
  for (const [index, block] of objectsIn(message['content']).entries()) {
    if (block['type'] === 'text') content.addText(0, textIn(block, 'text'));
    if (block['type'] === 'tool_use') content.addCall(0, index, textIn(block, 'name'), argumentText(block['input']));
  }
}

export function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
