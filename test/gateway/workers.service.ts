import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { exchange, openExchange } from '../support/http-client.ts';
import { startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
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

async function askMany(gateway: Pick<TestGateway, 'url'>, count: number, options = {}) {
  return Promise.all(Array.from({ length: count }, () => ask(gateway, options)));
}

const statuses = (replies: readonly { readonly status: number }[], status: number): number =>
  replies.filter((reply) => reply.status === status).length;

const FIRST = 'data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n';
const LAST = 'data: {"choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

/** Begins a stream and leaves it open. */
function streaming(): Promise<FakeUpstream> {
  return startFakeUpstream(({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).write(FIRST);
  });
}

interface OpenStream {
  readonly status: number;
  isWhole(): boolean;
  /** It has ended without its end. */
  isCut(): boolean;
}

async function openStream({ url }: Pick<TestGateway, 'url'>): Promise<OpenStream> {
  const reply = await openExchange(`${url}/v1/chat/completions`, {
    headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
  });
  let text = '';
  let hasEnded = false;
  reply.setEncoding('utf8').on('data', (part: string) => (text += part));
  reply.on('error', () => {}).on('close', () => (hasEnded = true));
  const isWhole = (): boolean => hasEnded && reply.complete && text.includes('[DONE]');
  return { status: reply.statusCode!, isWhole, isCut: () => hasEnded && !isWhole() };
}

async function sendFeedback({ url }: TestGateway, id: string): Promise<{ readonly attached: boolean }> {
  const headers = { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ request_id: id, name: 'up', value: true });
  return (await exchange(`${url}/v1/feedback`, { headers, body })).json();
}

/** By worker, newest process first. */
function pids({ log }: TestGateway): Map<number, number> {
  const told = log.entries.flatMap(({ msg, worker, pid }) => {
    return msg === 'a worker serves' ? [[worker as number, pid as number] as const] : [];
  });
  return new Map(told);
}

const servedBy = ({ log }: TestGateway): Set<unknown> => new Set(log.requests.map(({ worker }) => worker));

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

  it('never spends more than a budget', async () => {
    const upstream = await answering();
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
    const upstream = await streaming();
    const gateway = await startTestGateway(config(upstream, { key: { limits: { concurrent: 16 } } }));
    const streams = await Promise.all(Array.from({ length: 16 }, () => openStream(gateway)));
    expect((await ask(gateway)).status).toBe(429);
    const before = await gateway.metrics();
    const pidOfFirst = pids(gateway).get(1)!;
    process.kill(pidOfFirst, 'SIGKILL');
    const lost = await vi.waitFor(() => {
      const told = gateway.log.entries.find(({ msg }) => msg === 'what an ended worker held of limits is free again');
      return told!['held'] as number;
    }, WAIT);
    await vi.waitFor(() => expect(streams.filter(({ isCut }) => isCut())).toHaveLength(lost), WAIT);
    await vi.waitFor(() => expect(pids(gateway).get(1)).not.toBe(pidOfFirst), WAIT);
    const again = await Promise.all(Array.from({ length: 20 }, () => openStream(gateway)));
    expect(again.filter(({ status }) => status === 200)).toHaveLength(lost);
    const after = await gateway.metrics();
    expect(after.sum('sluice_inflight_requests')).toBe(16);
    for (const name of ['sluice_requests_total', 'sluice_overhead_seconds_count'])
      expect(after.sum(name)).toBeGreaterThanOrEqual(before.sum(name));
    for (const { outgoing } of upstream.calls) outgoing.end(LAST);
    await vi.waitFor(() => expect(streams.filter(({ isWhole }) => isWhole())).toHaveLength(16 - lost), WAIT);
  });

  it('replaces a worker that is told to stop, which finishes its streams', async () => {
    const upstream = await streaming();
    const gateway = await startTestGateway(config(upstream));
    const streams = await Promise.all(Array.from({ length: 12 }, () => openStream(gateway)));
    const pid = pids(gateway).get(2)!;
    process.kill(pid, 'SIGTERM');
    await vi.waitFor(() => expect(pids(gateway).get(2)).not.toBe(pid), WAIT);
    for (const { outgoing } of upstream.calls) outgoing.end(LAST);
    await vi.waitFor(() => expect(streams.filter(({ isWhole }) => isWhole())).toHaveLength(12), WAIT);
    expect(gateway.log.text).not.toContain('a worker has ended');
    await vi.waitFor(async () => expect((await gateway.metrics()).sum('sluice_requests_total')).toBe(12), WAIT);
  });

  it('has a weight, a key and a configuration in all workers, or in none', async () => {
    const upstream = await answering();
    const rollouts = [{ name: 'r', match: { model: 'm' }, stable: { target: 'up/a' }, canary: { target: 'up/b' } }];
    const settings = config(upstream, { more: { auth: { required: true }, rollouts } });
    const gateway = await startTestGateway(settings);
    const models = async (): Promise<Set<unknown>> =>
      new Set((await askMany(gateway, 20)).map(({ headers }) => headers['x-sluice-model']));
    await gateway.admin('POST', '/api/v1/rollouts/r/set-weight', { weight: 100 });
    await vi.waitFor(async () => expect(await models()).toEqual(new Set(['b'])), WAIT);
    await gateway.admin('POST', '/api/v1/rollouts/r/set-weight', { weight: 0 });
    await vi.waitFor(async () => expect(await models()).toEqual(new Set(['a'])), WAIT);

    const made = await gateway.admin('POST', '/api/v1/keys', { name: 'short', models: ['*'] });
    const { id, secret } = made.body as { readonly id: string; readonly secret: string };
    expect(statuses(await askMany(gateway, 20, { secret }), 200)).toBe(20);
    await gateway.admin('DELETE', `/api/v1/keys/${id}`);
    expect(statuses(await askMany(gateway, 20, { secret }), 401)).toBe(20);

    const more = { ...settings, models: { ...(settings['models'] as object), next: { provider: 'up' } } };
    expect(await gateway.reload(more)).toMatchObject({ ok: true, changed: true });
    expect(statuses(await askMany(gateway, 20, { model: 'next' }), 200)).toBe(20);
    expect(await gateway.reload({ ...more, models: { next: { target: 'nowhere/x' } } })).toMatchObject({ ok: false });
    expect(statuses(await askMany(gateway, 20, { model: 'next' }), 200)).toBe(20);
  });

  it('tells of all requests, and takes feedback wherever it arrives', async () => {
    const upstream = await answering();
    const arms = { a: { weight: 50, target: 'up/a' }, b: { weight: 50, target: 'up/b' } };
    const rollouts = [{ name: 'ab', match: { model: 'm' }, arms, goal: { feedback: 'up' } }];
    const gateway = await startTestGateway(config(upstream, { more: { rollouts } }));
    const replies = await askMany(gateway, 24);
    const ids = replies.map(({ headers }) => headers['x-sluice-request-id'] as string);
    const recent = await gateway.admin('GET', '/api/v1/requests?limit=100');
    expect(new Set((recent.body as { requestId: string }[]).map(({ requestId }) => requestId))).toEqual(new Set(ids));
    await vi.waitFor(() => expect(servedBy(gateway).size).toBe(2), WAIT);
    const told = await Promise.all(ids.map((id) => sendFeedback(gateway, id)));
    expect(told.filter(({ attached }) => attached)).toHaveLength(24);
    expect((await gateway.metrics()).sum('sluice_feedback_total')).toBe(24);
  });

  it('answers a scrape and readiness while a worker hangs', async () => {
    const upstream = await answering();
    const gateway = await startTestGateway(config(upstream));
    await askMany(gateway, 10);
    const before = (await gateway.metrics()).sum('sluice_requests_total');
    const pid = pids(gateway).get(1)!;
    process.kill(pid, 'SIGSTOP');
    try {
      expect((await gateway.metrics()).sum('sluice_requests_total')).toBe(before);
      expect((await gateway.admin('GET', '/readyz')).body).toMatchObject({ ready: true });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });
});

