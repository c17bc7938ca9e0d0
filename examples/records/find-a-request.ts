/** Two gateways that write records to files and to one Postgres, where each finds those of both. Prints what it finds. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { findPostgres, forgetPostgres, startPostgres } from '../../scripts/postgres-server.ts';
import { ask, startGateway, type Started } from '../started-gateway.ts';

const CONFIG = join(import.meta.dirname, 'find-a-request.yaml');

interface Page {
  readonly requests: readonly { readonly requestId: string }[];
  readonly cursor: string | null;
  readonly incomplete: string | null;
}

async function search({ adminUrl }: Started, query: Readonly<Record<string, string>>): Promise<Page> {
  const reply = await fetch(`${adminUrl}/api/v1/requests?${new URLSearchParams(query).toString()}`);
  return {
    requests: (await reply.json()) as Page['requests'],
    cursor: reply.headers.get('x-sluice-cursor'),
    incomplete: reply.headers.get('x-sluice-incomplete'),
  };
}

/** Again where a busy machine was late, which the reply says. */
async function searchWhole(gateway: Started, query: Readonly<Record<string, string>>): Promise<Page> {
  for (;;) {
    const page = await search(gateway, query);
    if (page.incomplete === null) return page;
  }
}

/** Page by page. */
async function searchAll(gateway: Started): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Page = await searchWhole(gateway, { limit: '7', ...(cursor === '' ? {} : { cursor }) });
    for (const { requestId } of page.requests) ids.add(requestId);
    ({ cursor } = page);
  }
  return ids;
}

function writtenToFiles(directory: string): number {
  const files = readdirSync(directory).map((name) => readFileSync(join(directory, name)));
  return files
    .map((file) => gunzipSync(file).toString().trim().split('\n').length)
    .reduce((sum, each) => sum + each, 0);
}

async function askMany(gateways: readonly Started[], count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let asked = 0; asked < count; asked++) ids.push((await ask(gateways[asked % 2]!, `user-${asked}`)).id);
  return ids;
}

async function untilFound(gateway: Started, count: number): Promise<void> {
  while ((await searchAll(gateway)).size < count) await sleep(100);
}

const installed = findPostgres();
if (typeof installed === 'string') {
  console.log(`skipped: ${installed}`);
  process.exit(0);
}
const data = mkdtempSync(join(tmpdir(), 'sluice-records-'));
let postgres = await startPostgres(installed);
const env = { SLUICE_STORE: postgres.url, SLUICE_DATA: data };
const gateways = await Promise.all([startGateway(CONFIG, env), startGateway(CONFIG, env)]);
const [one, two] = gateways;

const [first, second, ...rest] = await askMany(gateways, 20);
await untilFound(one, 20);
const [found] = (await searchWhole(one, { requestId: second! })).requests;
console.log(`a request of the second gateway is found through the first: ${found?.requestId === second}`);

const { port, folder } = postgres;
await postgres.stop();
const { requests, incomplete } = await search(two, { limit: '100' });
console.log(`Postgres is stopped: ${requests.length} of the second gateway are told, the rest is ${incomplete}`);
rest.push(...(await askMany(gateways, 10)));

postgres = await startPostgres(installed, { port, folder });
await untilFound(two, 30);
console.log('Postgres is back: 30 requests are found through the second gateway');

await Promise.all(gateways.map((gateway) => gateway.stop()));
const inFiles = writtenToFiles(join(data, 'records'));
console.log(`in files: ${inFiles}`);
const isWhole = inFiles === new Set([first, second, ...rest]).size && found?.requestId === second;
console.log(isWhole ? 'ok: every request is in Postgres and in a file, once' : 'not ok');
process.exitCode = isWhole ? 0 : 1;
await postgres.stop();
forgetPostgres(postgres);
rmSync(data, { recursive: true });
