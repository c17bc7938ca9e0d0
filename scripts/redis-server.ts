/**
 * A Redis for tests: `redis-server` or `valkey-server` of the PATH, else Debian's package, unpacked into a cache folder.
 * `node scripts/redis-server.ts [--port N]` runs one until it is interrupted; tests import `startRedis`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheOf, fetchPackages, unpackedEnvironment } from './debian-packages.ts';
import { freePort, isReady } from './started-server.ts';

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
  await isReady(child, () => answers(chosen), READY_WITHIN);
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
  const cache = cacheOf('redis');
  const installed = { program: join(cache, 'usr/bin/redis-server'), env: unpackedEnvironment(cache) };
  if (runs(installed.program, installed.env)) return installed;
  const failed = fetchPackages(cache, PACKAGES, LIBRARIES);
  if (failed !== null) return `no redis-server or valkey-server is installed, and ${failed}`;
  if (runs(installed.program, installed.env)) return installed;
  return 'no redis-server or valkey-server is installed, and that of the Debian package does not run here';
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
