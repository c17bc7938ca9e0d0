import type { Seconds } from '../../core/units.ts';
import type { ProviderError } from '../completion.ts';
import { listOf, numberOf, objectOf, parseJson, stringOf, type JsonObject } from '../provider-json.ts';

/** An error reply; a stream that never began may give a list of one. */
export function readError(status: number, body: string): ProviderError {
  const parsed = parseJson(body);
  const error = objectOf(objectOf(Array.isArray(parsed) ? parsed[0] : parsed)['error']);
  return providerError(error, status);
}

/**
 * @param status of the reply, where the error does not bring one
 * @source https://ai.google.dev/gemini-api/docs/troubleshooting
 */
export function providerError(error: JsonObject, status: number): ProviderError {
  const code = numberOf(error['code']);
  const details = listOf(error['details']);
  const retryAfter = details.map(delayOf).find((delay) => delay !== null) ?? null;
  const known = code !== null && code >= 400 && code <= 599 ? code : status;
  return {
    // The gateway's own key is refused with 400, which would tell the client that its request is wrong.
    status: details.some(isInvalidKey) ? 401 : known,
    message: stringOf(error['message']) ?? `The provider answered with status ${status}.`,
    type: stringOf(error['status']),
    ...(retryAfter === null ? null : { retryAfter }),
  };
}

function isInvalidKey(detail: unknown): boolean {
  return objectOf(detail)['reason'] === 'API_KEY_INVALID';
}

/** `RetryInfo`: the vendor has no header for it. */
function delayOf(detail: unknown): Seconds | null {
  const delay = /^(\d{1,9}(?:\.\d+)?)s$/.exec(stringOf(objectOf(detail)['retryDelay']) ?? '');
  return delay === null ? null : Math.ceil(Number(delay[1]));
}
