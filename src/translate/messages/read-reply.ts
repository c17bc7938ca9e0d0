import type { Completion } from '../completion.ts';
import type { Part } from '../conversation.ts';
import { isObject, listOf, objectOf, stringOf, type JsonObject } from '../provider-json.ts';
import { readCitation } from './citations.ts';
import { readFinish } from './finish.ts';
import { readUsage } from './usage.ts';

/** @throws Error where it is no message */
export function readReply(body: unknown): Completion {
  if (!isObject(body) || !Array.isArray(body['content'])) throw new Error('The reply is no message of Anthropic.');
  const usage = objectOf(body['usage']);
  return {
    id: stringOf(body['id']),
    model: stringOf(body['model']),
    createdAt: null,
    choices: [
      { parts: body['content'].map((block) => readPart(objectOf(block))), finish: readFinish(body), logprobs: null },
    ],
    usage: readUsage(usage),
    serviceTier: stringOf(usage['service_tier']),
  };
}

function readPart(block: JsonObject): Part {
  const type = stringOf(block['type']) ?? '';
  switch (type) {
    case 'text':
      return {
        kind: 'text',
        text: stringOf(block['text']) ?? '',
        citations: listOf(block['citations']).map(readCitation),
        cache: null,
      };
    case 'thinking':
      return { kind: 'thinking', text: stringOf(block['thinking']) ?? '', signature: signatureOf(block), id: null };
    case 'redacted_thinking':
      return { kind: 'hidden_thinking', data: { wire: 'messages', value: stringOf(block['data']) ?? '' } };
    case 'tool_use':
      return { ...callOf(block), kind: 'tool_call', arguments: JSON.stringify(block['input'] ?? {}), cache: null };
    default:
      return { kind: 'foreign', wire: 'messages', type, value: block };
  }
}

function signatureOf({ signature }: JsonObject): { wire: 'messages'; value: string } | null {
  return typeof signature === 'string' && signature !== '' ? { wire: 'messages', value: signature } : null;
}

export function callOf({ id, name }: JsonObject): { id: string; name: string; isCustom: false } {
  return { id: stringOf(id) ?? '', name: stringOf(name) ?? '', isCustom: false };
}
