/**
 * A Redis for tests: `redis-server` or `valkey-server` of the PATH, else Debian's package, unpacked into a cache folder.
 * `node scripts/redis-server.mjs [--port N]` runs one until it is interrupted; tests import `startRedis`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
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

/** @typedef {{ program: string, env: NodeJS.ProcessEnv }} Installed */
/** @typedef {{ url: string, port: number, pid: number, stop(): Promise<void>, kill(): Promise<void> }} RunningRedis */

/** @returns {Installed | string} a text says why there is none */
export function findRedis() {
  const program = PROGRAMS.find((name) => runs(name, process.env));
  return program === undefined ? fetchRedis() : { program, env: process.env };
}

/** @param {Installed} installed @param {number} [port] 0: a free one @returns {Promise<RunningRedis>} */
export async function startRedis({ program, env }, port = 0) {
  const chosen = port === 0 ? await freePort() : port;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-redis-'));
  const settings = ['--port', `${chosen}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const child = spawn(program, settings, { env, stdio: 'ignore' });
  const ended = once(child, 'exit').then(() => rmSync(folder, { recursive: true, force: true }));
  await isReady(chosen, child);
  const end = (/** @type {NodeJS.Signals} */ signal) => (child.kill(signal), ended);
  return {
    url: `redis://127.0.0.1:${chosen}`,
    port: chosen,
    pid: /** @type {number} */ (child.pid),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

/** @param {string} program @param {NodeJS.ProcessEnv} env */
function runs(program, env) {
  return spawnSync(program, ['--version'], { env, stdio: 'ignore' }).status === 0;
}

/** @returns {Installed | string} */
function fetchRedis() {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sluice', 'redis');
  const installed = unpacked(cache);
  if (runs(installed.program, installed.env)) return installed;
  const failed = download(cache);
  if (failed !== null) return `no redis-server or valkey-server is installed, and ${failed}`;
  if (runs(installed.program, installed.env)) return installed;
  return 'no redis-server or valkey-server is installed, and that of the Debian package does not run here';
}

/** @param {string} cache @returns {Installed} */
function unpacked(cache) {
  const libraries = ['usr/lib', 'lib'].map((folder) => join(cache, folder, `${machine()}-linux-gnu`)).join(':');
  return { program: join(cache, 'usr/bin/redis-server'), env: { ...process.env, LD_LIBRARY_PATH: libraries } };
}

const machine = () => (process.arch === 'arm64' ? 'aarch64' : 'x86_64');

/** @param {string} cache @returns {string | null} what went wrong */
function download(cache) {
  mkdirSync(cache, { recursive: true });
  const fetch = (...names) => spawnSync('apt-get', ['download', ...names], { cwd: cache, stdio: 'ignore' });
  const { status, error } = fetch(...PACKAGES);
  if (error !== undefined) return 'there is no apt-get to fetch it with';
  if (status !== 0) return '`apt-get download redis-server` fails (offline, or no package lists: `apt-get update`)';
  for (const library of LIBRARIES) fetch(library);
  for (const file of readdirSync(cache).filter((name) => name.endsWith('.deb')))
    spawnSync('dpkg', ['-x', file, '.'], { cwd: cache, stdio: 'ignore' });
  return null;
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** @param {number} port @param {import('node:child_process').ChildProcess} child */
async function isReady(port, child) {
  const until = Date.now() + READY_WITHIN;
  while (Date.now() < until && child.exitCode === null) {
    if (await answers(port)) return;
    await sleep(20);
  }
  child.kill('SIGKILL');
  throw new Error(`redis-server does not answer on port ${port}`);
}

/** @param {number} port @returns {Promise<boolean>} */
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => (socket.destroy(), resolve(data.toString().startsWith('+PONG'))));
    socket.once('error', () => resolve(false));
  });
}

async function main() {
  const { port } = parseArgs({ options: { port: { type: 'string', default: '6379' } } }).values;
  const installed = findRedis();
  if (typeof installed === 'string') throw new Error(installed);
  const redis = await startRedis(installed, Number(port));
  console.log(`${installed.program} on ${redis.url}; Ctrl-C stops it`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void redis.stop());
}

if (import.meta.main) {
  main().catch((error) => {
    console.error(`redis-server: ${error.message}`);
    process.exitCode = 1;
  });
}
