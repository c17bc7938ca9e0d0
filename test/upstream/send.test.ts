import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Exchange } from '../../src/core/exchange.ts';
import { send, type Reply } from '../../src/upstream/send.ts';
import { startRawUpstream } from '../support/fake-upstream.ts';
import { codeOf, failureOf, place, refusing, statuses } from './places.ts';
import { candidate, FakeClock, newExchange, openUpstream, post, sendContext } from './support.ts';

const clock = new FakeClock();

function bodyOf({ attempt, body }: Reply): Promise<string> {
  if (body !== null) return Promise.resolve(body.toString());
  return new Promise((resolve, reject) => {
    let text = '';
    attempt.pipeTo({ data: (chunk) => void (text += chunk.toString()), end: () => resolve(text), fail: reject });
  });
}

const named = ({ provider, upstreamModel, modelLabel }: Exchange): string[] => [provider, upstreamModel, modelLabel];

afterEach(() => void vi.restoreAllMocks());

describe('a call', () => {
  it('is answered by the first target that can', async () => {
    const [first, second] = [await place(statuses(200)), await place(statuses(200), 'second')];
    const exchange = newExchange();
    const context = sendContext(clock);
    const reply = await send(exchange, [first.candidate, second.candidate], context);
    expect([await bodyOf(reply), second.server.calls.length, exchange.attempts]).toEqual(['{"call":0}', 0, 1]);
    expect([...named(exchange), exchange.fallback]).toEqual(['first', 'first-model', 'first-model', '']);
    expect(context.attempts).toEqual(['first first-model ok']);
  });

  it('is tried again at the same target after a status that allows it', async () => {
    const { server, candidate: only } = await place(statuses(503, 200));
    const context = sendContext(clock);
    const exchange = newExchange();
    const reply = await send(exchange, [only], context);
    expect([reply.attempt.status, await bodyOf(reply), exchange.attempts]).toEqual([200, '{"call":1}', 2]);
    expect(context.attempts).toEqual(['first first-model http_503', 'first first-model ok']);
    expect(server.calls.map(({ body }) => body.toString())).toEqual(['{"model":"m"}', '{"model":"m"}']);
  });

  it.each([400, 401, 404, 500])('is not tried again after %i, and the reply passes as it is', async (status) => {
    const { server, candidate: only } = await place(statuses(status));
    const reply = await send(newExchange(), [only], sendContext(clock));
    expect([reply.attempt.status, await bodyOf(reply), server.calls.length]).toEqual([status, '{"call":0}', 1]);
  });

  it('waits as long as the provider asks, where that is short', async () => {
    const waits = vi.spyOn(globalThis, 'setTimeout');
    const { candidate: only } = await place(
      statuses([429, { 'retry-after-ms': '7' }], [503, { 'retry-after': '0' }], 200),
      'first',
      { retries: { attempts: 2 } },
    );
    expect((await send(newExchange(), [only], sendContext(clock))).attempt.status).toBe(200);
    expect(waits.mock.calls.map(([, wait]) => wait)).toEqual(expect.arrayContaining([7, 0]));
  });

  it.each([{ 'retry-after': '60' }, { 'retry-after-ms': '1001' }, { 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' }])(
    'moves on at once where the provider asks for longer: %j',
    async (headers) => {
      const [first, second] = [await place(statuses([429, headers])), await place(statuses(200), 'second')];
      const reply = await send(newExchange(), [first.candidate, second.candidate], sendContext(clock));
      expect([reply.attempt.status, first.server.calls.length, second.server.calls.length]).toEqual([200, 1, 1]);
    },
  );

  it('goes to its fallback where nothing listens', async () => {
    const second = await place(statuses(200), 'second');
    const exchange = newExchange();
    const context = sendContext(clock);
    const reply = await send(exchange, [candidate(await refusing()), second.candidate], context);
    expect([reply.attempt.status, named(exchange)[0]]).toEqual([200, 'second']);
    expect(exchange.fallback).toBe('second/second-model');
    expect(context.attempts).toEqual([
      'first first-model connect_error',
      'first first-model connect_error',
      'second second-model ok',
    ]);
  });

  it('is unavailable where nothing listens anywhere', async () => {
    expect(await codeOf(send(newExchange(), [candidate(await refusing())], sendContext(clock)))).toBe(
      'upstream_unavailable',
    );
  });

  it('is never sent twice where the first may have arrived', async () => {
    const { url } = await startRawUpstream((socket) => socket.resetAndDestroy());
    const second = await place(statuses(200), 'second');
    const context = sendContext(clock);
    const code = await codeOf(send(newExchange(), [candidate(openUpstream(url, clock)), second.candidate], context));
    expect([code, context.attempts, second.server.calls.length]).toEqual([
      'upstream_unavailable',
      ['first first-model reset'],
      0,
    ]);
  });

  it('goes to its fallback when the first byte does not come in time, and times out without one', async () => {
    const silent = await place(() => {});
    const hasty = { ...silent.candidate, request: () => post({ firstByteTimeout: 30 }) };
    const second = await place(statuses(200), 'second');
    expect((await send(newExchange(), [hasty, second.candidate], sendContext(clock))).attempt.status).toBe(200);
    expect(silent.server.calls).toHaveLength(1);
    expect(await codeOf(send(newExchange(), [hasty], sendContext(clock)))).toBe('upstream_timeout');
  });

  it.each([
    ['a page', [200, { 'content-type': 'Text/HTML; charset=utf-8' }]],
    ['a redirect', [302, { location: 'http://127.0.0.1:1/' }]],
    ['a redirect that keeps the method', [307, { location: 'http://127.0.0.1:1/' }]],
  ] as const)('takes %s for no answer', async (_what, answer) => {
    const [first, second] = [await place(statuses([...answer])), await place(statuses(200), 'second')];
    expect((await send(newExchange(), [first.candidate, second.candidate], sendContext(clock))).attempt.status).toBe(
      200,
    );
    expect(await codeOf(send(newExchange(), [first.candidate], sendContext(clock)))).toBe('upstream_unavailable');
    expect(first.server.calls).toHaveLength(2);
  });

  it('that is passed through may be answered by pages and redirects, which are not followed', async () => {
    const target = await place(statuses(200), 'target');
    const { candidate: only } = await place(
      statuses([302, { location: target.server.url, 'content-type': 'text/html' }]),
    );
    const reply = await send(newExchange('passthrough'), [only], sendContext(clock));
    expect([reply.attempt.status, target.server.calls.length]).toEqual([302, 0]);
  });

  it('gets the last error reply once all targets are used up, unread and unmodified', async () => {
    const [first, second] = [await place(statuses(503)), await place(statuses(529), 'second')];
    const exchange = newExchange();
    const reply = await send(exchange, [first.candidate, second.candidate], sendContext(clock));
    expect([reply.attempt.status, reply.body, await bodyOf(reply), named(exchange)[0]]).toEqual([
      529,
      null,
      '{"call":1}',
      'second',
    ]);
  });

  it("gets the earlier error reply, under its own provider's name, where later targets cannot be reached", async () => {
    const first = await place(statuses(429));
    const exchange = newExchange();
    const reply = await send(exchange, [first.candidate, candidate(await refusing('second'))], sendContext(clock));
    expect([reply.attempt.status, reply.body?.toString()]).toEqual([429, '{"call":1}']);
    expect([...named(exchange), exchange.fallback]).toEqual(['first', 'first-model', 'first-model', '']);
  });

  it('gets no error reply that was too long to keep or broke off', async () => {
    const long = await place(({ outgoing }) => void outgoing.writeHead(503).end(Buffer.alloc(65 * 1024)), 'first', {
      retries: { attempts: 0 },
    });
    const cut = await place(
      ({ outgoing }) => {
        outgoing.writeHead(503, { 'content-length': '9' });
        outgoing.write('part', () => outgoing.socket?.resetAndDestroy());
      },
      'second',
      { retries: { attempts: 0 } },
    );
    const gone = candidate(await refusing('third'));
    expect(await codeOf(send(newExchange(), [long.candidate, gone], sendContext(clock)))).toBe('upstream_unavailable');
    expect(await codeOf(send(newExchange(), [cut.candidate, gone], sendContext(clock)))).toBe('upstream_unavailable');
  });

  it('gets its reply at once where the budget of retries is used up', async () => {
    const { server, candidate: only } = await place(statuses(503, 200));
    const reply = await send(newExchange(), [only], sendContext(clock, 0));
    expect([reply.attempt.status, await bodyOf(reply), server.calls.length]).toEqual([503, '{"call":0}', 1]);
  });

  it('gives its share of the budget back', async () => {
    const { server, candidate: only } = await place(statuses(503, 200, 503, 200));
    const context = sendContext(clock, 1);
    for (let call = 0; call < 2; call++) expect((await send(newExchange(), [only], context)).attempt.status).toBe(200);
    expect(server.calls).toHaveLength(4);
  });

  it('whose request cannot be made gives probe and budget back', async () => {
    const first = await place(statuses(503), 'first', { failures: 9 });
    let calls = 0;
    const failing = {
      ...first.candidate,
      request: () => {
        if (calls++ > 0) throw new Error('a fault of ours');
        return post();
      },
    };
    const context = sendContext(clock, 1);
    expect(await failureOf(send(newExchange(), [failing], context))).toMatchObject({ message: 'a fault of ours' });
    expect(context.retryBudget.tryAcquire()).toBe(true);
  });

  it("that HTTP cannot carry is the caller's fault, and does not count against the target", async () => {
    const { upstream, candidate: only } = await place(statuses(200), 'first', { failures: 1 });
    const second = await place(statuses(200), 'second');
    const bad = { ...only, request: () => post({ path: 'p://x' }) };
    expect(await codeOf(send(newExchange(), [bad, second.candidate], sendContext(clock)))).toBe('invalid_request');
    expect([upstream.breaker(only.label).state, second.server.calls.length]).toEqual(['closed', 0]);
  });
});

describe('a client that leaves', () => {
  it('before anything is sent costs no connection', async () => {
    const { server, candidate: only } = await place(statuses(200));
    const exchange = newExchange();
    exchange.abort('client_gone');
    expect(await codeOf(send(exchange, [only], sendContext(clock)))).toBe('client_gone');
    expect(server.connections).toBe(0);
  });

  it('while the provider works ends its request, without a second try or a mark on the target', async () => {
    const { server, upstream, candidate: only } = await place(() => {}, 'first', { failures: 1 });
    const exchange = newExchange();
    const outcome = codeOf(send(exchange, [only], sendContext(clock)));
    const { left } = await server.call(0);
    exchange.abort('client_gone');
    expect([await outcome, await left, upstream.breaker(only.label).state, server.calls.length]).toEqual([
      'client_gone',
      true,
      'closed',
      1,
    ]);
  });

  it('while a retry waits ends the waiting and gives the budget back', async () => {
    const exchange = newExchange();
    const { server, candidate: only } = await place(statuses([503, { 'retry-after-ms': '999' }]));
    const context = sendContext(clock, 1);
    const waits = vi.spyOn(globalThis, 'setTimeout');
    const waiting = vi.waitUntil(() => waits.mock.calls.some(([, wait]) => wait === 999), { interval: 1 });
    const outcome = codeOf(send(exchange, [only], context));
    await waiting;
    exchange.abort('client_gone');
    expect([await outcome, server.calls.length, context.retryBudget.tryAcquire()]).toEqual(['client_gone', 1, true]);
  });

  it.each([
    ['total_timeout', 'upstream_timeout'],
    ['shutdown', 'overloaded'],
  ] as const)('is told apart from %s, which is answered by %s', async (reason, code) => {
    const { server, candidate: only } = await place(() => {});
    const second = await place(statuses(200), 'second');
    const exchange = newExchange();
    const outcome = codeOf(send(exchange, [only, second.candidate], sendContext(clock)));
    await server.call(0);
    exchange.abort(reason);
    expect([await outcome, second.server.calls.length]).toEqual([code, 0]);
  });
});
