import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { RequestResult } from '../../src/core/outcome.ts';
import type { Rollout, ShadowSpec } from '../../src/core/rollout.ts';
import type { CopyReply, ShadowOrder } from '../../src/shadow/order.ts';
import { ShadowTraffic } from '../../src/shadow/shadow-traffic.ts';
import { CopyWatch } from '../support/copy-watch.ts';

const DOCUMENT = JsonDocument.parse('{"model":"m"}');
const PRIMARY: RequestResult = { requestId: 'r-1', at: 100, error: false, latencyMs: 500, outputTokens: 7 };
const SHADOW: RequestResult = { requestId: 'r-1-shadow', at: 101, error: false, latencyMs: 700, outputTokens: 9 };
const SPEC: ShadowSpec = { sample: 100, budget: null, timeout: 30_000 };
const DAILY = { usd: 1, per: 'day' } as const;

function newRollout(shadow: Partial<ShadowSpec> = {}, name = 'try'): Rollout {
  return { spec: { name, shadow: { ...SPEC, ...shadow } }, state: { epoch: 3 } } as unknown as Rollout;
}

/** A copy whose reply comes when the test says so. */
class FakeCopy {
  isDone = false;
  isStopped = false;
  isSent = false;
  isCircuitClosed = true;
  hasRoom = true;
  readonly order: ShadowOrder;
  private readonly reply = Promise.withResolvers<CopyReply>();

  constructor(rollout: Rollout, bytes = 10, worstCostUsd: number | null = null) {
    this.order = {
      rollout,
      unit: 'a1b2c3d4e5f60718',
      bytes,
      worstCostUsd,
      target: this,
      send: () => {
        this.isSent = true;
        return { reply: this.reply.promise, stop: () => (this.isStopped = true) };
      },
      done: () => (this.isDone = true),
    };
  }

  answer(reply: Partial<CopyReply> = {}): void {
    this.reply.resolve({ result: SHADOW, costUsd: null, ...reply });
  }
}

function newTraffic() {
  const watch = new CopyWatch();
  const clock = { now: () => 0, wall: () => 1_000_000 };
  return { watch, traffic: new ShadowTraffic({ ...watch.deps, clock }) };
}

/** Everything that waits for nothing but promises has happened. */
async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

/** Money is set aside at the end of a turn. */
async function turn(): Promise<void> {
  await vi.advanceTimersByTimeAsync(250);
}

/** What the store has down as spent once the gateway is gone. */
async function charged(traffic: ShadowTraffic, watch: CopyWatch): Promise<number> {
  await traffic.close();
  return [...watch.counters.values.values()][0]!;
}

function offer(traffic: ShadowTraffic, copy: FakeCopy, primary = PRIMARY): void {
  traffic.hold(copy.order);
  traffic.offer(copy.order, primary);
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a copy', () => {
  it('is sent at once where nothing is in the way, and its result told with the request it was made of', async () => {
    const { watch, traffic } = newTraffic();
    const copy = new FakeCopy(newRollout());
    offer(traffic, copy);
    await settle();
    expect(copy.isSent).toBe(true);
    copy.answer();
    await settle();
    expect(watch.pairs).toEqual([
      { kind: 'pair', rollout: 'try', epoch: 3, unit: 'a1b2c3d4e5f60718', at: 1000, primary: PRIMARY, shadow: SHADOW },
    ]);
    expect(watch.results).toEqual(['ok']);
    expect(copy.isDone).toBe(true);
  });

  it('that fails counts as an error, and is told as well', async () => {
    const { watch, traffic } = newTraffic();
    const copy = new FakeCopy(newRollout());
    offer(traffic, copy);
    copy.answer({ result: { ...SHADOW, error: true } });
    await settle();
    expect(watch.results).toEqual(['error']);
    expect(watch.pairs).toHaveLength(1);
  });

  it('that takes longer than its time is stopped and told as an error', async () => {
    const { watch, traffic } = newTraffic();
    const copy = new FakeCopy(newRollout({ timeout: 2_000 }));
    offer(traffic, copy);
    await vi.advanceTimersByTimeAsync(1_999);
    expect(copy.isStopped).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(copy.isStopped).toBe(true);
    expect(watch.results).toEqual(['timeout']);
    expect(watch.pairs[0]!.shadow).toMatchObject({ error: true, latencyMs: 2_000 });
  });

  it('that had less time than the request took says nothing by being late', async () => {
    const { watch, traffic } = newTraffic();
    offer(traffic, new FakeCopy(newRollout({ timeout: 2_000 })), { ...PRIMARY, latencyMs: 2_500 });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(watch.results).toEqual(['timeout']);
    expect(watch.pairs).toEqual([]);
  });

  it.each([
    ['circuit_open', { isCircuitClosed: false }],
    ['dropped', { hasRoom: false }],
  ] as const)('is not sent (%s) where the target has %j', async (result, obstacle) => {
    const { watch, traffic } = newTraffic();
    const copy = Object.assign(new FakeCopy(newRollout()), obstacle);
    offer(traffic, copy);
    await settle();
    expect(watch.results).toEqual([result]);
    expect(copy).toMatchObject({ isSent: false, isDone: true });
  });

  it('is dropped where sixteen are under way, and the next one goes when one of them is back', async () => {
    const { watch, traffic } = newTraffic();
    const copies = Array.from({ length: 17 }, () => new FakeCopy(newRollout({ budget: DAILY }), 10, 0.01));
    for (const copy of copies) offer(traffic, copy);
    await turn();
    expect(copies.filter(({ isSent }) => isSent)).toHaveLength(16);
    expect(watch.results).toEqual(['dropped']);
    copies[0]!.answer();
    await settle();
    const next = new FakeCopy(newRollout());
    offer(traffic, next);
    await settle();
    expect(next.isSent).toBe(true);
  });
});

