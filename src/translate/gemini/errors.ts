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
  const known = code !== null && code >= 400 && code <= 599 ? code : status;
  return {
    // The gateway's own key is refused with 400, which would tell the client that its request is wrong.
    status: listOf(error['details']).some(isInvalidKey) ? 401 : known,
    message: stringOf(error['message']) ?? `The provider answered with status ${status}.`,
    type: stringOf(error['status']),
  };
}

function isInvalidKey(detail: unknown): boolean {
  return objectOf(detail)['reason'] === 'API_KEY_INVALID';
}
