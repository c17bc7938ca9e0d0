import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { Principal } from '../../src/core/principal.ts';
import { authorizeEverything, authorizeModel, InflightLimit } from '../../src/policy/admit.ts';

function refusal(step: () => void): GatewayError {
  try {
    step();
  } catch (error) {
    if (error instanceof GatewayError) return error;
  }
  throw new Error('not refused');
}

function principal(mayUse: (model: string) => boolean): Principal {
  return {
    name: 'narrow',
    isAnonymous: false,
    allowArmOverride: false,
    metadata: {},
    modelNames: [],
    allowances: [],
    mayUse,
  };
}

describe('the limit of requests in flight', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('refuses the one too many, and takes the next when one has left', () => {
    const limit = new InflightLimit();
    limit.enter(2);
    limit.enter(2);
    const { code, details } = refusal(() => limit.enter(2));
    expect([code, details.retryAfterSeconds, details.closeConnection, limit.current]).toEqual([
      'overloaded',
      1,
      true,
      2,
    ]);
    limit.leave();
    limit.enter(2);
    expect(limit.current).toBe(2);
  });

  it('refuses everything once it drains', () => {
    const limit = new InflightLimit();
    limit.enter(9);
    limit.drain();
    expect(refusal(() => limit.enter(9)).code).toBe('overloaded');
    expect(limit.current).toBe(1);
  });

  it('tells when it is idle, at the last leaving', async () => {
    const limit = new InflightLimit();
    await limit.idle(1_000);
    limit.enter(9);
    limit.enter(9);
    let isIdle = false;
    const idle = limit.idle(1_000).then(() => (isIdle = true));
    limit.leave();
    await Promise.resolve();
    expect(isIdle).toBe(false);
    limit.leave();
    await idle;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stops waiting for idleness when the time is up', async () => {
    const limit = new InflightLimit();
    limit.enter(9);
    const idle = limit.idle(1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    await idle;
    expect(limit.current).toBe(1);
  });
});

describe('the right to a model', () => {
  it('is asked by the name that the app sent, and the answer never quotes it', () => {
    const narrow = principal((model) => model === 'chat-fast');
    expect(() => authorizeModel(narrow, 'chat-fast')).not.toThrow();
    const { code, message, details } = refusal(() => authorizeModel(narrow, 'secret-model'));
    expect([code, details.param]).toEqual(['model_not_allowed', 'model']);
    expect(message).not.toContain('secret-model');
  });

  it('of a call without a model, and of endpoints that are not read, takes a key for all models', () => {
    const narrow = principal((model) => model === 'chat-fast');
    const all = principal(() => true);
    expect(refusal(() => authorizeModel(narrow, null)).code).toBe('model_not_allowed');
    expect(refusal(() => authorizeEverything(narrow)).code).toBe('model_not_allowed');
    expect(() => {
      authorizeModel(all, null);
      authorizeEverything(all);
    }).not.toThrow();
  });
});
