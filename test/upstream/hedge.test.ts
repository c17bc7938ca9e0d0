import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../src/core/exchange.ts';
import { Hedge } from '../../src/upstream/hedge.ts';
import { send } from '../../src/upstream/send.ts';
import { TargetLoad } from '../../src/upstream/target-load.ts';
import {
  answerChat,
  answerJson,
  startFakeUpstream,
  type FakeUpstream,
  type UpstreamHandler,
} from '../support/fake-upstream.ts';
import { candidate, FakeClock, newExchange, openUpstream, sendContext } from './support.ts';

const silent: UpstreamHandler = () => {};
const healthy: UpstreamHandler = (call) => answerChat(call);
const broken: UpstreamHandler = (call) => answerJson(call, {}, 500);

async function open(first: UpstreamHandler, second: UpstreamHandler, hedge = new Hedge({ after: 1, budget: 100 })) {
  const clock = new FakeClock();
  const upstreams = [await startFakeUpstream(first), await startFakeUpstream(second)] as [FakeUpstream, FakeUpstream];
  const names = ['first', 'second'];
  const loads = names.map(() => new TargetLoad(clock, () => false));
  const candidates = upstreams.map(({ url }, index) =>
    candidate(openUpstream(url, clock, names[index]!, { retries: { attempts: 0 } }), { load: loads[index]!, hedge }),
  );
  const context = sendContext(clock);
  const call = (exchange: Exchange = newExchange()) => send(exchange, candidates, context);
  return { upstreams, context, call, loads, candidates };
}

describe('a hedged request', () => {
  it('goes to the second target where the first one keeps it waiting, and the first one is left', async () => {
    const { upstreams, call, context, loads } = await open(silent, healthy);
    const exchange = newExchange();
    const reply = await call(exchange);
    expect([reply.attempt.status, exchange.provider, exchange.fallback]).toEqual([
      200,
      'second',
      'second/second-model',
    ]);
    expect(await upstreams[0].calls[0]!.left).toBe(true);
    expect(context.attempts).toEqual(['second second-model ok', 'first first-model hedged']);
    expect(loads[0]!.outstanding).toBe(0);
    expect(loads[0]!.latency).not.toBeNull();
  });

  it('takes the first target where that one is faster after all', async () => {
    const { upstreams, call } = await open(async (request) => {
      await upstreams[1].call(0);
      answerChat(request);
    }, silent);
    const exchange = newExchange();
    expect((await call(exchange)).attempt.status).toBe(200);
    expect([exchange.provider, exchange.fallback]).toEqual(['first', '']);
    expect(await upstreams[1].calls[0]!.left).toBe(true);
  });

  it('waits for the first one where the second one fails', async () => {
    const { upstreams, call } = await open(async (request) => {
      await upstreams[1].call(0);
      answerChat(request);
    }, broken);
    const exchange = newExchange();
    await call(exchange);
    expect(exchange.provider).toBe('first');
  });

  it('fails once where both fail, and asks neither again', async () => {
    const { upstreams, call } = await open(async (request) => {
      await upstreams[1].call(0);
      answerJson(request, { which: 1 }, 500);
    }, broken);
    const exchange = newExchange();
    expect((await call(exchange)).attempt.status).toBe(500);
    expect([exchange.provider, upstreams[0].calls.length, upstreams[1].calls.length]).toEqual(['first', 1, 1]);
  });

  it('is sent once where the first target answers in time', async () => {
    const { upstreams, call } = await open(healthy, healthy, new Hedge({ after: 60_000, budget: 100 }));
    await call();
    expect([upstreams[0].calls.length, upstreams[1].calls.length]).toEqual([1, 0]);
  });

  it('ends both where the client leaves', async () => {
    const { upstreams, call } = await open(silent, silent);
    const exchange = newExchange();
    const sent = call(exchange).catch((error: unknown) => error);
    await Promise.all(upstreams.map((upstream) => upstream.call(0)));
    exchange.abort('client_gone');
    expect(await sent).toMatchObject({ kind: 'client_gone' });
    expect(await Promise.all(upstreams.map(({ calls }) => calls[0]!.left))).toEqual([true, true]);
  });
});

describe('the budget of second requests', () => {
  it('allows the configured share, and a pause saves up only a few', () => {
    const hedge = new Hedge({ after: 1, budget: 5 });
    let sent = 0;
    for (let i = 0; i < 1_000; i++) {
      hedge.delay(false);
      if (hedge.tryAcquire()) sent++;
    }
    expect(sent).toBe(51);
    for (let i = 0; i < 10_000; i++) hedge.delay(false);
    while (hedge.tryAcquire()) sent++;
    expect(sent).toBe(61);
  });
});

describe('the time before a second request', () => {
  it('is the 95th percentile of the latest times of its own kind, once enough are known', () => {
    const hedge = new Hedge({ after: 'p95', budget: 5 });
    for (let time = 1; time <= 63; time++) hedge.answered(time, true);
    expect(hedge.delay(true)).toBeNull();
    hedge.answered(64, true);
    expect([hedge.delay(true), hedge.delay(false)]).toEqual([61, null]);
    for (let time = 0; time < 256; time++) hedge.answered(7, true);
    expect(hedge.delay(true)).toBe(7);
  });
});
