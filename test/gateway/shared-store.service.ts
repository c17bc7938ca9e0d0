import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findRedis, startRedis } from '../../scripts/redis-server.ts';
import { forgetPostgres, startPostgres, type RunningPostgres } from '../../scripts/postgres-server.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { answerChat, startFakeUpstream } from '../support/fake-upstream.ts';
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process.ts';
import { postgresForTests } from '../support/postgres.ts';

const GATEWAYS = 3;
/** How long Postgres is away under load; the promise is for 60. */
const OUTAGE_SECONDS = Number(process.env.SLUICE_OUTAGE_SECONDS ?? 8);
const CLIENTS = 6;
/** Far below the rate from which requests are sampled. */
const PAUSE_MS = 25;
/** Outcomes gather for so long. */
const WRITTEN_EVERY_MS = 250;

const installed = postgresForTests('three gateways on one Postgres');

interface World {
  readonly gateways: readonly GatewayProcess[];
  readonly postgres: { running: RunningPostgres };
  readonly config: object;
  sql<Row extends object>(text: string): Promise<readonly Row[]>;
}

const ROLLOUT = {
  name: 'next',
  match: { model: 'm' },
  canary: { target: 'sim/new' },
  steps: ['50%', '100%'],
  step: { min: '1h' },
  guard: { error_rate: '+25%' },
};

