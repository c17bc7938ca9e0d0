import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { forgetPostgres, startPostgres, type RunningPostgres } from '../../scripts/postgres-server.ts';
import { answerChat, answerJson, startFakeUpstream } from '../support/fake-upstream.ts';
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process.ts';
import { exchange } from '../support/http-client.ts';
import { postgresForTests } from '../support/postgres.ts';

const installed = postgresForTests('what waits on disk when a gateway is killed while Postgres is away');
const WAIT = { timeout: 20_000, interval: 20 };
const BUDGET = 1;
/** Three tokens in and two out, in nano dollars. */
const COST = 3 * 100_000 + 2 * 1_000_000;
const FILE_ID = 'file-madeAway0000';

function ask({ url }: GatewayProcess, path: string, secret: string, method = 'POST') {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const body = { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] };
  return exchange(`${url}${path}`, { method, headers, ...(method === 'POST' ? { body: JSON.stringify(body) } : {}) });
}

/** What the files of a spool tell. */
function spooled(folder: string): { readonly spent: number; readonly objects: number } {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const lines = names.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1));
  const writes = lines.map((line) => JSON.parse(line.slice(line.indexOf(' '))) as Write);
  const spent = writes.flatMap(({ amounts = [] }) => amounts.map(([, amount]) => amount));
  return {
    spent: spent.reduce((sum, amount) => sum + amount, 0),
    objects: writes.flatMap(({ objects = [] }) => objects).length,
  };
}

interface Write {
  readonly amounts?: readonly (readonly [string, number])[];
  readonly objects?: readonly unknown[];
}

async function postgres(): Promise<{ running: RunningPostgres }> {
  const held = { running: await startPostgres(installed!) };
  onTestFinished(async () => {
    await held.running.kill();
    forgetPostgres(held.running);
  });
  return held;
}

describe.skipIf(installed === null)('a gateway that is killed while Postgres is away', () => {
  it('leaves on disk what was spent and whose objects are; the next one knows both', async () => {
    const { url } = await startFakeUpstream((call) => {
      if (call.url.startsWith('/v1/files')) answerJson(call, { id: FILE_ID, object: 'file' });
      else answerChat(call);
    });
    const store = await postgres();
    const folder = mkdtempSync(join(tmpdir(), 'sluice-writes-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const config = {
      store: store.running.url,
      spool: { directory: join(folder, 'spool') },
      audit: { spool: join(folder, 'audit') },
      providers: { up: { type: 'openai', baseUrl: `${url}/v1` } },
      passthrough: { provider: 'up' },
      models: { m: { provider: 'up' } },
      prices: { 'up/*': { input: 100, output: 1000 } },
      keys: [
        { name: 'paying', secret: 'sk-paying', budget: `${BUDGET} USD/month` },
        { name: 'ann', secret: 'sk-ann', models: ['*'] },
        { name: 'eve', secret: 'sk-eve', models: ['*'] },
      ],
    };
    const killed = await startGatewayProcess(config);
    const { port, folder: data } = store.running;
    await store.running.kill();
    for (let asked = 0; asked < 5; asked++)
      expect((await ask(killed, '/v1/chat/completions', 'sk-paying')).status).toBe(200);
    expect((await ask(killed, '/v1/files', 'sk-ann')).status).toBe(200);
    await vi.waitFor(
      () => expect(spooled(join(folder, 'spool', 'writes'))).toEqual({ spent: 5 * COST, objects: 1 }),
      WAIT,
    );
    await killed.kill();
    store.running = await startPostgres(installed!, { port, folder: data });
    const next = await startGatewayProcess(config);
    const left = (await next.metrics()).sum('sluice_budget_remaining_usd', { key: 'paying' });
    expect(left).toBeCloseTo(BUDGET - (5 * COST) / 1e9, 9);
    const look = async (secret: string) => (await ask(next, `/v1/files/${FILE_ID}`, secret, 'GET')).status;
    expect([await look('sk-ann'), await look('sk-eve')]).toEqual([200, 404]);
  });
});
