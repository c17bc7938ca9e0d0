import { describe, expect, it } from 'vitest';
import { PROVIDERS } from '../../src/providers/registry.ts';
import type { ProviderType } from '../../src/core/config.ts';

const troubleOf = (type: ProviderType, status: number, body: unknown, headers: Record<string, string> = {}) =>
  PROVIDERS[type].keyTrouble(status, typeof body === 'string' ? body : JSON.stringify(body), (name) => headers[name]);

const google = (code: number, status: string, details: readonly object[]) => ({
  error: { code, message: 'told', status, details },
});
const openai = (code: string | null, type = 'invalid_request_error', message = 'told') => ({
  error: { message, type, param: null, code },
});
const refused = { isRefused: true, wait: null };
const limited = { isRefused: false, wait: null, isStale: false };

describe('a reply that refuses its key', () => {
  it.each<[string, ProviderType, number, unknown, Record<string, string>?]>([
    [
      'Gemini: a key that it does not know',
      'google-gemini',
      400,
      google(400, 'INVALID_ARGUMENT', [{ reason: 'API_KEY_INVALID' }]),
    ],
    [
      'Gemini: a key for another API',
      'google-gemini',
      403,
      google(403, 'PERMISSION_DENIED', [{ reason: 'API_KEY_SERVICE_BLOCKED' }]),
    ],
    ['OpenAI: a wrong key', 'openai', 401, openai('invalid_api_key')],
    ['OpenAI: nothing left to spend', 'openai', 429, openai('insufficient_quota', 'insufficient_quota')],
    ['OpenAI: the type alone', 'openai', 429, openai(null, 'insufficient_quota')],
    [
      'Anthropic: a wrong key',
      'anthropic',
      401,
      { type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } },
    ],
    [
      'Anthropic: no credit',
      'anthropic',
      400,
      {
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message: 'Your credit balance is too low to access the Anthropic API.',
        },
      },
    ],
    ['Anthropic: no payment', 'anthropic', 402, { type: 'error', error: { type: 'billing_error', message: 'told' } }],
    [
      'Azure: a wrong key',
      'azure-openai',
      401,
      { error: { code: '401', message: 'Access denied due to invalid subscription key' } },
    ],
    [
      'Azure: out of call volume',
      'azure-openai',
      403,
      { error: { code: '403', message: 'Out of call volume quota.' } },
    ],
    [
      'Bedrock: an expired key',
      'aws-bedrock',
      403,
      { message: 'The security token included in the request is expired' },
      { 'x-amzn-errortype': 'ExpiredTokenException' },
    ],
    [
      'Bedrock: an unknown key as a bad request',
      'aws-bedrock',
      400,
      { message: 'told' },
      { 'x-amzn-errortype': 'UnrecognizedClientException:http://internal.amazon.com/' },
    ],
    ['Vertex: a token that is refused', 'google-vertex', 401, google(401, 'UNAUTHENTICATED', [])],
    [
      'DeepSeek: nothing left to spend',
      'deepseek',
      402,
      openai('invalid_request_error', 'unknown_error', 'Insufficient Balance'),
    ],
    [
      'xAI: a wrong key',
      'xai',
      400,
      { code: 'Client specified an invalid argument', error: 'Incorrect API key provided: xa***xx.' },
    ],
    ['a page', 'openai', 401, '<html>'],
  ])('%s', (_, type, status, body, headers) => {
    expect(troubleOf(type, status, body, headers)).toMatchObject(refused);
  });
});

describe('a reply that limits its key', () => {
  it('is for no time one about a model that its project may not use', () => {
    const answer = openai('model_not_found', 'invalid_request_error', 'Project `p` does not have access to model `m`');
    expect(troubleOf('openai', 403, answer)).toEqual({ ...limited, wait: 0 });
  });

  it('says so by 429 without a reason that lasts', () => {
    expect(troubleOf('openai', 429, openai('rate_limit_exceeded', 'requests'))).toEqual(limited);
    expect(troubleOf('aws-bedrock', 429, { message: 'Too many requests' })).toEqual(limited);
    expect(PROVIDERS.openai.keyTrouble(429, null, () => undefined)).toEqual(limited);
  });

  it.each([
    ['37s', 37_000],
    ['0.5s', 500],
    ['soon', null],
    [7, null],
  ])('says %s in the body at Google', (retryDelay, wait) => {
    const body = google(429, 'RESOURCE_EXHAUSTED', [{ '@type': 'QuotaFailure' }, { '@type': 'RetryInfo', retryDelay }]);
    expect(troubleOf('google-gemini', 429, body)).toEqual({ isRefused: false, wait, isStale: false });
    expect(troubleOf('google-gemini', 429, [body])).toEqual({ isRefused: false, wait, isStale: false });
  });
});

describe('a reply about the request', () => {
  it.each<[string, number, unknown]>([
    ['a bad field', 400, openai('invalid_value')],
    [
      'a value of the caller that looks like a reason',
      400,
      openai('API_KEY_INVALID', 'x', 'Invalid value: API_KEY_INVALID'),
    ],
    [
      'a message of the caller within the message',
      400,
      openai(null, 'x', 'Unknown model "Your credit balance is too low"'),
    ],
    [
      'a prompt that was flagged',
      403,
      { error: { code: 403, message: 'flagged', metadata: { flagged_input: 'text', reasons: ['x'] } } },
    ],
    ['a model that is not there', 404, openai('model_not_found')],
    ['an overload', 529, { type: 'error', error: { type: 'overloaded_error' } }],
    ['a reason in no place of its own', 400, { reason: 'API_KEY_INVALID' }],
    ['no JSON', 400, 'API_KEY_INVALID'],
    ['nothing', 400, 'null'],
  ])('says nothing of the key: %s', (_, status, body) => {
    expect(troubleOf('openrouter', status, body)).toBeNull();
  });
});

describe('credentials that end', () => {
  it('are stale where they are unknown or over, and not where they only lack a right', () => {
    const stale = (status: number, exception: string) =>
      troubleOf('aws-bedrock', status, {}, { 'x-amzn-errortype': exception })?.isStale;
    expect([
      stale(403, 'ExpiredTokenException'),
      stale(400, 'ExpiredToken:'),
      stale(403, 'UnrecognizedClientException'),
    ]).toEqual([true, true, true]);
    expect([stale(403, 'AccessDeniedException'), stale(400, 'ValidationException')]).toEqual([false, undefined]);
    expect(troubleOf('google-vertex', 401, {})?.isStale).toBe(true);
  });
});
