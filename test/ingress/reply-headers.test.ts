import { describe, expect, it } from 'vitest';
import { replyHeaders } from '../../src/ingress/reply-headers.ts';
import { newExchange } from './support.ts';

const raw = (...headers: string[]): Buffer[] => headers.map((text) => Buffer.from(text, 'latin1'));
const OWN = ['x-sluice-request-id', 'request-1'];

describe('the headers of a reply', () => {
  it("are the provider's, in order, spelling and bytes, with repetitions, and ours behind them", () => {
    const given = [
      'X-Request-Id',
      'r1',
      'x-ratelimit-remaining',
      '9',
      'X-Many',
      'a',
      'X-Many',
      'caf\xe9',
      'Retry-After',
      '1',
    ];
    expect(replyHeaders(raw(...given), newExchange(), false)).toEqual([...given, ...OWN]);
  });

  it.each([
    'Connection',
    'Keep-Alive',
    'Proxy-Authenticate',
    'Proxy-Connection',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'Set-Cookie',
    'Alt-Svc',
    'X-Sluice-Provider',
    'x-sluice-redacted',
  ])("never hold the provider's %s", (name) => {
    expect(replyHeaders(raw(name, 'close'), newExchange(), false)).toEqual(OWN);
  });

  it.each(['Content-Length', 'Content-Encoding', 'Content-MD5', 'Digest', 'Content-Digest', 'ETag'])(
    "hold %s only where the body is the provider's own",
    (name) => {
      expect(replyHeaders(raw(name, 'x'), newExchange(), false)).toEqual([name, 'x', ...OWN]);
      expect(replyHeaders(raw(name, 'x'), newExchange(), true)).toEqual(OWN);
    },
  );

  it('tell the way that the call took', () => {
    const exchange = newExchange();
    Object.assign(exchange, { provider: 'sim', upstreamModel: 'fast-v2', rollout: 'fast', arm: 'canary' });
    exchange.found('request', { rule: 'pii.email', category: 'emails', action: 'mask', start: 0, end: 1 });
    expect(replyHeaders([], exchange, false)).toEqual([
      ...OWN,
      'x-sluice-provider',
      'sim',
      'x-sluice-model',
      'fast-v2',
      'x-sluice-rollout',
      'fast',
      'x-sluice-arm',
      'canary',
      'x-sluice-redacted',
      'pii.email=1',
    ]);
  });

  it("cannot be ended by a model name, which may be the caller's own text", () => {
    const exchange = newExchange();
    exchange.upstreamModel = `a\r\nx-injected: 1\u2028${'b'.repeat(300)}`;
    const [, model] = replyHeaders([], exchange, false).slice(2);
    expect(model).toMatch(/^[\x20-\x7e]{256}$/);
  });
});
