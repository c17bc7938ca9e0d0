import { describe, expect, it, vi } from 'vitest';
import { exchange, openExchange } from '../support/http-client.ts';
import { startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { startTestGateway, type TestConfig, type TestGateway } from '../support/test-gateway.ts';

const SECRET = 'sk-sluice-workers';
const REPLY = {
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1 },
};
const WAIT = { timeout: 15_000, interval: 20 };

interface Settings {
  readonly workers?: number;
  readonly gateway?: object;
  readonly key?: object;
  readonly more?: TestConfig;
}

function config(upstream: FakeUpstream, { workers = 2, gateway = {}, key = {}, more = {} }: Settings = {}): TestConfig {
  return {
    gateway: { workers, timeouts: { drain: '30s' }, ...gateway },
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1`, retries: { attempts: 0 } } },
    models: { m: { provider: 'up' }, stable: { provider: 'up' } },
    prices: { 'up/*': { input: 100, output: 1000 } },
    keys: [{ name: 'dev', secret: SECRET, models: ['*'], ...key }],
    ...more,
  };
}

function answering(): Promise<FakeUpstream> {
  return startFakeUpstream(({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(REPLY));
  });
}

/** Each on a connection of its own: the kernel deals those out among the workers. */
function ask(gateway: Pick<TestGateway, 'url'>, { model = 'm', secret = SECRET, path = '/v1/chat/completions' } = {}) {
  const body = { model, max_tokens: 10, messages: [{ role: 'user', content: 'Where is the river?' }] };
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  return exchange(`${gateway.url}${path}`, { headers, body: JSON.stringify(body) });
}

async function askMany(gateway: TestGateway, count: number, options = {}) {
  return Promise.all(Array.from({ length: count }, () => ask(gateway, options)));
}

const statuses = (replies: readonly { readonly status: number }[], status: number): number =>
  replies.filter((reply) => reply.status === status).length;

/** By worker, newest process first. */
function pids({ log }: TestGateway): Map<number, number> {
  const told = log.entries.flatMap(({ msg, worker, pid }) => {
    return msg === 'a worker serves' ? [[worker as number, pid as number] as const] : [];
  });
  return new Map(told);
}

const servedBy = ({ log }: TestGateway): Set<unknown> =>
  new Set(log.requests.map(({ worker }) => worker));

describe('a gateway of two workers', () => {
  it('counts limits exactly, whichever worker a request reaches', async () => {
    const upstream = await answering();
    const gateway = await startTestGateway(config(upstream, { key: { limits: { requests: '30/d' } } }));
    const replies = await askMany(gateway, 120);
    expect([statuses(replies, 200), statuses(replies, 429)]).toEqual([30, 90]);
    expect(upstream.calls).toHaveLength(30);
    expect((await gateway.metrics()).sum('sluice_requests_total')).toBe(120);
    await vi.waitFor(() => expect(servedBy(gateway)).toEqual(new Set([1, 2])), WAIT);
  });

  it('never spends more than a budget, and keeps what was spent over a restart', async () => {
    const upstream = await answering();
    // What a request reserves and what it takes: 1 token in, 10 and 1 out, and the estimate of its words.
    const gateway = await startTestGateway(config(upstream, { key: { budget: '0.2 USD/month' } }));
    const replies = await askMany(gateway, 200);
    const passed = statuses(replies, 200);
    expect(statuses(replies, 429)).toBe(200 - passed);
    const spent = passed * 0.0011;
    expect(passed).toBeGreaterThan(0);
    expect(spent).toBeLessThanOrEqual(0.2);
    await vi.waitFor(async () => {
      const remaining = (await gateway.metrics()).sum('sluice_budget_remaining_usd', { key: 'dev' });
      expect(remaining).toBeCloseTo(0.2 - spent, 9);
    }, WAIT);
  });

  it('lets so many requests be in flight as it says, all workers together', async () => {
    const upstream = await startFakeUpstream(() => {});
    const gateway = await startTestGateway(config(upstream, { gateway: { maxInflight: 7 } }));
    const replies = Array.from({ length: 40 }, () => ask(gateway));
    const refused: number[] = [];
    for (const reply of replies) void reply.then(({ status }) => refused.push(status));
    await vi.waitFor(() => expect(refused).toHaveLength(33), WAIT);
    expect(new Set(refused)).toEqual(new Set([503]));
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(7), WAIT);
    expect((await gateway.metrics()).sum('sluice_inflight_requests')).toBe(7);
    for (const { outgoing } of upstream.calls) outgoing.writeHead(200).end(JSON.stringify(REPLY));
    expect(statuses(await Promise.all(replies), 200)).toBe(7);
  });

  it('loses with a killed worker its open requests only, frees what they held, and replaces it', async () => {
    const upstream = await startFakeUpstream(({ outgoing }) => {
      outgoing.writeHead(200, { 'content-type': 'application/json' }).write('{');
    });
    const gateway = await startTestGateway(config(upstream, { key: { limits: { concurrent: 16 } } }));
    const open = await Promise.all(
      Array.from({ length: 16 }, () =>
        openExchange(`${gateway.url}/v1/chat/completions`, {
          headers: { authorization: `Bearer ${SECRET}` },
          body: JSON.stringify({ model: 'm', messages: [] }),
        }),
      ),
    );
    const ended: boolean[] = [];
    for (const reply of open) {
      reply.on('error', () => {});
      reply.resume().on('close', () => ended.push(reply.complete));
    }
    expect((await ask(gateway)).status).toBe(429);
    const before = await gateway.metrics();
    const pidOfFirst = pids(gateway).get(1)!;
    process.kill(pidOfFirst, 'SIGKILL');
    const lost = await vi.waitFor(() => {
      const told = gateway.log.entries.find(({ msg }) => msg === 'what an ended worker held of limits is free again');
      return told!['held'] as number;
    }, WAIT);
    await vi.waitFor(() => expect(ended).toEqual(Array.from({ length: lost }, () => false)), WAIT);
    await vi.waitFor(async () => {
      expect((await gateway.metrics()).sum('sluice_inflight_requests')).toBe(16 - lost);
    }, WAIT);
    await vi.waitFor(() => expect(pids(gateway).get(1)).not.toBe(pidOfFirst), WAIT);
    const came = upstream.calls.length;
    const again = Array.from({ length: 30 }, () => ask(gateway));
    const refused: number[] = [];
    for (const reply of again) reply.then(({ status }) => refused.push(status)).catch(() => {});
    await vi.waitFor(() => expect(refused).toHaveLength(30 - lost), WAIT);
    expect(new Set(refused)).toEqual(new Set([429]));
    expect(upstream.calls.length - came).toBe(lost);
    const after = await gateway.metrics();
    for (const name of ['sluice_requests_total', 'process_cpu_seconds_total'])
      expect(after.sum(name)).toBeGreaterThanOrEqual(before.sum(name));
    for (const { outgoing } of upstream.calls) outgoing.end('}');
    await vi.waitFor(() => expect(ended.filter(Boolean)).toHaveLength(16 - lost), WAIT);
    await Promise.allSettled(again);
  });
});
