import type { ProviderError } from '../completion.ts';
import { objectOf, parseJson, stringOf, type JsonObject } from '../provider-json.ts';

const INTERNAL = 500;
/** What exceptions inside a stream would have been as replies. */
const STATUSES: Readonly<Record<string, number>> = {
  accessdeniedexception: 403,
  internalserverexception: 500,
  modelstreamerrorexception: 500,
  modeltimeoutexception: 504,
  resourcenotfoundexception: 404,
  serviceunavailableexception: 503,
  throttlingexception: 429,
  validationexception: 400,
};

/** The type of the error stands in a header; some front ends put it into the body, too. */
export function readError(status: number, body: string): ProviderError {
  const error = objectOf(parseJson(body));
  const message = stringOf(error['message']) ?? stringOf(error['Message']);
  return {
    status,
    message: message ?? `The provider answered with status ${status}.`,
    type: stringOf(error['__type'])?.split('#').at(-1) ?? null,
  };
}

export function readException(event: JsonObject): ProviderError {
  const type = stringOf(event['type']) ?? 'exception';
  const status = STATUSES[type.toLowerCase()] ?? INTERNAL;
  const message = stringOf(event['message']) ?? '';
  return { status, message: message === '' ? `The provider broke off: ${type}.` : message, type };
}
