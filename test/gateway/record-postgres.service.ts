import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { forgetPostgres, startPostgres, type RunningPostgres } from '../../scripts/postgres-server.ts';
import { cli } from '../cli/run-cli.ts';
import { answerChat, startFakeUpstream } from '../support/fake-upstream.ts';
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process.ts';
import { postgresForTests } from '../support/postgres.ts';

const installed = postgresForTests('records of requests in Postgres');
const WAIT = { timeout: 20_000, interval: 30 };
const SECRETS = { app: 'sk-app-0123456789', other: 'sk-other-0123456789' } as const;

interface World {
  readonly postgres: { running: RunningPostgres };
  start(change?: object): Promise<GatewayProcess>;
  /** Ids in the table. */
  written(): Promise<string[]>;
}

/** A Postgres and what gateways of it need, all gone when the test is over. */
async function world(settings: object = {}): Promise<World> {
  const postgres = { running: await startPostgres(installed!) };
  const folder = mkdtempSync(join(tmpdir(), 'sluice-records-'));
  const upstream = await startFakeUpstream((call) => answerChat(call));
  onTestFinished(async () => {
    await postgres.running.kill();
    forgetPostgres(postgres.running);
    rmSync(folder, { recursive: true, force: true });
  });
  const { url } = postgres.running;
  const config = {
    store: url,
    spool: { directory: join(folder, 'spool') },
    audit: { spool: join(folder, 'audit') },
    providers: { up: { type: 'openai', baseUrl: `${upstream.url}/v1` } },
    models: { chat: { target: 'up/real' }, other: { target: 'up/real' } },
    teams: [{ name: 'search', models: ['*'] }],
    keys: Object.entries(SECRETS).map(([name, secret]) => ({ name, secret, team: 'search', models: ['*'] })),
    record: { postgres: {} },
    ...settings,
  };
  const written = async (): Promise<string[]> => {
    const client = new pg.Client(url);
    await client.connect();
    try {
      const { rows } = await client.query<{ id: string }>('select request_id as id from sluice.request_records');
      return rows.map(({ id }) => id).toSorted();
    } finally {
      await client.end();
    }
  };
  return { postgres, start: (change = {}) => startGatewayProcess({ ...config, ...change }), written };
}

