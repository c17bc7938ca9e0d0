import { describe, expect, it } from 'vitest';
import { send } from '../../src/upstream/send.ts';
import { startFakeUpstream } from '../support/fake-upstream.ts';
import { codeOf, place, statuses } from './places.ts';
import { candidate, FakeClock, newExchange, openUpstream, sendContext, type Overrides } from './support.ts';

const clock = new FakeClock();

describe('a target that keeps failing', () => {
  const ONE_FAILURE: Overrides = { failures: 1, retries: { attempts: 0 } };

  it('is passed by while its circuit is open, and probed by one request when its time is up', async () => {
    const ownClock = new FakeClock();
    const server = await startFakeUpstream(statuses(503, 200));
    const first = candidate(openUpstream(server.url, ownClock, 'first', ONE_FAILURE));
    const second = await place(statuses(200), 'second');
    const call = async (): Promise<string> => {
      const exchange = newExchange();
      await send(exchange, [first, second.candidate], sendContext(ownClock));
      return exchange.provider;
    };
    expect([await call(), await call(), server.calls.length]).toEqual(['second', 'second', 1]);
    ownClock.time += 30_000;
    expect([await call(), await call(), server.calls.length]).toEqual(['first', 'first', 3]);
  });

  it('does not keep others waiting while it is probed', async () => {
    const ownClock = new FakeClock();
    const server = await startFakeUpstream(({ outgoing }) => {
      if (server.calls.length === 1) outgoing.writeHead(500).end();
    });
    const upstream = openUpstream(server.url, ownClock, 'first', ONE_FAILURE);
    const first = candidate(upstream);
    const second = await place(statuses(200), 'second');
    await send(newExchange(), [first], sendContext(ownClock));
    ownClock.time += 30_000;
    const probing = newExchange();
    const probe = codeOf(send(probing, [first], sendContext(ownClock)));
    await server.call(1);
    const other = newExchange();
    await send(other, [first, second.candidate], sendContext(ownClock));
    expect([other.provider, upstream.breaker(first.label).state]).toEqual(['second', 'half_open']);
    probing.abort('client_gone');
    await probe;
    expect(upstream.breaker(first.label).tryAcquire()).toBe(true);
  });

  it('is tried all the same where no target is left', async () => {
    const first = await place(statuses(503, 200), 'first', ONE_FAILURE);
    const second = await place(statuses(503), 'second', ONE_FAILURE);
    const both = [first.candidate, second.candidate];
    await send(newExchange(), both, sendContext(clock));
    expect(both.map(({ upstream, label }) => upstream.breaker(label).state)).toEqual(['open', 'open']);
    const exchange = newExchange();
    const reply = await send(exchange, both, sendContext(clock));
    expect([reply.attempt.status, exchange.provider]).toEqual([200, 'first']);
    reply.breaker.succeeded();
    expect(first.upstream.breaker('first-model').state).toBe('closed');
  });

  it("is judged by server errors and failures, not by what is the caller's doing", async () => {
    const { upstream, candidate: only } = await place(statuses(429, 400, 404, 401), 'first', ONE_FAILURE);
    for (let call = 0; call < 4; call++) await send(newExchange(), [only], sendContext(clock));
    expect(upstream.breaker(only.label).state).toBe('closed');
  });
});
