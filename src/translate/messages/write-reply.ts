import type { JsonValue } from '../../core/rollout.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Choice, Completion } from '../completion.ts';
import type { Part, Signature } from '../conversation.ts';
import type { ReplyContext } from '../format.ts';
import { isObject, parseJson, type JsonObject } from '../provider-json.ts';
import { sealSignature } from '../signatures.ts';
import { writeCitation } from './citations.ts';
import { writeFinish } from './finish.ts';
import { writeUsage } from './usage.ts';

export function writeReply({ id, model, choices, usage, serviceTier }: Completion, context: ReplyContext): JsonObject {
  const [choice] = choices;
  const { parts, finish } = choice ?? EMPTY;
  if (finish.reason === 'error') throw brokenReply(finish.detail);
  return {
    ...messageHead(id, model, context),
    content: parts.map(writePart).filter((block) => block !== null),
    ...writeFinish(finish, parts.map(refusalOf).join('')),
    container: null,
    usage: writeUsage(usage, serviceTier),
  };
}

const EMPTY: Pick<Choice, 'parts' | 'finish'> = {
  parts: [],
  finish: { reason: 'stop', stopSequence: null, detail: null },
};

/** What a message has from its start on. */
export function messageHead(id: string | null, model: string | null, context: ReplyContext): JsonObject {
  return {
    id: id ?? `msg_${context.id}`,
    type: 'message',
    role: 'assistant',
    model: model ?? context.conversation.model,
  };
}

function brokenReply(detail: string | null): GatewayError {
  return new GatewayError(
    'upstream_unavailable',
    `The provider broke the reply off${detail === null ? '' : `: ${detail}`}.`,
  );
}

function refusalOf(part: Part): string {
  return part.kind === 'refusal' ? part.text : '';
}

/** Null: what only another vendor's clients understand. */
function writePart(part: Part): JsonObject | null {
  switch (part.kind) {
    case 'text': {
      const citations = part.citations.map(writeCitation).filter((citation) => citation !== null);
      return part.text === ''
        ? null
        : { type: 'text', text: part.text, citations: citations.length > 0 ? citations : null };
    }
    case 'refusal':
      return part.text === '' ? null : { type: 'text', text: part.text, citations: null };
    case 'thinking':
      return { type: 'thinking', thinking: part.text, signature: writeSignature(part.signature) };
    case 'hidden_thinking':
      return { type: 'redacted_thinking', data: writeSignature(part.data) };
    case 'tool_call':
      return {
        ...callHead(part.id, part.name),
        input: part.isCustom ? { input: part.arguments } : writeInput(part.arguments),
      };
    case 'foreign':
      return part.wire === 'messages' && isObject(part.value) ? part.value : null;
    default:
      return null;
  }
}

/** Clients want a string in any case. */
export function writeSignature(signature: Signature | null): string {
  return signature === null ? '' : sealSignature(signature, 'messages');
}

export function callHead(id: string, name: string): JsonObject {
  return { type: 'tool_use', id, name, caller: { type: 'direct' } };
}

/**
 * Arguments that are no object, as the vendor's guide says that they are to be passed on.
 * @source https://platform.claude.com/docs/en/agents-and-tools/tool-use/fine-grained-tool-streaming
 */
function writeInput(json: string): JsonValue {
  const input = json.trim() === '' ? {} : parseJson(json);
  return isObject(input) ? input : { INVALID_JSON: json };
}
