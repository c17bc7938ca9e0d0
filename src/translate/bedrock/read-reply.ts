import type { JsonValue } from '../../core/rollout.ts';
import type { Completion } from '../completion.ts';
import type { Part } from '../conversation.ts';
import { isObject, listOf, objectOf, stringOf, type JsonObject } from '../provider-json.ts';
import { readCitation } from './citations.ts';
import { readFinish } from './finish.ts';
import { readUsage } from './usage.ts';

/** A reply of Converse. @throws Error where it is none */
export function readReply(body: unknown): Completion {
  const message = isObject(body) ? objectOf(body['output'])['message'] : undefined;
  if (!isObject(body) || !isObject(message)) throw new Error('the reply has no message');
  const parts = listOf(message['content']).flatMap((block) => readBlock(objectOf(block)));
  return {
    id: null,
    model: null,
    createdAt: null,
    choices: [{ parts, finish: readFinish(body), logprobs: null }],
    usage: readUsage(body['usage']),
    serviceTier: stringOf(objectOf(body['serviceTier'])['type']),
  };
}

function readBlock(block: JsonObject): readonly Part[] {
  const { text, toolUse, reasoningContent, citationsContent } = block;
  if (typeof text === 'string') return text === '' ? [] : [{ kind: 'text', text, citations: [], cache: null }];
  if (isObject(toolUse) && toolUse['type'] !== 'server_tool_use') return [readToolUse(toolUse)];
  if (isObject(reasoningContent)) return [readReasoning(reasoningContent)];
  if (isObject(citationsContent)) return [readCited(citationsContent)];
  return [foreignPart(Object.keys(block)[0] ?? 'empty', block)];
}

function readToolUse(call: JsonObject): Part {
  return {
    kind: 'tool_call',
    id: stringOf(call['toolUseId']) ?? '',
    name: stringOf(call['name']) ?? '',
    arguments: JSON.stringify(call['input'] ?? {}),
    isCustom: false,
    cache: null,
  };
}

function readReasoning(reasoning: JsonObject): Part {
  const hidden = stringOf(reasoning['redactedContent']);
  if (hidden !== null) return { kind: 'hidden_thinking', data: { wire: 'bedrock', value: hidden } };
  const { text, signature } = objectOf(reasoning['reasoningText']);
  return {
    kind: 'thinking',
    text: stringOf(text) ?? '',
    signature: typeof signature === 'string' ? { wire: 'bedrock', value: signature } : null,
    id: null,
  };
}

function readCited(content: JsonObject): Part {
  const text = listOf(content['content']).map((each) => stringOf(objectOf(each)['text']) ?? '');
  const citations = listOf(content['citations']).map((each) => readCitation(objectOf(each)));
  return { kind: 'text', text: text.join(''), citations, cache: null };
}

/** Something that only this vendor knows: pictures, calls of its own tools. */
export function foreignPart(type: string, value: JsonValue): Extract<Part, { kind: 'foreign' }> {
  return { kind: 'foreign', wire: 'bedrock', type, value };
}
