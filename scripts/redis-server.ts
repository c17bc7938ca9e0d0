/**
 * A Redis for tests: `redis-server` or `valkey-server` of the PATH, else Debian's package, unpacked into a cache folder.
 * `node scripts/redis-server.ts [--port N]` runs one until it is interrupted; tests import `startRedis`.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const PROGRAMS = ['redis-server', 'valkey-server'];
/** The program itself stands in redis-tools. */
const PACKAGES = ['redis-server', 'redis-tools'];
/** What a plain Debian may lack; where a release has no package of the name, it has its own under another. */
const LIBRARIES = ['liblzf1', 'libjemalloc2', 'libatomic1', 'libssl3', 'libsystemd0'];
const READY_WITHIN = 10_000;

export interface Installed {
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface RunningRedis {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** @returns a text says why there is none */
export function findRedis(): Installed | string {
  const program = PROGRAMS.find((name) => runs(name, process.env));
  return program === undefined ? fetchRedis() : { program, env: process.env };
}

/**
 * @param port 0: a free one
 * @param kept a folder of the caller's in which it keeps what it is told; null: it forgets everything when it ends
 */
export async function startRedis(
  { program, env }: Installed,
  port = 0,
  kept: string | null = null,
): Promise<RunningRedis> {
  const chosen = port === 0 ? await freePort() : port;
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'sluice-redis-'));
  const address = ['--port', `${chosen}`, '--bind', '127.0.0.1'];
  const settings = ['--save', '', '--appendonly', kept === null ? 'no' : 'yes', '--dir', folder];
  const child = spawn(program, [...address, ...settings], { env, stdio: 'ignore' });
  const forget = (): void => (kept === null ? rmSync(folder, { recursive: true, force: true }) : undefined);
  const ended = once(child, 'exit').then(forget);
  await isReady(chosen, child);
  const end = (signal: NodeJS.Signals) => (child.kill(signal), ended);
  return {
    url: `redis://127.0.0.1:${chosen}`,
    pid: child.pid!,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

function runs(program: string, env: NodeJS.ProcessEnv): boolean {
  return spawnSync(program, ['--version'], { env, stdio: 'ignore' }).status === 0;
}

function fetchRedis(): Installed | string {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sluice', 'redis');
  const installed = unpacked(cache);
  if (runs(installed.program, installed.env)) return installed;
  const failed = download(cache);
  if (failed !== null) return `no redis-server or valkey-server is installed, and ${failed}`;
  if (runs(installed.program, installed.env)) return installed;
  return 'no redis-server or valkey-server is installed, and that of the Debian package does not run here';
}

function unpacked(cache: string): Installed {
  const libraries = ['usr/lib', 'lib'].map((folder) => join(cache, folder, `${machine()}-linux-gnu`)).join(':');
  return { program: join(cache, 'usr/bin/redis-server'), env: { ...process.env, LD_LIBRARY_PATH: libraries } };
}

const machine = () => (process.arch === 'arm64' ? 'aarch64' : 'x86_64');

/** @returns what went wrong */
function download(cache: string): string | null {
  mkdirSync(cache, { recursive: true });
  const fetch = (...names: string[]) => spawnSync('apt-get', ['download', ...names], { cwd: cache, stdio: 'ignore' });
  const { status, error } = fetch(...PACKAGES);
  if (error !== undefined) return 'there is no apt-get to fetch it with';
  if (status !== 0) return '`apt-get download redis-server` fails (offline, or no package lists: `apt-get update`)';
  for (const library of LIBRARIES) fetch(library);
  for (const file of readdirSync(cache).filter((name) => name.endsWith('.deb')))
    spawnSync('dpkg', ['-x', file, '.'], { cwd: cache, stdio: 'ignore' });
  return null;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function isReady(port: number, child: ChildProcess): Promise<void> {
  const until = Date.now() + READY_WITHIN;
  while (Date.now() < until && child.exitCode === null) {
    if (await answers(port)) return;
    await sleep(20);
  }
  child.kill('SIGKILL');
  throw new Error(`redis-server does not answer on port ${port}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => (socket.destroy(), resolve(data.toString().startsWith('+PONG'))));
    socket.once('error', () => resolve(false));
  });
}

async function main(): Promise<void> {
  const { port } = parseArgs({ options: { port: { type: 'string', default: '6379' } } }).values;
  const installed = findRedis();
  if (typeof installed === 'string') throw new Error(installed);
  const redis = await startRedis(installed, Number(port));
  console.log(`${installed.program} on ${redis.url}; Ctrl-C stops it`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void redis.stop());
}

if (import.meta.main) {
  main().catch((error: Error) => {
    console.error(`redis-server: ${error.message}`);
    process.exitCode = 1;
  });
}
