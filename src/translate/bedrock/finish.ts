import type { Finish, FinishReason } from '../completion.ts';
import { objectOf, stringOf, type JsonObject } from '../provider-json.ts';

const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  stop_sequence: 'stop_sequence',
  model_context_window_exceeded: 'context_window',
  content_filtered: 'content_filter',
  guardrail_intervened: 'content_filter',
  refusal: 'refusal',
  pause_turn: 'pause',
};

/** @param told a whole reply or the event `messageStop` */
export function readFinish(told: JsonObject): Finish {
  const word = stringOf(told['stopReason']) ?? '';
  const fields = objectOf(told['additionalModelResponseFields']);
  return {
    reason: Object.hasOwn(REASONS, word) ? REASONS[word]! : 'error',
    stopSequence: stringOf(fields['stop_sequence']) ?? stringOf(objectOf(fields['delta'])['stop_sequence']),
    detail: word,
  };
}
