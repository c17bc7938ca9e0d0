import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { forgetPostgres, startPostgres, type RunningPostgres } from '../../scripts/postgres-server.ts';
import { startRedis, type RunningRedis } from '../../scripts/redis-server.ts';
import { answerChat, answerJson, startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process.ts';
import { exchange, openExchange, type HttpReply } from '../support/http-client.ts';
import { postgresForTests } from '../support/postgres.ts';
import { redisForTests } from '../support/redis.ts';
import { startTestGateway, type TestConfig, type TestGateway } from '../support/test-gateway.ts';
import { claudeReply } from '../support/vendor-replies.ts';

const WORKERS = 2;
/** Each on a connection of its own, which the kernel gives to one of the workers: so many meet both. */
const ENOUGH_FOR_BOTH = 24;
const SECRET = 'sk-ann';
const WAIT = { timeout: 15_000, interval: 20 };
const FILE_ID = 'file-madeHere0000';

const installed = {
  postgres: postgresForTests('gateways of workers that share a Postgres'),
  redis: redisForTests('gateways of workers that share a Redis'),
};

/** OpenAI's and Anthropic's paths, and files; streams stay open until the test ends them. */
function provider(): Promise<FakeUpstream> {
  return startFakeUpstream((call) => {
    if (call.url === '/v1/files') return answerJson(call, { id: FILE_ID, object: 'file' });
    if (call.url.startsWith('/v1/files/')) return answerJson(call, { id: FILE_ID, object: 'file', found: true });
    if (call.body.includes('"stream":true'))
      return void call.outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).write(FIRST_EVENT);
    if (call.url !== '/v1/messages') return answerChat(call);
    call.outgoing.writeHead(200, { 'content-type': 'application/json' }).end(claudeReply({ texts: ['I said it'] }));
  });
}

