import { describe, expect, it } from 'vitest';
import { ERRORS, GatewayError, type ErrorCode } from '../../src/core/errors.ts';

describe('the errors of the gateway', () => {
  it('keep the status that the public contract promises', () => {
    const promised: Partial<Record<ErrorCode, number>> = {
      invalid_json: 400,
      ambiguous_json: 400,
      json_too_deep: 400,
      secret_detected: 400,
      invalid_api_key: 401,
      model_not_allowed: 403,
      model_not_found: 404,
      body_too_large: 413,
      unsupported_encoding: 415,
      upgrade_not_supported: 426,
      upstream_unavailable: 502,
      overloaded: 503,
      detector_unavailable: 503,
      upstream_timeout: 504,
    };
    for (const [code, status] of Object.entries(promised))
      expect(new GatewayError(code as ErrorCode, '').status).toBe(status);
  });

  it('tell SDKs not to repeat what is refused here, and to repeat what was never judged', () => {
    const { detector_unavailable: unjudged, ...others } = ERRORS;
    expect(unjudged.shouldRetry).toBe(true);
    for (const [code, { status, shouldRetry }] of Object.entries(others)) {
      // Of the two 429 only the rate comes back by itself within a time that a client waits.
      const isRefusal = status < 500 && code !== 'rate_limit_exceeded';
      expect({ code, shouldRetry }).toEqual({ code, shouldRetry: isRefusal ? false : null });
    }
  });

  it("carry no stack, and leave the depth of other errors' stacks as it was", () => {
    const { stackTraceLimit } = Error;
    expect(new GatewayError('overloaded', 'busy').stack).not.toContain('    at ');
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });
});
