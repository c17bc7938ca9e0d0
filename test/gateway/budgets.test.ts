import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  startSimulator,
  type RunningSimulator,
  type SimulatorFault,
  type SimulatorOptions,
} from '../../src/simulator/simulator.ts';
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
    models: { m: { target: 'sim/m' }, cut: { target: 'sim/cut' } },
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

/** Streams that begin three seconds after they were asked for: all are there before the first is settled. */
const LATER = {
  ttft: { distribution: 'constant', medianMs: 3_000 },
  interTokenMs: 20,
  outputTokens: { median: 60, sigma: 0.2 },
} as const;
/** The provider cuts it after so many events. */
const CUT: SimulatorFault = { kind: 'cut', model: 'cut', afterEvents: 23 };
const READ_BEFORE_LEAVING = 17;

type Ending = 'whole' | 'cut' | 'left';

interface Outcome {
  readonly status: number;
  readonly text: string;
}

/** @param ending where it gets a stream; a caller that leaves has read some deltas of it */
async function stream(gateway: TestGateway, ending: Ending, more: object = {}): Promise<Outcome> {
  const stop = new AbortController();
  const model = ending === 'cut' ? 'cut' : 'm';
  const reply = await call(gateway, { model, stream: true, max_tokens: 64, ...more }, { signal: stop.signal });
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

const endingOf = (index: number, endings: readonly Ending[]): Ending => endings[index % endings.length]!;

async function idle({ gateway, simulator }: Setup): Promise<void> {
  await settled(gateway);
  while (simulator.stats().openStreams > 0) await sleep(5);
}

/** What the gateway says in all its places was spent; a hundredth of a cent is more than any of them rounds. */
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

describe('a budget under 500 streams at once', () => {
  it.each<[string, readonly Ending[]]>([
    ['that run to their end', ['whole']],
    ['of which the provider cuts a third', ['whole', 'cut', 'whole']],
    ['of which a third is left by its caller', ['whole', 'left', 'whole']],
    ['of all kinds', ['whole', 'cut', 'left']],
  ])(
    'lets exactly as many pass as it has room for, and spends what the provider bills: streams %s',
    async (_, endings) => {
      const worst = await worstCase({ stream: true, max_tokens: 64 });
      const budget = Number((worst * 100.5).toFixed(4));
      const setup = await start({ budget: `${budget} USD/month` }, { defaults: LATER, faults: [CUT] });
      const outcomes = await Promise.all(
        Array.from({ length: 500 }, (__, index) => stream(setup.gateway, endingOf(index, endings))),
      );
      const passed = outcomes.filter(({ status }) => status === 200);
      const denied = outcomes.filter(({ status }) => status === 429);
      expect([passed.length, denied.length]).toEqual([100, 400]);
      for (const { text } of denied) expect(JSON.parse(text)).toMatchObject({ error: { code: 'insufficient_quota' } });
      await idle(setup);
      expect(setup.simulator.stats().requests).toBe(100);
      await expectSpent(setup, budget);
      const denials = { rule: 'key:dev/budget', decision: 'deny' };
      expect((await setup.gateway.metrics()).sum('sluice_policy_decisions_total', denials)).toBe(400);
    },
  );

  it('is charged what the provider bills for 500 streams, a third of them cut and a third left', async () => {
    const setup = await start({ budget: '100 USD/month' }, { defaults: { ...LATER, interTokenMs: 60 }, faults: [CUT] });
    const endings: readonly Ending[] = ['whole', 'cut', 'left'];
    await Promise.all(Array.from({ length: 500 }, (_, index) => stream(setup.gateway, endingOf(index, endings))));
    await idle(setup);
    const { abortedStreams, faults } = setup.simulator.stats();
    expect([abortedStreams, faults.cut]).toEqual([166, 167]);
    await expectSpent(setup, 100);
    expect((await setup.gateway.metrics()).sum('sluice_usage_estimated_total')).toBe(333);
  });
});