describe.skipIf(installed.postgres === null || installed.redis === null)(
  'two gateways of two workers, on one Postgres and one Redis',
  () => {
    let postgres: RunningPostgres;
    let redis: RunningRedis;
    let schemas = 0;

    beforeAll(async () => {
      [postgres, redis] = await Promise.all([startPostgres(installed.postgres!), startRedis(installed.redis!)]);
    });
    afterAll(async () => {
      await Promise.all([postgres.stop(), redis.stop()]);
      forgetPostgres(postgres);
    });

    /** Of each test a store of its own. */
    function configOf(upstream: FakeUpstream, more: TestConfig = {}): TestConfig {
      const folder = mkdtempSync(join(tmpdir(), 'sluice-shared-workers-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      return {
        gateway: { workers: WORKERS, port: 0 },
        store: `${postgres.url}?schema=test${++schemas}`,
        counters: redis.url,
        spool: { directory: join(folder, 'spool') },
        audit: { spool: join(folder, 'audit') },
        providers: {
          up: { type: 'openai', baseUrl: `${upstream.url}/v1`, retries: { attempts: 0 } },
          claude: { type: 'anthropic', baseUrl: upstream.url, apiKey: 'sk-of-the-provider' },
        },
        passthrough: { provider: 'up' },
        models: { m: { target: 'up/a' }, e: { target: 'up/a' }, translated: { target: 'claude/claude-haiku-4-5' } },
        prices: { 'up/*': { input: 100, output: 1000 } },
        auth: { required: true },
        ...more,
      };
    }

    async function two(more: TestConfig): Promise<readonly [TestGateway, TestGateway, FakeUpstream]> {
      const upstream = await provider();
      const config = configOf(upstream, more);
      return [await startTestGateway(config), await startTestGateway(config), upstream];
    }

    it('have what was set, made, told or taken back through any worker of either in all workers of both', async () => {
      const arms = { a: { weight: 50, target: 'up/a' }, b: { weight: 50, target: 'up/b' } };
      const [one, other] = await two({
        keys: ['ann', 'eve'].map((name) => ({ name, secret: `sk-${name}`, models: ['*'] })),
        rollouts: [
          { name: 'r', match: { model: 'm' }, stable: { target: 'up/a' }, canary: { target: 'up/b' } },
          { name: 'ab', match: { model: 'e' }, arms, goal: { feedback: 'up' } },
        ],
      });
      await weights(one, other);
      await storedKeys(one, other);
      await feedback(one);
      await items(one);
      await objects(one, other);
      await vi.waitFor(() => expect([servedBy(one), servedBy(other)]).toEqual([BOTH, BOTH]), WAIT);
    });

    it('count requests, money and places exactly, all four workers together', async () => {
      const budget = 0.1;
      const [one, other, upstream] = await two({
        keys: [
          { name: 'requests', secret: 'sk-requests', models: ['*'], limits: { requests: '30/d' } },
          { name: 'money', secret: 'sk-money', models: ['*'], budget: `${budget} USD/month` },
          { name: 'places', secret: 'sk-places', models: ['*'], limits: { concurrent: 9 } },
        ],
      });
      const replies = await askMany([one, other], { count: 120, secret: 'sk-requests' });
      expect([passed(replies), upstream.calls.length]).toEqual([30, 30]);

      const paid = await askMany([one, other], { count: 120, secret: 'sk-money' });
      // Three tokens in, two out.
      const bill = (passed(paid) * (3 * 100 + 2 * 1000)) / 1e6;
      expect(statusesOf(paid)).toEqual(new Set([200, 429]));
      expect(bill).toBeLessThanOrEqual(budget);
      const left = async ({ metrics }: TestGateway) => (await metrics()).sum('sluice_budget_remaining_usd');
      await vi.waitFor(async () => expect(await left(one)).toBeCloseTo(budget - bill, 9), WAIT);
      expect(await left(other)).toBe(await left(one));

      for (const round of [1, 2]) {
        const streams = await Promise.all(Array.from({ length: 36 }, (_, index) => open(index % 2 ? one : other)));
        expect(
          streams.filter(({ status }) => status === 200),
          `round ${round}`,
        ).toHaveLength(9);
        for (const { outgoing } of upstream.calls) if (!outgoing.writableEnded) outgoing.end(LAST_EVENT);
        await vi.waitFor(async () => expect([await inflight(one), await inflight(other)]).toEqual([0, 0]), WAIT);
      }
      await vi.waitFor(() => expect([servedBy(one), servedBy(other)]).toEqual([BOTH, BOTH]), WAIT);
    });

    it('have one leader among their control processes; when it is killed the other one leads', async () => {
      const config = configOf(await provider());
      const gateways = await Promise.all([startGatewayProcess(config), startGatewayProcess(config)]);
      const leads = (all: readonly GatewayProcess[]) =>
        Promise.all(all.map(async (gateway) => (await gateway.metrics()).sum('sluice_controller_leader')));
      await vi.waitFor(async () => expect((await leads(gateways)).toSorted()).toEqual([0, 1]), WAIT);
      const leader = gateways[(await leads(gateways)).indexOf(1)]!;
      await leader.kill();
      const rest = gateways.filter((gateway) => gateway !== leader);
      await vi.waitFor(async () => expect(await leads(rest)).toEqual([1]), WAIT);
    });
  },
);

async function weights(one: TestGateway, other: TestGateway): Promise<void> {
  for (const [weight, model] of [
    [100, 'b'],
    [0, 'a'],
  ] as const) {
    await one.admin('POST', '/api/v1/rollouts/r/set-weight', { weight });
    await vi.waitFor(async () => expect(modelsOf(await askMany([other]))).toEqual(new Set([model])), WAIT);
  }
}

async function storedKeys(one: TestGateway, other: TestGateway): Promise<void> {
  const made = await other.admin('POST', '/api/v1/keys', { name: 'short', models: ['*'] });
  const { id, secret } = made.body as { readonly id: string; readonly secret: string };
  expect(statusesOf(await askMany([one], { secret }))).toEqual(new Set([200]));
  await other.admin('DELETE', `/api/v1/keys/${id}`);
  await vi.waitFor(async () => expect(statusesOf(await askMany([one], { secret }))).toEqual(new Set([401])), WAIT);
}

async function feedback(one: TestGateway): Promise<void> {
  const ids = (await askMany([one], { model: 'e' })).map(({ headers }) => headers['x-sluice-request-id']);
  const give = (request_id: unknown) => post(one, '/v1/feedback', { request_id, name: 'up', value: true });
  const told = (await Promise.all(ids.map(give))).map((reply) => reply.json() as object);
  expect(told).toEqual(ids.map(() => expect.objectContaining({ attached: true })));
}

/** Of replies that were translated: no provider keeps them. */
async function items(one: TestGateway): Promise<void> {
  const asked = { model: 'translated', input: 'Hello' };
  const { output } = (await post(one, '/v1/responses', asked)).json() as { output: { id: string }[] };
  const input = [
    { type: 'item_reference', id: output[0]!.id },
    { role: 'user', content: 'And?' },
  ];
  const ask = () => post(one, '/v1/responses', { ...asked, input });
  expect(statusesOf(await Promise.all(Array.from({ length: ENOUGH_FOR_BOTH }, ask)))).toEqual(new Set([200]));
}

async function objects(one: TestGateway, other: TestGateway): Promise<void> {
  expect((await post(one, '/v1/files', {}, 'sk-ann')).status).toBe(200);
  const look = ({ url }: TestGateway, secret: string) =>
    exchange(`${url}/v1/files/${FILE_ID}`, { method: 'GET', headers: { authorization: `Bearer ${secret}` } });
  const lookEverywhere = (secret: string) =>
    Promise.all(Array.from({ length: 2 * ENOUGH_FOR_BOTH }, (_, index) => look(index % 2 ? one : other, secret)));
  // It is written a moment after it was made.
  await vi.waitFor(async () => expect(statusesOf(await lookEverywhere('sk-eve'))).toEqual(new Set([404])), WAIT);
  expect(statusesOf(await lookEverywhere('sk-ann'))).toEqual(new Set([200]));
}

const BOTH = new Set([1, 2]);
const FIRST_EVENT = 'data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n';
const LAST_EVENT =
  'data: {"choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

function post({ url }: Pick<TestGateway, 'url'>, path: string, body: object, secret = SECRET): Promise<HttpReply> {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  return exchange(`${url}${path}`, { headers, body: JSON.stringify(body) });
}

const CHAT = { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'Where is the river?' }] };

