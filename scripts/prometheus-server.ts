/**
 * A Prometheus for tests: `prometheus` and `promtool` of the PATH, else Debian's package, unpacked into a cache folder.
 * `node scripts/prometheus-server.ts CONFIG [--port N]` runs one until it is interrupted; tests import `startPrometheus`.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const READY_WITHIN = 20_000;

export interface InstalledPrometheus {
  readonly prometheus: string;
  readonly promtool: string;
}

export interface RunningPrometheus {
  readonly url: string;
  stop(): Promise<void>;
}

/** @returns a text says why there is none */
export function findPrometheus(): InstalledPrometheus | string {
  const onPath = { prometheus: 'prometheus', promtool: 'promtool' };
  if (runs(onPath)) return onPath;
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sluice', 'prometheus');
  const cached = { prometheus: join(cache, 'usr/bin/prometheus'), promtool: join(cache, 'usr/bin/promtool') };
  if (runs(cached)) return cached;
  const failed = download(cache);
  if (failed !== null) return `no prometheus is installed, and ${failed}`;
  return runs(cached) ? cached : 'no prometheus is installed, and that of the Debian package does not run here';
}

function runs({ prometheus, promtool }: InstalledPrometheus): boolean {
  return [prometheus, promtool].every((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0);
}

/** The package's own dependencies are those of its web pages, but for libc. @returns what went wrong */
function download(cache: string): string | null {
  mkdirSync(cache, { recursive: true });
  const { status, error } = spawnSync('apt-get', ['download', 'prometheus'], { cwd: cache, stdio: 'ignore' });
  if (error !== undefined) return 'there is no apt-get to fetch it with';
  if (status !== 0) return '`apt-get download prometheus` fails (offline, or no package lists: `apt-get update`)';
  for (const file of readdirSync(cache).filter((name) => name.endsWith('.deb')))
    spawnSync('dpkg', ['-x', file, '.'], { cwd: cache, stdio: 'ignore' });
  return null;
}

/** @param config a file. @param port 0: a free one */
export async function startPrometheus(
  { prometheus }: InstalledPrometheus,
  config: string,
  port = 0,
): Promise<RunningPrometheus> {
  const chosen = port === 0 ? await freePort() : port;
  const data = mkdtempSync(join(tmpdir(), 'sluice-prometheus-'));
  const child = spawn(
    prometheus,
    [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=127.0.0.1:${chosen}`],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const told: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => told.push(chunk));
  const ended = once(child, 'exit').then(() => rmSync(data, { recursive: true, force: true }));
  const url = `http://127.0.0.1:${chosen}`;
  await isReady(url, child, () => Buffer.concat(told).toString());
  return { url, stop: () => (child.kill('SIGTERM'), ended) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function isReady(url: string, child: ChildProcess, told: () => string): Promise<void> {
  const until = Date.now() + READY_WITHIN;
  while (Date.now() < until && child.exitCode === null) {
    const reply = await fetch(`${url}/-/ready`).catch(() => null);
    if (reply?.ok === true) return;
    await sleep(50);
  }
  child.kill('SIGKILL');
  throw new Error(`prometheus does not answer at ${url}: ${told()}`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { port: { type: 'string', default: '9090' } },
    allowPositionals: true,
  });
  const installed = findPrometheus();
  if (typeof installed === 'string') throw new Error(installed);
  if (positionals[0] === undefined) throw new Error('name a configuration file');
  const running = await startPrometheus(installed, positionals[0], Number(values.port));
  console.log(`prometheus on ${running.url}; Ctrl-C stops it`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void running.stop());
}

if (import.meta.main) {
  main().catch((error: Error) => {
    console.error(`prometheus-server: ${error.message}`);
    process.exitCode = 1;
  });
}
