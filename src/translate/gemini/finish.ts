import type { Finish, FinishReason } from '../completion.ts';
import { stringOf, type JsonObject } from '../provider-json.ts';

/** @source https://ai.google.dev/api/generate-content#FinishReason */
const REASONS: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  FINISH_REASON_UNSPECIFIED: 'stop',
  MAX_TOKENS: 'length',
  CONTINUATION: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  LANGUAGE: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  MODEL_ARMOR: 'content_filter',
  IMAGE_SAFETY: 'content_filter',
  IMAGE_PROHIBITED_CONTENT: 'content_filter',
  IMAGE_RECITATION: 'content_filter',
};

/** The model's turn is of no use, whatever it said before. */
const FAULTS: ReadonlySet<string> = new Set([
  'MALFORMED_FUNCTION_CALL',
  'MALFORMED_RESPONSE',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'MISSING_THOUGHT_SIGNATURE',
]);

interface Said {
  /** Functions were called: this vendor ends them with `STOP`, often in a later chunk. */
  readonly hasCalls: boolean;
  readonly hasText: boolean;
}

/** A word that is not known ends what was said; where nothing was said it is all that the app can be told. */
export function readFinish(candidate: JsonObject, { hasCalls, hasText }: Said): Finish {
  const word = stringOf(candidate['finishReason']) ?? '';
  const isFault = FAULTS.has(word) || !(hasCalls || hasText);
  const reason = Object.hasOwn(REASONS, word) ? REASONS[word]! : isFault ? 'error' : 'stop';
  const message = stringOf(candidate['finishMessage']);
  return {
    reason: reason === 'stop' && hasCalls ? 'tool_calls' : reason,
    stopSequence: null,
    detail: reason === 'error' && message !== null ? `${word}: ${message}` : word,
  };
}

/** A prompt that was refused gets no candidate; null where it was not. */
export function readPromptBlock(feedback: JsonObject): Finish | null {
  const word = stringOf(feedback['blockReason']);
  if (word === null) return null;
  const message = stringOf(feedback['blockReasonMessage']);
  return { reason: 'content_filter', stopSequence: null, detail: message === null ? word : `${word}: ${message}` };
}
