import type { OutgoingHttpHeaders } from 'node:http';
import type { Dialect } from './failure.ts';
import type { Random } from './random.ts';

const RATE_LIMIT = { requests: 10_000, tokens: 1_000_000 };
const RESET_MS = 1000;

/** An id as the provider's logs would name the request. */
export function drawRequestId(dialect: Dialect, random: Random): string {
  if (dialect === 'anthropic') return `req_011C${random.base62(20)}`;
  if (dialect === 'openai') return `req_${random.hex(32)}`;
  return [8, 4, 4, 4, 12].map((length) => random.hex(length)).join('-');
}

/**
 * The headers that every reply of a dialect carries. The rate limits never run down.
 * @param now Unix milliseconds
 */
export function dialectHeaders(dialect: Dialect, requestId: string, now: number): OutgoingHttpHeaders {
  switch (dialect) {
    case 'anthropic':
      return anthropicHeaders(requestId, now);
    case 'google':
      return { vary: 'Origin, X-Origin, Referer', 'x-xss-protection': '0', 'server-timing': 'gfet4t7; dur=10' };
    case 'aws':
      return { 'x-amzn-requestid': requestId };
    default:
      return openaiHeaders(requestId);
  }
}

/** @source https://platform.openai.com/docs/api-reference/debugging-requests */
function openaiHeaders(requestId: string): OutgoingHttpHeaders {
  return {
    'openai-organization': 'simulator',
    'openai-version': '2020-10-01',
    'x-ratelimit-limit-requests': RATE_LIMIT.requests,
    'x-ratelimit-limit-tokens': RATE_LIMIT.tokens,
    'x-ratelimit-remaining-requests': RATE_LIMIT.requests - 1,
    'x-ratelimit-remaining-tokens': RATE_LIMIT.tokens - 1,
    'x-ratelimit-reset-requests': '6ms',
    'x-ratelimit-reset-tokens': '0s',
    'x-request-id': requestId,
  };
}

/** @source https://docs.anthropic.com/en/api/rate-limits */
function anthropicHeaders(requestId: string, now: number): OutgoingHttpHeaders {
  const reset = new Date(now + RESET_MS).toISOString();
  return {
    'anthropic-ratelimit-requests-limit': RATE_LIMIT.requests,
    'anthropic-ratelimit-requests-remaining': RATE_LIMIT.requests - 1,
    'anthropic-ratelimit-requests-reset': reset,
    'anthropic-ratelimit-tokens-limit': RATE_LIMIT.tokens,
    'anthropic-ratelimit-tokens-remaining': RATE_LIMIT.tokens - 1,
    'anthropic-ratelimit-tokens-reset': reset,
    'request-id': requestId,
  };
}