/** Three gateways, their Postgres, and a Redis where one can be had; all gone when the test is over. */
async function world(change: object = {}): Promise<World> {
  const postgres = { running: await startPostgres(installed!) };
  const folder = mkdtempSync(join(tmpdir(), 'sluice-shared-'));
  const simulator = await startSimulator({ defaults: { latency: { medianMs: 5 } } });
  const redis = findRedis();
  const counters = typeof redis === 'string' ? null : await startRedis(redis);
  onTestFinished(async () => {
    await simulator.close();
    await counters?.stop();
    await postgres.running.kill();
    forgetPostgres(postgres.running);
    rmSync(folder, { recursive: true, force: true });
  });
  const config = {
    store: postgres.running.url,
    ...(counters === null ? {} : { counters: counters.url }),
    spool: { directory: join(folder, 'spool') },
    audit: { spool: join(folder, 'audit') },
    providers: { sim: { type: 'openai', baseUrl: simulator.baseUrl } },
    models: { m: { target: 'sim/m' } },
    rollouts: [ROLLOUT],
    ...change,
  };
  const gateways = await Promise.all(Array.from({ length: GATEWAYS }, () => startGatewayProcess(config)));
  const sql = async <Row extends object>(text: string): Promise<readonly Row[]> => {
    const client = new pg.Client(postgres.running.url);
    await client.connect();
    try {
      await client.query('set search_path = sluice');
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  };
  return { gateways, postgres, config, sql };
}

interface Reply<Body> {
  readonly status: number;
  readonly body: Body;
}

async function admin<Body>({ adminUrl }: GatewayProcess, method: string, path: string, body?: object) {
  const reply = await fetch(`${adminUrl}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: reply.status, body: await reply.json() } as Reply<Body>;
}

let users = 0;

async function ask(gateway: GatewayProcess, key: string | null = null, model = 'm'): Promise<number> {
  const reply = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key === null ? {} : { authorization: `Bearer ${key}` }) },
    body: JSON.stringify({ model, user: `user-${users++}`, messages: [{ role: 'user', content: 'Hi' }] }),
  });
  await reply.text();
  return reply.status;
}

const weightOf = async (gateway: GatewayProcess): Promise<number> =>
  (await admin<{ weight: number }>(gateway, 'GET', '/api/v1/rollouts/next')).body.weight;

const within = (seconds: number) => ({ timeout: seconds * 1_000, interval: 10 });

async function leaderOf(gateways: readonly GatewayProcess[]): Promise<GatewayProcess | null> {
  const leads = await Promise.all(
    gateways.map(async (gateway) => (await gateway.metrics()).sum('sluice_controller_leader') === 1),
  );
  const leaders = gateways.filter((_, index) => leads[index]);
  return leaders.length === 1 ? leaders[0]! : null;
}

async function untilLed(gateways: readonly GatewayProcess[]): Promise<GatewayProcess> {
  await expect.poll(() => leaderOf(gateways), within(10)).not.toBeNull();
  return (await leaderOf(gateways)) ?? untilLed(gateways);
}

describe.skipIf(installed === null)('three gateways on one Postgres', () => {
  it('agree within a second on a weight that is set, and on a key that is made and revoked', async () => {
    const { gateways, sql } = await world({ auth: { required: true } });
    const [one, ...others] = gateways as [GatewayProcess, GatewayProcess, GatewayProcess];
    for (const weight of [37, 81, 3]) {
      expect((await admin(one, 'POST', '/api/v1/rollouts/next/set-weight', { weight })).status).toBe(200);
      await expect.poll(() => Promise.all(others.map(weightOf)), within(1)).toEqual([weight, weight]);
    }
    const made = await admin<{ id: string; secret: string }>(one, 'POST', '/api/v1/keys', { name: 'app' });
    const { id, secret } = made.body;
    expect(await Promise.all(others.map((gateway) => ask(gateway, secret)))).toEqual([200, 200]);
    expect((await admin(one, 'DELETE', `/api/v1/keys/${id}`)).status).toBe(200);
    await expect.poll(() => Promise.all(others.map((gateway) => ask(gateway, secret))), within(1)).toEqual([401, 401]);
    // Where somebody cuts the connections that changes are told on, they are made again, and nothing is missed.
    await sql(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sluice session'`);
    await admin(one, 'POST', '/api/v1/rollouts/next/set-weight', { weight: 64 });
    await expect.poll(() => Promise.all(others.map(weightOf)), within(1)).toEqual([64, 64]);
  });

  it('another leads when the leader is killed or stands still, and one that wakes up changes nothing any more', async () => {
    const { gateways, sql } = await world();
    const killed = await untilLed(gateways);
    await killed.kill();
    const rest = gateways.filter((gateway) => gateway !== killed);
    const stopped = await untilLed(rest);
    stopped.child.kill('SIGSTOP');
    const others = rest.filter((gateway) => gateway !== stopped);
    const leader = await untilLed(others);
    const before = await sql<{ token: number }>('select token from leases');
    stopped.child.kill('SIGCONT');
    await expect.poll(async () => (await stopped.metrics()).sum('sluice_controller_leader'), within(10)).toBe(0);
    expect(await untilLed(rest)).toBe(leader);
    expect(await sql('select token from leases')).toEqual(before);
    for (let asked = 0; asked < 50; asked++) expect(await ask(rest[asked % 2]!)).toBe(200);
    await expect.poll(() => requestsJudged(stopped), within(10)).toBe(50);
  });

  it('decide each rollout once, whoever leads and however often that changes in the middle', async () => {
    let asked = 0;
    const { url } = await startFakeUpstream((call) => {
      const { model } = JSON.parse(call.body.toString()) as { model: string };
      if (model === 'bad' && ++asked % 3 === 0) call.outgoing.writeHead(500).end('{}');
      else answerChat(call);
    });
    const names = ['r0', 'r1', 'r2', 'r3'];
    const { gateways, sql } = await world({
      upstream: { retries: { attempts: 0 } },
      providers: { up: { type: 'openai', baseUrl: `${url}/v1` } },
      models: Object.fromEntries(names.map((name) => [name, { target: 'up/good' }])),
      rollouts: names.map((name) => ({ ...ROLLOUT, name, match: { model: name }, canary: { target: 'up/bad' } })),
    });
    const phaseOf = async (gateway: GatewayProcess, name: string) =>
      (await admin<{ phase: string }>(gateway, 'GET', `/api/v1/rollouts/${name}`)).body.phase;
    for (const [index, name] of names.entries()) {
      const leader = await untilLed(gateways);
      const others = gateways.filter((gateway) => gateway !== leader);
      const askOthers = async (): Promise<void> => void (await ask(others[users % 2]!, null, name));
      for (let count = 0; count < 10 + 30 * index; count++) await askOthers();
      leader.child.kill('SIGSTOP');
      while ((await phaseOf(others[0]!, name)) !== 'degraded') await askOthers();
      leader.child.kill('SIGCONT');
      await expect.poll(() => phaseOf(leader, name), within(5)).toBe('degraded');
    }
    const events = await sql(`select rollout, action from rollout_events where actor = 'controller' order by id`);
    expect(events).toEqual(names.map((rollout) => ({ rollout, action: 'abort' })));
    const saved = await sql<{ newest: number }>('select newest from batch_senders');
    expect(saved).toHaveLength(GATEWAYS);
  });

  it('what a gateway leaves on disk that is killed while Postgres is away is sent by the next one, once', async () => {
    const { gateways, postgres, config } = await world();
    const [one, ...others] = gateways as [GatewayProcess, ...GatewayProcess[]];
    await Promise.all(others.map((gateway) => gateway.kill()));
    await untilLed([one]);
    for (let asked = 0; asked < 10; asked++) await ask(one);
    await expect.poll(() => requestsJudged(one), within(10)).toBe(10);
    const { port, folder } = postgres.running;
    await postgres.running.kill();
    for (let asked = 0; asked < 30; asked++) expect(await ask(one)).toBe(200);
    await expect
      .poll(async () => (await one.metrics()).sum('sluice_spooled_batches_total'), within(10))
      .toBeGreaterThan(0);
    await sleep(2 * WRITTEN_EVERY_MS);
    await one.kill();
    postgres.running = await startPostgres(installed!, { port, folder });
    const next = await startGatewayProcess(config);
    await expect.poll(() => requestsJudged(next), within(20)).toBe(40);
    expect((await admin(next, 'GET', '/api/v1/audit/verify')).body).toMatchObject({ ok: true });
  });

  it(`serves while Postgres is away for ${OUTAGE_SECONDS} s, and what happened meanwhile is there once it is back`, async () => {
    const { gateways, postgres, sql } = await world();
    await untilLed(gateways);
    const over = new AbortController();
    const answers = new Map<number, number>();
    const clients = Array.from({ length: CLIENTS }, async (_, index) => {
      while (!over.signal.aborted) {
        const status = await ask(gateways[index % GATEWAYS]!);
        answers.set(status, (answers.get(status) ?? 0) + 1);
        await sleep(PAUSE_MS);
      }
    });
    await sleep(1_000);
    const { port, folder } = postgres.running;
    await postgres.running.stop();
    const [one] = gateways as [GatewayProcess, ...GatewayProcess[]];
    await expect
      .poll(() => readiness(one), within(5))
      .toMatchObject({ ready: true, reasons: expect.arrayContaining([STORE_AWAY]) });
    const refused = await admin<{ error: { code: string } }>(one, 'POST', '/api/v1/rollouts/next/set-weight', {
      weight: 9,
    });
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'store_unavailable' } } });
    expect((await admin(one, 'POST', '/api/v1/keys', { name: 'late' })).status).toBe(503);
    await sleep(OUTAGE_SECONDS * 1_000);
    const waiting = await Promise.all(gateways.map(async (each) => (await each.metrics()).sum('sluice_spool_bytes')));
    for (const bytes of waiting) expect(bytes).toBeGreaterThan(0);
    postgres.running = await startPostgres(installed!, { port, folder });
    await expect.poll(() => readiness(one), within(15)).toEqual({ ready: true, reasons: [] });
    await sleep(1_000);
    over.abort();
    await Promise.all(clients);
    expect([...answers.keys()]).toEqual([200]);
    await expect.poll(() => requestsJudged(one), within(20)).toBe(answers.get(200));
    expect((await admin(one, 'POST', '/api/v1/rollouts/next/set-weight', { weight: 9 })).status).toBe(200);
    expect((await admin(one, 'GET', '/api/v1/audit/verify')).body).toMatchObject({ ok: true });
    // Each attempt was told before and after, in this order, and the refused ones as what they were.
    const told = await sql<{ kind: string; phase: string }>(
      `select kind, phase from audit_entries where kind in ('rollout.set-weight', 'key.create') order by seq`,
    );
    const attempt = (kind: string) => [`${kind} intent`, `${kind} outcome`];
    expect(told.map(({ kind, phase }) => `${kind} ${phase}`)).toEqual([
      ...attempt('rollout.set-weight'),
      ...attempt('key.create'),
      ...attempt('rollout.set-weight'),
    ]);
    const lost = await Promise.all(
      gateways.map(async (each) => (await each.metrics()).sum('sluice_outcomes_dropped_total')),
    );
    expect(lost).toEqual([0, 0, 0]);
  });
});

const STORE_AWAY = 'the store cannot be read';

async function readiness(gateway: GatewayProcess): Promise<unknown> {
  return (await admin(gateway, 'GET', '/readyz')).body;
}

async function requestsJudged(gateway: GatewayProcess): Promise<number> {
  const { body } = await admin<{ requests?: number }>(gateway, 'GET', '/api/v1/rollouts/next/analysis');
  return body.requests ?? 0;
}
