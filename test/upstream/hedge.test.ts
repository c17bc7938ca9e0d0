import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../src/core/exchange.ts';
import type { HeldSecond, SecondRequests } from '../../src/upstream/attempt-once.ts';
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
  const call = (exchange: Exchange = newExchange(), seconds: SecondRequests | null = null) =>
    send(exchange, candidates, { ...context, seconds });
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
    expect([loads[0]!.outstanding, ...loads.map(({ waitingFor }) => waitingFor)]).toEqual([0, 0, 0]);
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

describe('what a second request takes', () => {
  const recorded = () => {
    const ended: (string | null)[] = [];
    const held: HeldSecond = { ended: (lost) => ended.push(lost === null ? null : lost.model) };
    return { ended, held };
  };

  it('is reserved before it is sent, and told of the one that was ended', async () => {
    const { call, upstreams } = await open(silent, healthy);
    const { ended, held } = recorded();
    await call(newExchange(), { reserve: () => Promise.resolve(held) });
    expect([ended, upstreams[1].calls.length]).toEqual([['first-model'], 1]);
  });

  it('is given back where the first target answers while it is reserved', async () => {
    const { ended, held } = recorded();
    let reserved: (held: HeldSecond) => void = () => {};
    let isAsked = (): void => {};
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    const hedge = new Hedge({ after: 1, budget: 100 });
    const { call, upstreams, context } = await open(
      async (request) => {
        await asked;
        answerChat(request);
      },
      healthy,
      hedge,
    );
    const reserve = () => {
      isAsked();
      return new Promise<HeldSecond>((resolve) => (reserved = resolve));
    };
    expect((await call(newExchange(), { reserve })).attempt.status).toBe(200);
    reserved(held);
    await Promise.resolve();
    expect([ended, upstreams[1].calls.length, context.hedges]).toEqual([[null], 0, []]);
    expect(hedge.tryAcquire()).toBe(true);
  });

  it('is told of one where the app left both', async () => {
    const left = recorded();
    const both = await open(silent, silent);
    const exchange = newExchange();
    const sent = both.call(exchange, { reserve: () => left.held }).catch(() => null);
    await Promise.all(both.upstreams.map((upstream) => upstream.call(0)));
    exchange.abort('client_gone');
    await sent;
    expect(left.ended).toEqual(['second-model']);
  });

  it('that does not fit, or goes to an open circuit, is not sent and counted', async () => {
    const late: UpstreamHandler = async (request) => {
      while (reasons().length === 0) await new Promise(setImmediate);
      answerChat(request);
    };
    let reasons = (): readonly string[] => [];
    for (const [why, held] of [
      ['over_limit', null],
      ['unhealthy', recorded()],
    ] as const) {
      const { call, context, candidates, upstreams } = await open(late, healthy);
      reasons = () => context.hedges;
      const breaker = candidates[1]!.upstream.breaker('second-model');
      // Half open, with its probe under way: it is reachable, and takes no other request.
      if (held !== null) {
        for (let i = 0; i < 5; i++) breaker.failed();
        (context.clock as FakeClock).time += 30_000;
        breaker.tryAcquire();
      }
      await call(newExchange(), { reserve: () => held?.held ?? null });
      expect([context.hedges, upstreams[1].calls.length]).toEqual([[why], 0]);
      expect(held?.ended ?? [null]).toEqual([null]);
    }
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
