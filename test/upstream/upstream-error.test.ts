import { describe, expect, it } from 'vitest';
import { toFailure, UpstreamFailure, type FailureKind } from '../../src/upstream/upstream-error.ts';

function coded(code: string): Error {
  return Object.assign(new Error('x'), { code });
}

describe('a failed attempt', () => {
  it.each([
    ['UND_ERR_CONNECT_TIMEOUT', false, 'connect_timeout'],
    ['ECONNREFUSED', false, 'connect_error'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', false, 'connect_error'],
    ['UND_ERR_HEADERS_TIMEOUT', true, 'first_byte_timeout'],
    ['UND_ERR_BODY_TIMEOUT', true, 'idle_timeout'],
    ['ECONNRESET', true, 'reset'],
    ['UND_ERR_SOCKET', true, 'reset'],
    ['UND_ERR_HEADERS_OVERFLOW', true, 'malformed_reply'],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', true, 'malformed_reply'],
    ['UND_ERR_INVALID_ARG', false, 'unsendable'],
    ['UND_ERR_NOT_SUPPORTED', false, 'unsendable'],
  ] as const)('with the code %s, started: %s, is a %s', (code, wasStarted, kind) => {
    const failure = toFailure(coded(code), wasStarted);
    expect([failure.kind, failure.maySentBytes]).toEqual([kind, wasStarted]);
  });

  it('stays what it is', () => {
    const failure = new UpstreamFailure('client_gone', true, 'x');
    expect(toFailure(failure, false)).toBe(failure);
  });

  it.each([
    ['connect_error', false, true, 'upstream_unavailable'],
    ['connect_timeout', false, true, 'upstream_timeout'],
    ['first_byte_timeout', true, true, 'upstream_timeout'],
    ['malformed_reply', true, true, 'upstream_unavailable'],
    ['reset', true, false, 'upstream_unavailable'],
    ['idle_timeout', true, false, 'upstream_timeout'],
    ['total_timeout', true, false, 'upstream_timeout'],
    ['shutdown', true, false, 'overloaded'],
    ['client_gone', false, false, 'upstream_unavailable'],
    ['unsendable', false, false, 'invalid_request'],
  ] as const)('of the kind %s (sent: %s) allows a fallback: %s, and is told as %s', (kind, sent, allows, code) => {
    const failure = new UpstreamFailure(kind as FailureKind, sent, 'sk-secret in an error text');
    expect(failure.allowsFallback).toBe(allows);
    const error = failure.toGatewayError('openai');
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('sk-secret');
  });
});
