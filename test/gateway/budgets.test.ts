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

async function start(key: object, options: SimulatorOptions = {}, settings: object = {}): Promise<Setup> {
  const simulator = await startSimulator({
    defaults: { latency: { medianMs: 0 }, ttft: { medianMs: 0 }, interTokenMs: 0 },
    ...options,
  });
  onTestFinished(() => simulator.close());
  const gateway = await startTestGateway({
    providers: { sim: { type: 'openai', baseUrl: simulator.baseUrl, retries: { attempts: 0 } } },
    models: { m: { target: 'sim/m' }, cut: { target: 'sim/cut' }, long: { target: 'sim/long' } },
    prices: { 'sim/*': PRICE },
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

/** What one request reserves, as a budget that nothing is left of tells it. */
async function worstCase(more: object): Promise<number> {
  const { gateway } = await start({ budget: '0 USD/day' });
  const { error } = (await (await call(gateway, more)).json()) as { error: { message: string } };
  return Number(/cost up to ([\d.]+) USD/.exec(error.message)![1]);
}

async function settled(gateway: TestGateway): Promise<void> {
  while ((await gateway.metrics()).sum('sluice_inflight_requests') > 0) await sleep(5);
}

/** By what becomes of its streams. A caller that leaves does so in the middle of what comes. */
const MODELS = { whole: 'm', cut: 'cut', left: 'long' } as const;
type Ending = keyof typeof MODELS;

const PACE: SimulatorOptions = {
  defaults: { ttft: { medianMs: 1 }, interTokenMs: 40, outputTokens: { median: 60, sigma: 0.2 } },
  profiles: { long: { outputTokens: { median: 900, sigma: 0 } } },
  faults: [{ kind: 'cut', model: 'cut', afterEvents: 23 }],
};
const MOST_OUTPUT = 1_000;
const READ_BEFORE_LEAVING = 17;

interface Outcome {
  readonly status: number;
  readonly text: string;
}

async function stream(gateway: TestGateway, ending: Ending): Promise<Outcome> {
  const stop = new AbortController();
  const more = { model: MODELS[ending], stream: true, max_tokens: MOST_OUTPUT };
  const reply = await call(gateway, more, { signal: stop.signal });
  let text = '';
  try {
    for await (const chunk of reply.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (ending === 'left' && text.split('data:').length > READ_BEFORE_LEAVING) stop.abort();
    }
  } catch {
    // Left, or cut.
  }
  return { status: reply.status, text };
}

async function isIdle({ gateway, simulator }: Setup): Promise<void> {
  await settled(gateway);
  while (simulator.stats().openStreams > 0) await sleep(5);
}

/** What the gateway says in all its places was spent; a token costs a hundredth of a cent at least. */
async function expectSpent({ gateway, simulator }: Setup, budget: number): Promise<void> {
  const bill = billOf(simulator);
  const metrics = await gateway.metrics();
  expect(bill).toBeGreaterThan(0);
  expect(budget - metrics.sum('sluice_budget_remaining_usd', { key: 'dev' })).toBeCloseTo(bill, 6);
  expect(metrics.sum('sluice_cost_usd_total')).toBeCloseTo(bill, 6);
  const { inputTokens, outputTokens } = simulator.stats();
  expect(metrics.sum('sluice_tokens_total', { type: 'input' })).toBe(inputTokens);
  expect(metrics.sum('sluice_tokens_total', { type: 'output' })).toBe(outputTokens);
}

/** Real streams go on for seconds; a machine that is busy takes several times as long. */
const PATIENCE = { timeout: 90_000 };

describe('a budget under 500 streams at once', PATIENCE, () => {
  it.each<[string, readonly Ending[]]>([
    ['that run to their end', ['whole']],
    ['of which the provider cuts a third', ['whole', 'cut', 'whole']],
    ['of which a third is left by its caller', ['whole', 'left', 'whole']],
    ['of all kinds', ['whole', 'cut', 'left']],
  ])('lets exactly as many pass as it has room for, and spends what the provider bills: streams %s', async (_, mix) => {
    const worst = await worstCase({ stream: true, max_tokens: MOST_OUTPUT });
    const budget = Number((worst * 100.5).toFixed(4));
    const open = Promise.withResolvers<void>();
    const setup = await start({ budget: `${budget} USD/month` }, { ...PACE, open: open.promise });
    const { gateway, simulator } = setup;
    const denied: string[] = [];
    const streams = Array.from({ length: 500 }, async (__, index) => {
      const { status, text } = await stream(gateway, mix[index % mix.length]!);
      if (status === 429) denied.push(text);
      return status;
    });
    // Held until all have asked: nothing is settled before.
    while (simulator.stats().requests + denied.length < 500) await sleep(5);
    open.resolve();
    const passed = (await Promise.all(streams)).filter((status) => status === 200);
    expect([passed.length, denied.length, simulator.stats().requests]).toEqual([100, 400, 100]);
    for (const text of denied) expect(JSON.parse(text)).toMatchObject({ error: { code: 'insufficient_quota' } });
    await isIdle(setup);
    await expectSpent(setup, budget);
    const denials = { rule: 'key:dev/budget', decision: 'deny' };
    expect((await gateway.metrics()).sum('sluice_policy_decisions_total', denials)).toBe(400);
  });

  it('is charged what the provider bills for 500 streams, a third of them cut and a third left', async () => {
    const setup = await start({ budget: '1000 USD/month' }, PACE);
    const mix = ['whole', 'cut', 'left'] as const;
    await Promise.all(Array.from({ length: 500 }, (_, index) => stream(setup.gateway, mix[index % 3]!)));
    await isIdle(setup);
    const { abortedStreams, faults } = setup.simulator.stats();
    expect([abortedStreams, faults.cut]).toEqual([166, 167]);
    await expectSpent(setup, 1000);
    expect((await setup.gateway.metrics()).sum('sluice_usage_estimated_total')).toBe(333);
  });
});
