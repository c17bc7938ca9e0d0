/** Two gateways on one Postgres, which is stopped and started again. Prints what each sees. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPostgres, forgetPostgres, startPostgres } from '../../scripts/postgres-server.ts';

const COMMAND = join(import.meta.dirname, '../../bin/sluice');
const CONFIG = join(import.meta.dirname, 'two-gateways.yaml');
const ROLLOUT = '/api/v1/rollouts/new-model';
const ADDRESSES = /apps: (http:\S+)\/v1[^]*operators: (http:[^\s"]+)/;

interface Started {
  readonly url: string;
  readonly adminUrl: string;
  stop(): Promise<unknown>;
}

async function startGateway(store: string, data: string): Promise<Started> {
  const env = { ...process.env, SLUICE_STORE: store, SLUICE_DATA: data };
  const child = spawn(COMMAND, ['serve', '--config', CONFIG], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const { promise, resolve, reject } = Promise.withResolvers<readonly [string, string]>();
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => {
    told += chunk.toString();
    const [, url, adminUrl] = ADDRESSES.exec(told) ?? [];
    if (url !== undefined && adminUrl !== undefined) resolve([url, adminUrl]);
  });
  child.once('exit', () => reject(new Error(`the gateway did not start: ${told}`)));
  const [url, adminUrl] = await promise;
  return { url, adminUrl, stop: () => (child.kill('SIGTERM'), exited) };
}

async function call<T>({ adminUrl }: Started, path: string, body?: object): Promise<{ status: number; body: T }> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: JSON_TYPE };
  const reply = await fetch(`${adminUrl}${path}`, init);
  return { status: reply.status, body: (await reply.json()) as T };
}

const JSON_TYPE = { 'content-type': 'application/json' };

async function ask({ url }: Started, user: string): Promise<number> {
  const body = JSON.stringify({ model: 'chat', user, messages: [{ role: 'user', content: 'Hello' }] });
  return (await fetch(`${url}/v1/chat/completions`, { method: 'POST', body, headers: JSON_TYPE })).status;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20);
}

const installed = findPostgres();
if (typeof installed === 'string') {
  console.log(`skipped: ${installed}`);
  process.exit(0);
}
const data = mkdtempSync(join(tmpdir(), 'sluice-two-'));
let postgres = await startPostgres(installed);
const [one, two] = await Promise.all([startGateway(postgres.url, data), startGateway(postgres.url, data)]);

await call(one, `${ROLLOUT}/set-weight`, { weight: 37 });
const since = performance.now();
await until(async () => (await call<{ weight: number }>(two, ROLLOUT)).body.weight === 37);
console.log(`37 % on one gateway are 37 % on the other, ${Math.round(performance.now() - since)} ms later`);

const { port, folder } = postgres;
await postgres.stop();
let [served, failed] = [0, 0];
for (let user = 0; user < 60; user++) {
  const status = await ask(user % 2 === 0 ? one : two, `user-${user}`);
  if (status === 200) served++;
  else failed++;
}
console.log(`Postgres is stopped: ${served} requests served, ${failed} failed`);
const ready = await call<{ reasons: string[] }>(one, '/readyz');
console.log(`/readyz says ${ready.status}: ${ready.body.reasons[0]}`);
console.log(`a change is answered ${(await call(two, `${ROLLOUT}/set-weight`, { weight: 50 })).status}`);

postgres = await startPostgres(installed, { port, folder });
await until(async () => (await call<{ requests?: number }>(one, `${ROLLOUT}/analysis`)).body.requests === served);
console.log(`Postgres is back: ${served} requests are judged`);
console.log(failed === 0 ? 'ok: nothing failed, nothing was lost' : 'not ok');

await Promise.all([one, two].map((gateway) => gateway.stop()));
await postgres.stop();
forgetPostgres(postgres);
rmSync(data, { recursive: true });
