import type { JsonValue } from '../../core/rollout.ts';
import type { HiddenThinkingPart, Part, Signature, ThinkingPart } from '../conversation.ts';
import { listOf, objectOf, stringOrNull, wordOrNull, type JsonObject } from '../openai/fields.ts';
import { openSignature, sealSignature } from '../signatures.ts';

/** Thinking that only its maker can read looks like thinking without a summary; this tells them apart on the way back. */
const HIDDEN = 'hidden:';
/** Several summaries are one text here. */
export const BETWEEN_SUMMARIES = '\n\n';

/** Of a request or a reply; the summary, or else the thoughts themselves, as open models tell them. */
export function readReasoning(item: JsonObject): Part {
  const sealed = wordOrNull(item['encrypted_content']);
  if (sealed?.startsWith(`${HIDDEN}sluice:`) === true) {
    return { kind: 'hidden_thinking', data: openSignature(sealed.slice(HIDDEN.length), 'responses') };
  }
  return {
    kind: 'thinking',
    text: [...textsOf(item['summary']), ...textsOf(item['content'])].join(BETWEEN_SUMMARIES),
    signature: sealed === null ? null : openSignature(sealed, 'responses'),
    id: wordOrNull(item['id']),
  };
}

function textsOf(value: JsonValue | undefined): string[] {
  return listOf(value).flatMap((part) => stringOrNull(objectOf(part)['text']) ?? []);
}

/** As a client of this format gets it and brings it back. */
export function writeReasoning(part: ThinkingPart | HiddenThinkingPart, id: string): JsonObject {
  const text = part.kind === 'thinking' ? part.text : '';
  return {
    id,
    type: 'reasoning',
    summary: text === '' ? [] : [{ type: 'summary_text', text }],
    ...sealed(part),
  };
}

function sealed(part: ThinkingPart | HiddenThinkingPart): { readonly encrypted_content?: string } {
  if (part.kind === 'hidden_thinking') return { encrypted_content: sealHidden(part.data) };
  return part.signature === null ? {} : { encrypted_content: sealSignature(part.signature, 'responses') };
}

function sealHidden(data: Signature): string {
  const text = sealSignature(data, 'responses');
  return data.wire === 'responses' ? text : `${HIDDEN}${text}`;
}
