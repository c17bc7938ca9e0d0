import { describe, expect, it } from 'vitest';
import { Exchange, type ExchangeOutcome } from '../../src/core/exchange.ts';
import type { ReplyFacts } from '../../src/core/outcome.ts';
import { toResult } from '../../src/outcome/request-result.ts';

function exchange(fields: Partial<Exchange> = {}, facts: ReplyFacts | null = null): Exchange {
  const made = new Exchange('request-1', 'chat', 'openai', 1_000, 0);
  const observer = { whole() {}, event() {}, facts: () => facts };
  return Object.assign(made, { status: 200, keyName: 'dev', observer, ...fields });
}

const FACTS: ReplyFacts = { refusal: false, invalidJson: null, invalidToolCall: null, outputChars: 12 };

describe('whether a request failed', () => {
  it.each<[ExchangeOutcome, number, string, boolean | null]>([
    ['success', 200, '', false],
    ['truncated', 200, 'upstream_unavailable', true],
    ['error', 200, 'upstream_error', true],
    ['error', 400, 'http_400', false],
    ['error', 401, 'http_401', false],
    ['error', 403, 'http_403', false],
    ['error', 404, 'http_404', false],
    ['error', 413, 'http_413', false],
    ['error', 422, 'http_422', false],
    ['error', 408, 'http_408', true],
    ['error', 429, 'http_429', true],
    ['error', 500, 'http_500', true],
    ['error', 529, 'http_529', true],
    ['error', 502, 'upstream_unavailable', true],
    ['error', 503, 'overloaded', true],
    ['error', 504, 'upstream_timeout', true],
    ['cancelled', 499, 'client_gone', null],
    ['denied', 403, 'model_not_allowed', null],
    ['denied', 400, 'secret_detected', null],
  ])('%s %i %s: %s', (outcome, status, errorType, error) => {
    const result = toResult(exchange({ outcome, status, errorType }), 5, 7_000);
    expect(result === null ? null : result.error).toBe(error);
  });

  it('is not asked of what the stop of the gateway cut off', () => {
    expect(toResult(exchange({ outcome: 'truncated', aborted: 'shutdown' }), 5, 7_000)).toBeNull();
    expect(toResult(exchange({ outcome: 'error', status: 504, aborted: 'total_timeout' }), 5, 7_000)).not.toBeNull();
  });
});

describe('the result of a request', () => {
  it('has everything that is known, and nothing of its content', () => {
    const full = exchange(
      {
        upstreamModel: 'gpt-4o',
        language: 'fr',
        firstTokenAt: 1_040,
        usage: { inputTokens: 3, outputTokens: 2, cachedInputTokens: 1 },
        costUsd: 0.5,
        finishReason: 'stop',
      },
      FACTS,
    );
    expect(toResult(full, 90, 7_000)).toEqual({
      requestId: 'request-1',
      at: 7,
      error: false,
      truncated: false,
      refusal: false,
      ttftMs: 40,
      latencyMs: 90,
      inputTokens: 3,
      outputTokens: 2,
      outputChars: 12,
      costUsd: 0.5,
      finishReason: 'stop',
      model: 'gpt-4o',
      language: 'fr',
      key: 'dev',
    });
    expect(full.facts).toBe(FACTS);
  });

  it('leaves out what was not observed', () => {
    const result = toResult(exchange({ observer: null }), 90, 7_000);
    expect(result).toEqual({
      requestId: 'request-1',
      at: 7,
      error: false,
      truncated: false,
      latencyMs: 90,
      key: 'dev',
    });
  });

  it.each<[boolean | null, boolean | null, boolean | undefined]>([
    [null, null, undefined],
    [false, null, false],
    [null, false, false],
    [false, false, false],
    [true, false, true],
    [false, true, true],
    [null, true, true],
  ])('with JSON broken: %s and a tool call broken: %s has invalidJson %s', (invalidJson, invalidToolCall, expected) => {
    const result = toResult(exchange({}, { ...FACTS, invalidJson, invalidToolCall }), 1, 0)!;
    expect(result.invalidJson).toBe(expected);
  });

  it('looks at no reply that is not whole: half a reply is broken JSON for other reasons', () => {
    const cut = exchange({ outcome: 'truncated' }, { ...FACTS, invalidJson: true });
    expect(toResult(cut, 1, 0)).not.toHaveProperty('invalidJson');
    expect(cut.facts).toBeNull();
  });

  it('bounds the names that others choose', () => {
    const result = toResult(exchange({ upstreamModel: 'm'.repeat(500), finishReason: 'f'.repeat(500) }), 1, 0)!;
    expect([result.model!.length, result.finishReason!.length]).toEqual([128, 128]);
  });
});