describe('what a copy may be made of', () => {
  it('is not what the provider would act on, or does not serve, and why is counted', () => {
    const { watch, traffic } = newTraffic();
    const tools = JsonDocument.parse('{"tools":[{"type":"web_search"}]}');
    const state = JsonDocument.parse('{"background":true}');
    expect(traffic.admits(newRollout(), 'chat', tools, true)).toBe(false);
    expect(traffic.admits(newRollout(), 'responses', state, true)).toBe(false);
    expect(traffic.admits(newRollout(), 'chat', DOCUMENT, false)).toBe(false);
    expect(traffic.admits(newRollout(), 'chat', DOCUMENT, true)).toBe(true);
    expect(watch.results).toEqual(['skipped_tools', 'skipped_state', 'skipped_endpoint']);
  });

  it('is bounded, each body and all together, until they are sent or given up', async () => {
    const { watch, traffic } = newTraffic();
    const half = 32 * 1024 * 1024;
    const copies = [new FakeCopy(newRollout(), half), new FakeCopy(newRollout(), half)];
    for (const { order } of copies) traffic.hold(order);
    expect(traffic.admits(newRollout(), 'chat', DOCUMENT, true)).toBe(false);
    traffic.withdraw(copies[0]!.order);
    expect(copies[0]!.isDone).toBe(true);
    expect(traffic.admits(newRollout(), 'chat', DOCUMENT, true)).toBe(true);
    const large = JsonDocument.parse(JSON.stringify({ input: 'x'.repeat(4 * 1024 * 1024) }));
    expect(traffic.admits(newRollout(), 'chat', large, true)).toBe(false);
    traffic.offer(copies[1]!.order, PRIMARY);
    copies[1]!.answer();
    await settle();
    traffic.hold(new FakeCopy(newRollout(), half).order);
    expect(traffic.admits(newRollout(), 'chat', DOCUMENT, true)).toBe(true);
    expect(watch.results).toEqual(['dropped', 'dropped', 'ok']);
  });
});

