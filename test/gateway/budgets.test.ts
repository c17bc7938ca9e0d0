import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSimulator, type RunningSimulator, type SimulatorOptions } from '../../src/simulator/simulator.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const SECRET = 'sk-sluice-limited';
/** US dollars per million tokens: a token of input costs a hundredth of a cent, one of output a tenth. */
const PRICE = { input: 100, output: 1000 };
const OUTPUT = 20;
const headers = { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' };

interface Setup {
  readonly gateway: TestGateway;
  readonly simulator: RunningSimulator;
}

async function setup(key: object, options: SimulatorOptions = {}, settings: object = {}): Promise<Setup> {
  const simulator = await startSimulator({
    defaults: { latency: { medianMs: 0 }, ttft: { medianMs: 0 }, interTokenMs: 0 },
    ...options,
  });
  onTestFinished(() => simulator.close());
  const gateway = await startTestGateway({
    providers: { sim: { type: 'openai', baseUrl: simulator.baseUrl, retries: { attempts: 0 } } },
    models: { m: { target: 'sim/m' } },
    prices: { 'sim/m': PRICE },
    keys: [{ name: 'dev', secret: SECRET, ...key }],
    ...settings,
  });
  return { gateway, simulator };
}

const body = (more: object = {}): string =>
  JSON.stringify({
    model: 'm',
    max_tokens: OUTPUT,
    messages: [{ role: 'user', content: 'Where is the river?' }],
    ...more,
  });

const call = (gateway: TestGateway, more: object = {}, init: RequestInit = {}): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body: body(more), ...init });

/** What the provider would write on its bill, in US dollars. */
function billOf(simulator: RunningSimulator): number {
  const { inputTokens, outputTokens } = simulator.stats();
  return (inputTokens * PRICE.input + outputTokens * PRICE.output) / 1e6;
}

async function remaining(gateway: TestGateway): Promise<number> {
  return (await gateway.metrics()).sum('sluice_budget_remaining_usd', { key: 'dev' });
}

/** A way to the simulator on which replies wait until they are let go. */
async function heldBack({ host, port }: RunningSimulator) {
  const released = Promise.withResolvers<void>();
  const server = createServer((down) => {
    const up = connect(port, host);
    down.on('error', () => up.destroy()).pipe(up);
    up.on('error', () => down.destroy());
    void released.promise.then(() => up.pipe(down));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, release: released.resolve };
}

/** What one request reserves, as a budget that nothing is left of tells it. */
async function worstCase(more: object): Promise<number> {
  const { gateway } = await setup({ budget: '0 USD/day' });
  const { error } = (await (await call(gateway, more)).json()) as { error: { message: string } };
  return Number(/cost up to ([\d.]+) USD/.exec(error.message)![1]);
}

async function settled(gateway: TestGateway): Promise<void> {
  while ((await gateway.metrics()).sum('sluice_inflight_requests') > 0) await sleep(5);
}

describe('a budget under 500 streams at once', () => {
  it('lets exactly as many pass as it has room for, and spends to the cent what the provider bills', async () => {
    const worst = await worstCase({ stream: true });
    const simulator = await startSimulator({ defaults: { ttft: { medianMs: 0 }, interTokenMs: 0 } });
    onTestFinished(() => simulator.close());
    const { baseUrl, release } = await heldBack(simulator);
    const providers = { sim: { type: 'openai', baseUrl, retries: { attempts: 0 } } };
    const { gateway } = await setup({ budget: `${(worst * 100.5).toFixed(4)} USD/month` }, {}, { providers });
    let refused = 0;
    const calls = Array.from({ length: 500 }, async () => {
      const reply = await call(gateway, { stream: true });
      if (reply.status !== 200) refused++;
      return reply;
    });
    // Nothing is settled before all have asked.
    while (refused + simulator.stats().requests < 500) await sleep(5);
    release();
    const replies = await Promise.all(calls);
    const passed = replies.filter(({ status }) => status === 200);
    const denied = replies.filter(({ status }) => status === 429);
    expect([passed.length, denied.length]).toEqual([100, 400]);
    for (const reply of denied) {
      expect(reply.headers.get('x-should-retry')).toBe('false');
      expect(await reply.json()).toMatchObject({ error: { code: 'insufficient_quota', type: 'insufficient_quota' } });
    }
    for (const reply of passed) expect(await reply.text()).toContain('[DONE]');
    await settled(gateway);
    expect(simulator.stats().requests).toBe(100);
    expect(worst * 100.5 - (await remaining(gateway))).toBeCloseTo(billOf(simulator), 2);
    const metrics = await gateway.metrics();
    expect(metrics.sum('sluice_policy_decisions_total', { rule: 'key:dev/budget', decision: 'deny' })).toBe(400);
    expect(metrics.sum('sluice_cost_usd_total')).toBeCloseTo(billOf(simulator), 6);
  });

  it('bills what was written of streams that are left or cut, to the cent', async () => {
    const { gateway, simulator } = await setup(
      { budget: '100 USD/month' },
      { defaults: { ttft: { medianMs: 1 }, interTokenMs: 80, outputTokens: { median: 60, sigma: 0 } } },
    );
    const one = async (index: number): Promise<void> => {
      const stop = new AbortController();
      const fault = index % 3 === 1 ? { 'x-sim-fault': 'cut' } : {};
      const reply = await call(
        gateway,
        { stream: true, max_tokens: 64 },
        { signal: stop.signal, headers: { ...headers, ...fault } },
      );
      const isLeft = index % 3 === 2;
      let text = '';
      try {
        for await (const chunk of reply.body!.pipeThrough(new TextDecoderStream())) {
          text += chunk;
          if (isLeft && text.split('data:').length > 10) stop.abort();
        }
      } catch {
        // Left, or cut.
      }
    };
    await Promise.all(Array.from({ length: 60 }, (_, index) => one(index)));
    await settled(gateway);
    while (simulator.stats().openStreams > 0) await sleep(5);
    const { abortedStreams, faults } = simulator.stats();
    expect([abortedStreams, faults.cut]).toEqual([20, 20]);
    // At real prices, a hundredth of these, the difference is a hundredth of a cent.
    const spent = 100 - (await remaining(gateway));
    expect(spent / 100).toBeCloseTo(billOf(simulator) / 100, 2);
    expect(Math.abs(spent / billOf(simulator) - 1)).toBeLessThan(0.05);
    const metrics = await gateway.metrics();
    expect(metrics.sum('sluice_usage_estimated_total')).toBe(40);
  });
});
