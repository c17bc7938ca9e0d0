import type { Finish, FinishReason } from '../completion.ts';
import { wordOrNull, type JsonObject } from '../openai/fields.ts';

/** OpenAI's words, and those of compatible servers. */
const REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  eos: 'stop',
  eos_token: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop_sequence',
  length: 'length',
  max_tokens: 'length',
  model_length: 'context_window',
  tool_calls: 'tool_calls',
  tool_use: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
  error: 'error',
  insufficient_system_resource: 'error',
};

const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  stop_sequence: 'stop',
  length: 'length',
  context_window: 'length',
  tool_calls: 'tool_calls',
  content_filter: 'content_filter',
  refusal: 'content_filter',
  pause: 'stop',
  error: 'error',
};

/** Null where the choice has not ended. A forced call ends in `stop`, but is to be answered all the same. */
export function readFinish(choice: JsonObject, hasCalls: boolean): Finish | null {
  const word = wordOrNull(choice['finish_reason']);
  return word === null ? null : finishOf(word, hasCalls, wordOrNull(choice['stop_reason']));
}

/** @param stopSequence as vLLM tells it */
export function finishOf(word: string, hasCalls: boolean, stopSequence: string | null): Finish {
  const known = Object.hasOwn(REASONS, word) ? REASONS[word]! : 'stop';
  const detail = word;
  if (known !== 'stop') return { reason: known, stopSequence: null, detail };
  if (hasCalls) return { reason: 'tool_calls', stopSequence: null, detail };
  return { reason: stopSequence === null ? 'stop' : 'stop_sequence', stopSequence, detail };
}

export function finishWord(reason: FinishReason): string {
  return WORDS[reason];
}
