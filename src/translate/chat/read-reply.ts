import type { JsonValue } from '../../core/rollout.ts';
import type { Choice, Completion } from '../completion.ts';
import type { Part, ToolCallPart } from '../conversation.ts';
import { readUrlCitation } from '../openai/citations.ts';
import {
  isObject,
  listOf,
  numberOrNull,
  objectOf,
  stringOrNull,
  wordOrNull,
  type JsonObject,
} from '../openai/fields.ts';
import { finishOf, readFinish } from './finish.ts';
import { THOUGHT_MEMBERS } from './thought-member.ts';
import { readUsage } from './usage.ts';

/** @throws Error where it is none of this format */
export function readReply(body: unknown): Completion {
  if (!isObject(body) || !Array.isArray(body['choices'])) throw new Error('The reply has no "choices".');
  return {
    id: wordOrNull(body['id']),
    model: wordOrNull(body['model']),
    createdAt: numberOrNull(body['created']),
    choices: body['choices'].map((choice) => readChoice(objectOf(choice))),
    usage: readUsage(body),
    serviceTier: wordOrNull(body['service_tier']),
  };
}

function readChoice(choice: JsonObject): Choice {
  const message = objectOf(choice['message']);
  const parts = [...readThoughts(message), ...readSaid(message)];
  const refusal = wordOrNull(message['refusal']);
  if (refusal !== null) parts.push({ kind: 'refusal', text: refusal });
  for (const call of listOf(message['tool_calls'])) parts.push(readCall(objectOf(call)));
  if (isObject(message['function_call'])) parts.push(readCall({ function: message['function_call'] }));
  const hasCalls = parts.some(({ kind }) => kind === 'tool_call');
  const logprobs = isObject(choice['logprobs']) ? choice['logprobs'] : null;
  return { parts, finish: readFinish(choice, hasCalls) ?? finishOf('stop', hasCalls, null), logprobs };
}

function readThoughts(message: JsonObject): Part[] {
  for (const member of THOUGHT_MEMBERS) {
    const text = wordOrNull(message[member]);
    if (text !== null) return [{ kind: 'thinking', text, signature: { wire: 'chat', value: member }, id: null }];
  }
  return [];
}

/** Content is a text; Mistral's may be a list with thoughts in it. */
function readSaid(message: JsonObject): Part[] {
  const { content } = message;
  const citations = listOf(message['annotations']).map((value) => readUrlCitation(value, 'chat'));
  if (typeof content === 'string') {
    return content === '' && citations.length === 0 ? [] : [{ kind: 'text', text: content, citations, cache: null }];
  }
  return listOf(content).flatMap((part, index) => readListed(objectOf(part), index === 0 ? citations : []));
}

function readListed(part: JsonObject, citations: Extract<Part, { kind: 'text' }>['citations']): Part[] {
  if (part['type'] === 'thinking') {
    const text = thoughtText(part['thinking']);
    return text === '' ? [] : [{ kind: 'thinking', text, signature: null, id: null }];
  }
  const refusal = wordOrNull(part['refusal']);
  if (refusal !== null) return [{ kind: 'refusal', text: refusal }];
  const text = stringOrNull(part['text']);
  return text === null ? [] : [{ kind: 'text', text, citations, cache: null }];
}

/** A text, or a list of texts. */
export function thoughtText(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  return listOf(value)
    .map((each) => stringOrNull(objectOf(each)['text']) ?? '')
    .join('');
}

/** An id that the server does not give is left empty: whoever writes for the client makes one. */
function readCall(call: JsonObject): ToolCallPart {
  const id = wordOrNull(call['id']) ?? '';
  const { custom } = call;
  if (isObject(custom)) {
    const input = stringOrNull(custom['input']) ?? '';
    return { kind: 'tool_call', id, name: nameOf(custom), arguments: input, isCustom: true, cache: null };
  }
  const called = objectOf(call['function']);
  const text = argumentsText(called['arguments']).trim() === '' ? '{}' : argumentsText(called['arguments']);
  return { kind: 'tool_call', id, name: nameOf(called), arguments: text, isCustom: false, cache: null };
}

function nameOf(called: JsonObject): string {
  return stringOrNull(called['name']) ?? '';
}

/** JSON text; some servers give the object itself. */
export function argumentsText(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  return isObject(value) ? JSON.stringify(value) : '';
}
