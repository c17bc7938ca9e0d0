/** Two gateways on one Postgres, which is stopped and started again. Prints what each sees. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPostgres, forgetPostgres, startPostgres } from '../../scripts/postgres-server.ts';
import { ask, JSON_TYPE, startGateway, type Started } from '../started-gateway.ts';

const CONFIG = join(import.meta.dirname, 'two-gateways.yaml');
const ROLLOUT = '/api/v1/rollouts/new-model';

async function call<T>({ adminUrl }: Started, path: string, body?: object): Promise<{ status: number; body: T }> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: JSON_TYPE };
  const reply = await fetch(`${adminUrl}${path}`, init);
  return { status: reply.status, body: (await reply.json()) as T };
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
const env = { SLUICE_STORE: postgres.url, SLUICE_DATA: data };
const [one, two] = await Promise.all([startGateway(CONFIG, env), startGateway(CONFIG, env)]);

await call(one, `${ROLLOUT}/set-weight`, { weight: 37 });
const since = performance.now();
await until(async () => (await call<{ weight: number }>(two, ROLLOUT)).body.weight === 37);
console.log(`37 % on one gateway are 37 % on the other, ${Math.round(performance.now() - since)} ms later`);

const { port, folder } = postgres;
await postgres.stop();
let [served, failed] = [0, 0];
for (let user = 0; user < 60; user++) {
  const { status } = await ask(user % 2 === 0 ? one : two, `user-${user}`);
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
