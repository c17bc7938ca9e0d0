import type { ProviderError } from '../completion.ts';
import { objectOf, parseJson, stringOf, type JsonObject } from '../provider-json.ts';

/** @source https://platform.claude.com/docs/en/api/errors */
const TYPES: readonly (readonly [status: number, type: string])[] = [
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [409, 'conflict_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [500, 'api_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
  [503, 'overloaded_error'],
];
const MAX_EXCERPT = 300;

export function writeError({ status, message, type }: ProviderError): JsonObject {
  const own = TYPES.find(([, each]) => each === type) ?? TYPES.find(([each]) => each === status);
  const word = own?.[1] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  return { type: 'error', error: { type: word, message }, request_id: null };
}

export function readError(status: number, body: string): ProviderError {
  const error = objectOf(objectOf(parseJson(body))['error']);
  return {
    status,
    message: stringOf(error['message']) ?? `The provider answered ${status}.${excerpt(body)}`,
    type: stringOf(error['type']),
  };
}

/** Pages of proxies say nothing to a program. */
function excerpt(body: string): string {
  const text = body.trim();
  return text === '' || text.startsWith('<') ? '' : ` ${text.slice(0, MAX_EXCERPT)}`;
}

/** An `error` event, which comes without a status. */
export function readStreamError(event: JsonObject): ProviderError {
  const error = objectOf(event['error']);
  const type = stringOf(error['type']);
  return {
    status: TYPES.find(([, each]) => each === type)?.[0] ?? 500,
    message: stringOf(error['message']) ?? 'The provider ended the stream with an error.',
    type,
  };
}