function askMany(
  gateways: readonly TestGateway[],
  { count = ENOUGH_FOR_BOTH, secret = SECRET, model = 'm' } = {},
): Promise<readonly HttpReply[]> {
  const ask = (index: number) =>
    post(gateways[index % gateways.length]!, '/v1/chat/completions', { ...CHAT, model }, secret);
  return Promise.all(Array.from({ length: count }, (_, index) => untilDecided(() => ask(index))));
}

function open({ url }: TestGateway): Promise<IncomingMessage & { readonly status: number }> {
  const headers = { authorization: 'Bearer sk-places', 'content-type': 'application/json' };
  const body = JSON.stringify({ ...CHAT, stream: true });
  return untilDecided(async () => {
    const reply = await openExchange(`${url}/v1/chat/completions`, { headers, body });
    return Object.assign(reply, { status: reply.statusCode! });
  });
}

/** On a busy machine Redis may be too late to count, and the caller is told to try again: what it counted is given back. */
function untilDecided<Reply extends { readonly status: number }>(ask: () => Promise<Reply>): Promise<Reply> {
  return vi.waitFor(async () => {
    const reply = await ask();
    expect(reply.status).not.toBe(503);
    return reply;
  }, WAIT);
}

async function inflight({ metrics }: TestGateway): Promise<number> {
  return (await metrics()).sum('sluice_inflight_requests');
}

function statusesOf(replies: readonly HttpReply[]): Set<number> {
  return new Set(replies.map(({ status }) => status));
}

function modelsOf(replies: readonly HttpReply[]): Set<unknown> {
  return new Set(replies.map(({ headers }) => headers['x-sluice-model']));
}

function passed(replies: readonly HttpReply[]): number {
  return replies.filter(({ status }) => status === 200).length;
}

function servedBy({ log }: TestGateway): Set<unknown> {
  return new Set(log.requests.map(({ worker }) => worker));
}