/** @returns the request's id */
async function ask({ url }: GatewayProcess, key: keyof typeof SECRETS = 'app', model = 'chat'): Promise<string> {
  const reply = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${SECRETS[key]}` },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'a-word-of-mine' }] }),
  });
  await reply.text();
  expect(reply.status).toBe(200);
  return reply.headers.get('x-sluice-request-id')!;
}

async function askMany(gateway: GatewayProcess, count: number, key: keyof typeof SECRETS = 'app'): Promise<string[]> {
  const ids: string[] = [];
  for (let asked = 0; asked < count; asked++) ids.push(await ask(gateway, key));
  return ids;
}

interface Found {
  readonly ids: readonly string[];
  readonly cursor: string | null;
  readonly incomplete: string | null;
}

/** On a busy machine a search may take too long, and says so: it is asked again. */
async function search(gateway: GatewayProcess, query = '', limit = 1_000): Promise<Found> {
  for (;;) {
    const found = await searchOnce(gateway, query, limit);
    if (found.incomplete === null) return found;
  }
}

async function searchOnce({ adminUrl }: GatewayProcess, query = '', limit = 1_000): Promise<Found> {
  const reply = await fetch(`${adminUrl}/api/v1/requests?limit=${limit}&${query}`);
  expect(reply.status).toBe(200);
  const body = (await reply.json()) as { requestId: string }[];
  return {
    ids: body.map(({ requestId }) => requestId),
    cursor: reply.headers.get('x-sluice-cursor'),
    incomplete: reply.headers.get('x-sluice-incomplete'),
  };
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

describe.skipIf(installed === null)('records in Postgres', () => {
  it('of three gateways are found through each of them, by what is asked for and page by page', async () => {
    const { start } = await world();
    const gateways = await Promise.all([start(), start(), start()]);
    const ids: string[] = [];
    for (let round = 0; round < 4; round++)
      for (const [index, gateway] of gateways.entries()) ids.unshift(await ask(gateway, index === 0 ? 'other' : 'app'));
    const found = async (gateway: GatewayProcess): Promise<readonly string[]> => (await search(gateway)).ids;
    await expect.poll(async () => (await found(gateways[0]!)).toSorted(), WAIT).toEqual(ids.toSorted());
    // By the ends of requests, as the clock of each process tells them: those of two may differ by a little.
    const inOrder = await found(gateways[0]!);
    for (const gateway of gateways) {
      await expect.poll(() => found(gateway), WAIT).toEqual(inOrder);
      expect(await search(gateway, `requestId=${ids[5]!}`)).toEqual({ ids: [ids[5]], cursor: null, incomplete: null });
      expect((await search(gateway, 'key=other')).ids).toEqual(ids.filter((_, index) => index % 3 === 2));
      expect((await search(gateway, 'team=search&status=2xx&model=real&since=2026-01-01T00:00:00Z')).ids).toEqual(
        inOrder,
      );
      expect((await search(gateway, 'source=memory')).ids).toHaveLength(4);
    }
    const [one] = gateways;
    let { cursor, ids: page } = await search(one!, '', 5);
    const paged = [...page];
    await ask(gateways[1]!);
    for (; cursor !== null; paged.push(...page))
      ({ cursor, ids: page } = await search(gateways[2]!, `cursor=${cursor}`, 5));
    expect(paged).toEqual(inOrder);
  });

  it('are told by the command line, with what was said where that is kept', async () => {
    const { start, written } = await world({ record: { content: true, postgres: {} } });
    const [one, two] = await Promise.all([start(), start()]);
    const id = await ask(one);
    await expect.poll(written, WAIT).toEqual([id]);
    const command = ['requests', '--request-id', id, '--json', '--since', '1d', '--url', two.adminUrl];
    const told = async (): Promise<unknown> => JSON.parse((await cli(command, { now: Date.now() })).stdout);
    const request = expect.stringContaining('a-word-of-mine');
    const expected = { incomplete: null, requests: [{ requestId: id, content: { request } }] };
    await expect.poll(told, WAIT).toMatchObject(expected);
  });

  it('have no word of what was said unless that is asked for', async () => {
    const { start, postgres, written } = await world();
    const id = await ask(await start());
    await expect.poll(written, WAIT).toEqual([id]);
    const client = new pg.Client(postgres.running.url);
    await client.connect();
    const { rows } = await client.query<{ record: object }>('select record from sluice.request_records');
    await client.end();
    expect(JSON.stringify(rows)).not.toContain('a-word-of-mine');
    expect(rows[0]!.record).toMatchObject({ requestId: id, key: 'app', at: expect.stringMatching(/^\d{4}-/) });
  });

  it('wait while Postgres is away, when those in memory are told, and none is lost or doubled', async () => {
    const { start, postgres, written } = await world();
    const [one, two] = await Promise.all([start(), start()]);
    const ids = [...(await askMany(one, 10)), ...(await askMany(two, 10))];
    const { port, folder } = postgres.running;
    await postgres.running.kill();
    ids.push(...(await askMany(one, 30)));
    const { ids: inMemory, incomplete } = await searchOnce(one);
    expect([incomplete, inMemory.length]).toEqual(['unavailable', 40]);
    const { stdout } = await cli(['requests', '--url', one.adminUrl]);
    expect(stdout).toMatch(/\nonly what is in memory: the records in Postgres could not be searched\n$/);
    await expect
      .poll(async () => (await one.metrics()).sum('sluice_records_exported_total', { result: 'spooled' }), WAIT)
      .toBeGreaterThan(0);
    postgres.running = await startPostgres(installed!, { port, folder });
    await expect.poll(written, WAIT).toEqual(ids.toSorted());
    await expect.poll(async () => (await search(two)).ids.length, WAIT).toBe(50);
    const totals = await Promise.all(
      [one, two].map(async (each) =>
        (await each.metrics()).sum('sluice_records_exported_total', { result: 'dropped' }),
      ),
    );
    expect(totals).toEqual([0, 0]);
  });

  it('of gateways that are killed or stopped while Postgres is away are sent by the next one', async () => {
    const { start, postgres, written } = await world();
    const [killed, stopped] = await Promise.all([start(), start()]);
    const ids = [await ask(killed), await ask(stopped)];
    await expect.poll(written, WAIT).toEqual(ids.toSorted());
    const { port, folder } = postgres.running;
    await postgres.running.kill();
    ids.push(...(await askMany(killed, 25)), ...(await askMany(stopped, 25)));
    await expect
      .poll(async () => (await killed.metrics()).sum('sluice_records_exported_total', { result: 'spooled' }), WAIT)
      .toBe(25);
    await killed.kill();
    stopped.child.kill('SIGTERM');
    await once(stopped.child, 'exit');
    postgres.running = await startPostgres(installed!, { port, folder });
    expect(await written()).toHaveLength(2);
    const next = await start();
    await expect.poll(written, WAIT).toEqual(ids.toSorted());
    expect((await search(next)).ids).toHaveLength(52);
  });

  it('of workers are written by them and searched through the process that they belong to', async () => {
    const { start, written } = await world({ gateway: { port: 0, workers: 2 } });
    const gateway = await start();
    const ids = await Promise.all(Array.from({ length: 40 }, () => ask(gateway)));
    await expect.poll(async () => (await search(gateway)).ids.toSorted(), WAIT).toEqual(ids.toSorted());
    await expect.poll(written, WAIT).toEqual(ids.toSorted());
    const again = await start({ gateway: { port: 0, workers: 2 } });
    const all = await search(gateway, 'source=memory');
    await expect.poll(() => search(again), WAIT).toEqual(all);
    expect((await search(again, 'source=memory')).ids).toEqual([]);
    expect(
      (await gateway.metrics()).sum('sluice_records_exported_total', { sink: 'postgres', result: 'written' }),
    ).toBe(40);
  });

  it('of workers that are killed while Postgres is away are sent by the process that they belonged to', async () => {
    const { start, postgres, written } = await world({ gateway: { port: 0, workers: 2 } });
    const gateway = await start();
    const ids = [await ask(gateway)];
    await expect.poll(written, WAIT).toEqual(ids);
    const { port, folder } = postgres.running;
    await postgres.running.kill();
    ids.push(...(await Promise.all(Array.from({ length: 40 }, () => ask(gateway)))));
    const spooled = async () => (await gateway.metrics()).sum('sluice_records_exported_total', { result: 'spooled' });
    await expect.poll(spooled, WAIT).toBe(40);
    for (const worker of childrenOf(gateway.child.pid!)) process.kill(worker, 'SIGKILL');
    postgres.running = await startPostgres(installed!, { port, folder });
    await expect.poll(written, WAIT).toEqual(ids.toSorted());
  });

  it('may be kept elsewhere than all else, in a schema of its own', async () => {
    const { start, postgres } = await world();
    const url = `${postgres.running.url}?schema=told`;
    const gateway = await start({ store: 'sqlite::memory:', record: { postgres: { url } } });
    const id = await ask(gateway);
    const other = await start({ store: 'sqlite::memory:', record: { postgres: { url } } });
    await expect.poll(async () => (await search(other)).ids, WAIT).toEqual([id]);
    const config = await (await fetch(`${gateway.adminUrl}/api/v1/config`)).text();
    expect(config).toContain('schema told');
    expect(config).not.toContain('only%20for%20tests');
  });
});
