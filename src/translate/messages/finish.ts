import type { Finish, FinishReason } from '../completion.ts';
import { objectOf, stringOf, type JsonObject } from '../provider-json.ts';

const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop_sequence',
  max_tokens: 'length',
  model_context_window_exceeded: 'context_window',
  tool_use: 'tool_calls',
  refusal: 'refusal',
  pause_turn: 'pause',
};

/** @param source a message, or the delta of one */
export function readFinish(source: JsonObject): Finish {
  const word = stringOf(source['stop_reason']);
  const reason = word !== null && Object.hasOwn(REASONS, word) ? REASONS[word]! : 'stop';
  const explanation = stringOf(objectOf(source['stop_details'])['explanation']);
  return { reason, stopSequence: stringOf(source['stop_sequence']), detail: explanation ?? word };
}

const WORDS: Readonly<Record<Exclude<FinishReason, 'error'>, string>> = {
  stop: 'end_turn',
  stop_sequence: 'stop_sequence',
  length: 'max_tokens',
  context_window: 'model_context_window_exceeded',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
  refusal: 'refusal',
  pause: 'pause_turn',
};

/** @param refusal what the model has said to it */
export function writeFinish({ reason, stopSequence }: Finish, refusal: string): JsonObject {
  const word = reason === 'error' ? WORDS.stop : WORDS[reason];
  const isRefusal = word === WORDS.refusal;
  return {
    stop_reason: word,
    stop_sequence: reason === 'stop_sequence' ? stopSequence : null,
    stop_details: isRefusal ? { type: 'refusal', category: null, explanation: refusal === '' ? null : refusal } : null,
  };
}