describe('a budget', () => {
  it('is charged with what copies really cost', async () => {
    const { watch, traffic } = newTraffic();
    const copy = new FakeCopy(newRollout({ budget: DAILY }), 10, 0.4);
    offer(traffic, copy);
    await turn();
    copy.answer({ costUsd: 0.1 });
    await settle();
    expect(watch.costs).toEqual([0.1]);
    expect(await charged(traffic, watch)).toBeCloseTo(0.1, 12);
  });

  it.each([
    ['that tells no usage', async (copy: FakeCopy) => copy.answer({ costUsd: null })],
    ['that is too slow', async () => void (await vi.advanceTimersByTimeAsync(30_000))],
  ])('takes the worst of a copy %s', async (_, end) => {
    const { watch, traffic } = newTraffic();
    const copy = new FakeCopy(newRollout({ budget: DAILY }), 10, 0.4);
    offer(traffic, copy);
    await turn();
    await end(copy);
    await settle();
    expect(watch.costs).toEqual([0.4]);
    expect(await charged(traffic, watch)).toBeCloseTo(0.4, 12);
  });

  it('that is spent stops copies, and so does one for what has no price', async () => {
    const { watch, traffic } = newTraffic();
    const copies = [0.7, 0.7, null].map((worst) => new FakeCopy(newRollout({ budget: DAILY }), 10, worst));
    for (const copy of copies) offer(traffic, copy);
    await turn();
    expect(copies.map(({ isSent }) => isSent)).toEqual([true, false, false]);
    expect(watch.results).toEqual(['no_price', 'over_budget']);
  });

  it('is not charged for a copy that was stopped by the last connection going meanwhile', async () => {
    const { watch, traffic } = newTraffic();
    const copy = new FakeCopy(newRollout({ budget: DAILY }), 10, 0.4);
    offer(traffic, copy);
    copy.hasRoom = false;
    await turn();
    expect(copy.isSent).toBe(false);
    expect(watch.results).toEqual(['dropped']);
    expect(await charged(traffic, watch)).toBe(0);
  });

  it('that cannot be read stops copies; none is sent unaccounted', async () => {
    const { watch, traffic } = newTraffic();
    watch.counters.failure = new Error('the store is gone');
    const copy = new FakeCopy(newRollout({ budget: DAILY }), 10, 0.4);
    offer(traffic, copy);
    await turn();
    expect(copy).toMatchObject({ isSent: false, isDone: true });
    expect(watch.results).toEqual(['store']);
    expect(watch.failures).toEqual([watch.counters.failure]);
  });
});

describe('the end of the process', () => {
  it('stops copies under way and takes no more, and tells nothing of them', async () => {
    const { watch, traffic } = newTraffic();
    const [running, later] = [new FakeCopy(newRollout()), new FakeCopy(newRollout())];
    offer(traffic, running);
    traffic.hold(later.order);
    await settle();
    void traffic.close();
    expect(running.isStopped).toBe(true);
    running.answer({ result: { ...SHADOW, error: true } });
    traffic.offer(later.order, PRIMARY);
    await settle();
    expect(traffic.admits(newRollout(), 'chat', DOCUMENT, true)).toBe(false);
    expect(later).toMatchObject({ isSent: false, isDone: true });
    expect(watch.pairs).toEqual([]);
    expect(watch.results).toEqual(['dropped', 'dropped', 'dropped']);
  });
});

describe('the pairs that can be looked at', () => {
  it('are the latest 200 of each rollout, newest first', async () => {
    const { traffic } = newTraffic();
    for (let number = 0; number < 205; number++) {
      const copy = new FakeCopy(newRollout());
      offer(traffic, copy, { ...PRIMARY, requestId: `r-${number}` });
      copy.answer();
      await settle();
    }
    const pairs = traffic.pairs('try', 1000);
    expect(pairs).toHaveLength(200);
    expect(pairs[0]!.primary.requestId).toBe('r-204');
    expect(traffic.pairs('try', 2).map(({ primary }) => primary.requestId)).toEqual(['r-204', 'r-203']);
    expect(traffic.pairs('other', 10)).toEqual([]);
  });

  it('show what was not told as unknown', async () => {
    const { traffic } = newTraffic();
    const copy = new FakeCopy(newRollout());
    offer(traffic, copy);
    copy.answer({ result: { requestId: 'r-1-shadow', at: 1, error: true } });
    await settle();
    expect(traffic.pairs('try', 1)[0]!.shadow).toEqual({
      requestId: 'r-1-shadow',
      model: null,
      error: true,
      refusal: null,
      invalidJson: null,
      latencyMs: null,
      outputTokens: null,
      costUsd: null,
      finishReason: null,
    });
  });

  it('are those of the rollouts that had one last', async () => {
    const { traffic } = newTraffic();
    for (let number = 0; number < 66; number++) {
      const copy = new FakeCopy(newRollout({}, `try-${number % 65 === 0 ? 0 : number}`));
      offer(traffic, copy);
      copy.answer();
      await settle();
    }
    expect(traffic.pairs('try-0', 10)).toHaveLength(1);
    expect(traffic.pairs('try-64', 10)).toHaveLength(1);
    expect(traffic.pairs('try-1', 10)).toEqual([]);
  });
});