describe('a gateway of two workers, from outside', () => {
  it('drains all workers at SIGTERM: streams go on to their own end, and the exit code is 0', async () => {
    const upstream = await streaming();
    const gateway = await startGatewayProcess(config(upstream));
    const streams = await Promise.all(Array.from({ length: 12 }, () => openStream(gateway)));
    const exited = once(gateway.child, 'exit');
    gateway.child.kill('SIGTERM');
    // Answered by the gateway itself: a request that came before the signal would wait for the provider.
    const knock = () => exchange(gateway.url, { method: 'HEAD' });
    await vi.waitFor(() => expect(knock()).rejects.toThrow('ECONNREFUSED'), WAIT);
    for (const { outgoing } of upstream.calls) outgoing.end(LAST);
    await vi.waitFor(() => expect(streams.filter(({ isWhole }) => isWhole())).toHaveLength(12), WAIT);
    expect(await exited).toEqual([0, null]);
  });

  it('refuses what has limits while its control process hangs, serves the rest, and recovers', async () => {
    const upstream = await answering();
    const keys = [
      // So few that a worker leases none of them: each request asks the control process.
      { name: 'limited', secret: 'sk-sluice-limited', models: ['*'], limits: { requests: '100/d' } },
      { name: 'free', secret: 'sk-sluice-free', models: ['*'] },
    ];
    const gateway = await startGatewayProcess(config(upstream, { more: { keys } }));
    const answers = async (secret: string): Promise<ReadonlySet<number>> =>
      new Set((await askMany(gateway, 12, { secret })).map(({ status }) => status));
    const servesAll = async (): Promise<void> => {
      expect(await answers('sk-sluice-limited')).toEqual(new Set([200]));
      expect(await answers('sk-sluice-free')).toEqual(new Set([200]));
    };
    await vi.waitFor(servesAll, WAIT);
    gateway.child.kill('SIGSTOP');
    try {
      expect(await answers('sk-sluice-limited')).toEqual(new Set([503]));
      expect(await answers('sk-sluice-free')).toEqual(new Set([200]));
    } finally {
      gateway.child.kill('SIGCONT');
    }
    await vi.waitFor(servesAll, WAIT);
  });

  it('ends with its control process', async () => {
    const upstream = await answering();
    const gateway = await startGatewayProcess(config(upstream));
    expect((await ask(gateway)).status).toBe(200);
    await gateway.kill();
    await vi.waitFor(() => expect(ask(gateway)).rejects.toThrow('ECONNREFUSED'), WAIT);
  });
});
