import type { JsonValue } from '../../core/rollout.ts';
import type { Choice, Completion, Finish } from '../completion.ts';
import type { HiddenThinkingPart, Part, TextPart, ThinkingPart, ToolCallPart } from '../conversation.ts';
import type { ReplyContext } from '../format.ts';
import { CallIds } from '../openai/call-ids.ts';
import { writeUrlCitation } from '../openai/citations.ts';
import type { JsonObject } from '../openai/fields.ts';
import { sealSignature } from '../signatures.ts';
import { finishWord } from './finish.ts';
import { writeUsage } from './usage.ts';

export function writeReply(completion: Completion, context: ReplyContext): unknown {
  const { choices, usage, serviceTier } = completion;
  const ids = new CallIds(context);
  return {
    id: completion.id ?? `chatcmpl-${context.id}`,
    object: 'chat.completion',
    created: completion.createdAt ?? context.now,
    model: completion.model ?? context.conversation.model,
    choices: choices.map((choice, index) => writeChoice(choice, index, ids)),
    ...(usage === null ? null : { usage: writeUsage(usage) }),
    ...(serviceTier === null ? null : { service_tier: serviceTier }),
  };
}

function writeChoice({ parts, finish, logprobs }: Choice, index: number, ids: CallIds): JsonObject {
  const message = writeMessage(parts, ids);
  const said =
    finish.reason === 'refusal' ? { ...message, refusal: message['refusal'] ?? refusalText(finish) } : message;
  return { index, message: said, logprobs, finish_reason: finishWord(finish.reason) };
}

/** Of a provider that refuses without a word to show for it. */
export function refusalText({ detail }: Finish): string {
  return detail === null || detail === 'refusal' ? 'The model refuses to answer.' : detail;
}

function writeMessage(parts: readonly Part[], ids: CallIds): JsonObject {
  const texts = parts.filter((part): part is TextPart => part.kind === 'text');
  const refusals = parts.flatMap((part) => (part.kind === 'refusal' ? [part.text] : []));
  const calls = parts.filter((part): part is ToolCallPart => part.kind === 'tool_call');
  const annotations = writeAnnotations(texts);
  return {
    role: 'assistant',
    content: texts.length === 0 ? null : texts.map(({ text }) => text).join(''),
    refusal: refusals.length === 0 ? null : refusals.join(''),
    ...writeThinking(parts),
    ...(annotations.length === 0 ? null : { annotations }),
    ...(calls.length === 0 ? null : { tool_calls: calls.map((call) => writeCall(call, ids)) }),
  };
}

function writeAnnotations(texts: readonly TextPart[]): JsonValue[] {
  let start = 0;
  return texts.flatMap(({ text, citations }) => {
    const from = start;
    start += text.length;
    return citations.flatMap((citation) => {
      const written = writeUrlCitation(citation, from, from + text.length);
      return written === null ? [] : [{ type: 'url_citation', url_citation: written }];
    });
  });
}

function writeThinking(parts: readonly Part[]): JsonObject {
  const thoughts = parts.filter((part): part is ThinkingPart => part.kind === 'thinking');
  const text = thoughts.map((thought) => thought.text).join('');
  const blocks = writeThinkingBlocks(parts);
  return {
    ...(text === '' ? null : { reasoning_content: text }),
    ...(blocks.length === 0 ? null : { thinking_blocks: blocks }),
  };
}

type Thought = ThinkingPart | HiddenThinkingPart;

/** All blocks in order, once one of them must come back as it was. */
export function writeThinkingBlocks(parts: readonly Part[]): JsonObject[] {
  const thoughts = parts.filter((part): part is Thought => part.kind === 'thinking' || part.kind === 'hidden_thinking');
  const isSigned = thoughts.some((part) => part.kind === 'hidden_thinking' || part.signature !== null);
  return isSigned ? thoughts.map(writeBlock) : [];
}

function writeBlock(part: Thought): JsonObject {
  if (part.kind === 'hidden_thinking') return { type: 'redacted_thinking', data: sealSignature(part.data, 'chat') };
  const signature = part.signature === null ? '' : sealSignature(part.signature, 'chat');
  return { type: 'thinking', thinking: part.text, signature };
}

function writeCall({ id, name, arguments: text, isCustom }: ToolCallPart, ids: CallIds): JsonObject {
  if (isCustom) return { id: ids.next(id), type: 'custom', custom: { name, input: text } };
  return { id: ids.next(id), type: 'function', function: { name, arguments: text } };
}
