import type { JsonValue } from '../../core/rollout.ts';
import type { ProviderError } from '../completion.ts';
import { isObject, wordOrNull, type JsonObject } from './fields.ts';
import { parseJson } from './parse-json.ts';

const MAX_EXCERPT = 300;

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'insufficient_quota',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'invalid_request_error',
  422: 'invalid_request_error',
  429: 'rate_limit_error',
};

/** Of errors inside a stream, which come without a status. */
const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  invalid_prompt: 400,
  context_length_exceeded: 400,
  authentication_error: 401,
  invalid_api_key: 401,
  permission_error: 403,
  not_found_error: 404,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
  overloaded_error: 503,
};

/** OpenAI's envelope. */
export function writeError({ status, message, type }: ProviderError): { readonly error: JsonObject } {
  const word = TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error');
  return { error: { message, type: word, param: null, code: type } };
}

/** Of OpenAI and those who follow it in their own ways: `error` a text or an object, `message` or `detail` at the top. */
export function readError(status: number, body: string): ProviderError {
  const parsed = parseJson(body);
  if (!isObject(parsed)) return { status, message: excerpt(status, body), type: null };
  const error = isObject(parsed['error']) ? parsed['error'] : parsed;
  return { status, message: messageOf(error) ?? excerpt(status, body), type: codeOf(error) };
}

/** An error inside a stream. */
export function readStreamError(value: JsonValue): ProviderError {
  const error = isObject(value) ? value : { message: value };
  const type = codeOf(error);
  const { code } = error;
  const status = typeof code === 'number' && code >= 400 && code < 600 ? code : STATUSES[type ?? ''];
  return {
    status: status ?? STATUSES[wordOrNull(error['type']) ?? ''] ?? 500,
    message: messageOf(error) ?? 'The provider ended the stream with an error.',
    type,
  };
}

export function notJson(): ProviderError {
  return { status: 502, message: 'The provider sent an event that is not JSON.', type: null };
}

function messageOf(error: JsonObject): string | null {
  const { message, detail } = error;
  const text = wordOrNull(message) ?? wordOrNull(error['error']) ?? wordOrNull(detail);
  if (text !== null) return text;
  const other = message ?? detail ?? null;
  return other === null ? null : JSON.stringify(other);
}

function codeOf({ code, type }: JsonObject): string | null {
  return wordOrNull(code) ?? wordOrNull(type);
}

/** Pages of proxies say nothing to a program. */
function excerpt(status: number, body: string): string {
  const text = body.trim();
  const told = text === '' || text.startsWith('<') ? '' : ` ${text.slice(0, MAX_EXCERPT)}`;
  return `The provider answered ${status}.${told}`;
}
