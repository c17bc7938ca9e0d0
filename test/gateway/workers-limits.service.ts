import { describe, expect, it, vi } from 'vitest';
import { exchange } from '../support/http-client.ts';
import { startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { startTestGateway, type TestConfig, type TestGateway } from '../support/test-gateway.ts';

const SECRET = 'sk-sluice-workers';
const WAIT = { timeout: 20_000, interval: 20 };
/** What each reply costs, in US dollars. */
const COST = 0.0101;
const REPLY = {
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 10 },
};

function config(upstream: FakeUpstream, key: object): TestConfig {
  return {
    gateway: { workers: 2, timeouts: { drain: '30s' } },
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1`, retries: { attempts: 0 } } },
    models: { m: { provider: 'up' } },
    prices: { 'up/*': { input: 100, output: 1000 } },
    keys: [{ name: 'dev', secret: SECRET, models: ['*'], ...key }],
  };
}

function answering(): Promise<FakeUpstream> {
  return startFakeUpstream(({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(REPLY));
  });
}

async function ask(gateway: Pick<TestGateway, 'url'>): Promise<number> {
  const body = { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'Where is the river?' }] };
  const headers = { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' };
  return (await exchange(`${gateway.url}/v1/chat/completions`, { headers, body: JSON.stringify(body) })).status;
}

const AT_ONCE = 50;

/** By their status; each on a connection of its own, which the kernel deals out among the workers. */
async function askMany(gateway: Pick<TestGateway, 'url'>, count: number) {
  const tally = { passed: 0, refused: 0, other: 0 };
  for (let asked = 0; asked < count; asked += AT_ONCE) {
    const statuses = await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - asked) }, () => ask(gateway)));
    for (const status of statuses) tally[status === 200 ? 'passed' : status === 429 ? 'refused' : 'other']++;
  }
  return tally;
}

const remaining = async (gateway: TestGateway): Promise<number> =>
  (await gateway.metrics()).sum('sluice_budget_remaining_usd', { key: 'dev' });

describe('limits of which workers lease parts', () => {
  it('let pass exactly as many requests as there may be', async () => {
    const gateway = await startTestGateway(
      config(await answering(), { limits: { requests: '400/d', concurrent: 1000 } }),
    );
    expect(await askMany(gateway, 700)).toEqual({ passed: 400, refused: 300, other: 0 });
  });

  it('never spend more than a budget, and all of it but for what a request may cost', async () => {
    const gateway = await startTestGateway(config(await answering(), { budget: '5 USD/month' }));
    const { passed, other } = await askMany(gateway, 700);
    expect(other).toBe(0);
    expect(passed * COST).toBeLessThanOrEqual(5);
    expect(passed * COST).toBeGreaterThan(4.9);
    await vi.waitFor(async () => expect(await remaining(gateway)).toBeCloseTo(5 - passed * COST, 9), WAIT);
  });

  it('have all that a killed worker had left', async () => {
    const key = { limits: { requests: '400/d' }, budget: '100 USD/month' };
    const gateway = await startTestGateway(config(await answering(), key));
    expect(await askMany(gateway, 200)).toMatchObject({ passed: 200 });
    await vi.waitFor(async () => expect(await remaining(gateway)).toBeCloseTo(100 - 200 * COST, 9), WAIT);
    const serving = () => gateway.log.entries.filter(({ msg }) => msg === 'a worker serves');
    process.kill(serving()[0]!['pid'] as number, 'SIGKILL');
    await vi.waitFor(() => expect(serving()).toHaveLength(3), WAIT);
    expect(await askMany(gateway, 300)).toEqual({ passed: 200, refused: 100, other: 0 });
  });

  it('let nothing pass by a former limit once a reload is acknowledged', async () => {
    const upstream = await answering();
    const gateway = await startTestGateway(config(upstream, { limits: { requests: '700/d' } }));
    expect(await askMany(gateway, 200)).toMatchObject({ passed: 200 });
    expect(await gateway.reload(config(upstream, { limits: { requests: '250/d' } }))).toMatchObject({ ok: true });
    expect(await askMany(gateway, 150)).toEqual({ passed: 50, refused: 100, other: 0 });
    expect(await gateway.reload(config(upstream, { limits: { requests: '800/d' } }))).toMatchObject({ ok: true });
    expect(await askMany(gateway, 700)).toEqual({ passed: 550, refused: 150, other: 0 });
  });

  it('are served from what is leased while the control process hangs', async () => {
    const gateway = await startGatewayProcess(config(await answering(), { limits: { requests: '1000000/d' } }));
    await vi.waitFor(async () => {
      expect(await askMany(gateway, 200)).toEqual({ passed: 200, refused: 0, other: 0 });
      gateway.child.kill('SIGSTOP');
      try {
        expect(await askMany(gateway, 20)).toEqual({ passed: 20, refused: 0, other: 0 });
      } finally {
        gateway.child.kill('SIGCONT');
      }
    }, WAIT);
  });
});
