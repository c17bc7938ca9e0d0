import type { JsonValue } from '../../core/rollout.ts';
import type { Finish, FinishReason, ProviderError } from '../completion.ts';
import { objectOf, wordOrNull, type JsonObject } from '../openai/fields.ts';

const INCOMPLETE: Readonly<Partial<Record<FinishReason, string>>> = {
  length: 'max_output_tokens',
  context_window: 'max_output_tokens',
  content_filter: 'content_filter',
  refusal: 'content_filter',
};

/** How a response ended. */
export interface Status {
  readonly status: string;
  readonly error: JsonValue;
  readonly incomplete_details: JsonValue;
}

export const IN_PROGRESS: Status = { status: 'in_progress', error: null, incomplete_details: null };

/** A call is to be answered; the vendor has no word of its own for that. */
export function readFinish(response: JsonObject, hasCalls: boolean): Finish {
  const status = wordOrNull(response['status']);
  const why = wordOrNull(objectOf(response['incomplete_details'])['reason']);
  return { reason: reasonOf(status, why, hasCalls), stopSequence: null, detail: detailOf(response, why ?? status) };
}

function reasonOf(status: string | null, why: string | null, hasCalls: boolean): FinishReason {
  if (status === 'failed' || status === 'cancelled') return 'error';
  if (status === 'queued' || status === 'in_progress') return 'pause';
  if (status === 'incomplete') return why === 'content_filter' ? 'content_filter' : 'length';
  return hasCalls ? 'tool_calls' : 'stop';
}

function detailOf(response: JsonObject, word: string | null): string | null {
  return wordOrNull(objectOf(response['error'])['message']) ?? word;
}

export function writeFinish({ reason, detail }: Finish): Status {
  const why = INCOMPLETE[reason];
  if (why !== undefined) return { status: 'incomplete', error: null, incomplete_details: { reason: why } };
  if (reason !== 'error') return { status: 'completed', error: null, incomplete_details: null };
  const message = `The provider broke the reply off: ${detail ?? 'no reason given'}.`;
  return { status: 'failed', error: { code: 'server_error', message }, incomplete_details: null };
}

export function failed({ status, message }: ProviderError): Status {
  return { status: 'failed', error: { code: failureCode(status), message }, incomplete_details: null };
}

export function failureCode(status: number): string {
  if (status === 429) return 'rate_limit_exceeded';
  return status < 500 ? 'invalid_prompt' : 'server_error';
}
