import type { Choice, Completion } from '../completion.ts';
import type { Part, ToolCallPart } from '../conversation.ts';
import type { JsonValue } from '../../core/rollout.ts';
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
import { readReasoning } from './reasoning-item.ts';
import { readFinish } from './status.ts';
import { readUsage } from './usage.ts';

/** @throws Error where it is none of this format */
export function readReply(body: unknown): Completion {
  if (!isObject(body) || !Array.isArray(body['output'])) throw new Error('The reply has no "output".');
  return {
    id: wordOrNull(body['id']),
    model: wordOrNull(body['model']),
    createdAt: numberOrNull(body['created_at']),
    choices: [readChoice(body)],
    usage: readUsage(body),
    serviceTier: wordOrNull(body['service_tier']),
  };
}

function readChoice(response: JsonObject): Choice {
  const items = listOf(response['output']).map(objectOf);
  const parts = items.flatMap(readItem);
  const hasCalls = parts.some(({ kind }) => kind === 'tool_call');
  const logprobs = items.flatMap((item) => listOf(item['content']).flatMap(readLogprobs));
  return {
    parts,
    finish: readFinish(response, hasCalls),
    logprobs: logprobs.length === 0 ? null : { content: logprobs, refusal: null },
  };
}

export function readLogprobs(part: JsonValue): readonly JsonValue[] {
  return listOf(objectOf(part)['logprobs']);
}

function readItem(item: JsonObject): Part[] {
  switch (item['type']) {
    case 'message':
      return listOf(item['content']).flatMap((part) => readSaid(objectOf(part)) ?? []);
    case 'reasoning':
      return [readReasoning(item)];
    case 'function_call':
    case 'custom_tool_call':
      return [readCall(item)];
    default:
      return [readForeign(item)];
  }
}

/** Null where it is nothing that was said: thoughts have parts with a text, too. */
export function readSaid(part: JsonObject): Extract<Part, { kind: 'text' | 'refusal' }> | null {
  if (part['type'] === 'reasoning_text' || part['type'] === 'summary_text') return null;
  const refusal = stringOrNull(part['refusal']);
  if (refusal !== null) return { kind: 'refusal', text: refusal };
  const text = stringOrNull(part['text']);
  if (text === null) return null;
  const citations = listOf(part['annotations']).map((value) => readUrlCitation(value, 'responses'));
  return { kind: 'text', text, citations, cache: null };
}

export function readCall(item: JsonObject): ToolCallPart {
  const isCustom = item['type'] === 'custom_tool_call';
  const text = stringOrNull(item[isCustom ? 'input' : 'arguments']) ?? '';
  return {
    kind: 'tool_call',
    id: wordOrNull(item['call_id']) ?? '',
    name: stringOrNull(item['name']) ?? '',
    arguments: !isCustom && text.trim() === '' ? '{}' : text,
    isCustom,
    cache: null,
  };
}

export function readForeign(item: JsonObject): Extract<Part, { kind: 'foreign' }> {
  return { kind: 'foreign', wire: 'responses', type: stringOrNull(item['type']) ?? '', value: item };
}
