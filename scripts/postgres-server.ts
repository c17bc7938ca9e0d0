/**
 * A Postgres for tests: that of the PATH or of Debian's packages, else those packages, unpacked into a cache folder.
 * `node scripts/postgres-server.ts [--port N]` runs one until it is interrupted; tests import `startPostgres`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as pg from 'pg';
import { cacheOf, fetchPackages, unpackedEnvironment } from './debian-packages.ts';
import { freePort, isReady } from './started-server.ts';

const PACKAGED = 'usr/lib/postgresql';
/** What a plain Debian may lack; where a release has no package of the name, it has its own under another. */
const LIBRARIES = ['libpq5', 'libicu72', 'libicu76', 'libldap-2.5-0', 'libldap2', 'libxml2', 'libsasl2-2', 'libz3-4'];
const READY_WITHIN = 30_000;
const USER = 'sluice';
const PASSWORD = 'only for tests';

export interface InstalledPostgres {
  /** Of `initdb` and `postgres`. */
  readonly bin: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface RunningPostgres {
  readonly url: string;
  readonly port: number;
  /** Where it keeps its data; one that is started again with it has them. */
  readonly folder: string;
  /** It ends every connection and shuts down. */
  stop(): Promise<void>;
  /** As if the machine had lost power: nothing is shut down. */
  kill(): Promise<void>;
  /** All its processes stand still, as behind a network that swallows everything. */
  pause(): void;
  resume(): void;
}

/** @returns a text says why there is none */
export function findPostgres(): InstalledPostgres | string {
  const places = ['', ...versionsUnder('/')];
  const bin = places.find((place) => runs(place, process.env));
  return bin === undefined ? fetchPostgres() : { bin, env: process.env };
}

interface PostgresOptions {
  /** 0: a free one. */
  readonly port?: number;
  /** Of a server that ran before; left out: a new one. */
  readonly folder?: string;
  /** Files, which are copied to where it may read them. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** Forgotten with its data when the process ends that has started it. */
export async function startPostgres(
  installed: InstalledPostgres,
  { port = 0, folder: known, tls }: PostgresOptions = {},
): Promise<RunningPostgres> {
  const folder = known ?? initialised(installed);
  const chosen = port === 0 ? await freePort() : port;
  const settings = tls === undefined ? {} : ownCertificate(folder, tls);
  const all = { listen_addresses: '127.0.0.1', port: `${chosen}`, unix_socket_directories: folder, ...settings };
  const given = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(join(installed.bin, 'postgres'), ['-D', join(folder, 'data'), ...given], {
    ...owner(),
    env: installed.env,
    stdio: ['ignore', 'ignore', process.env.SLUICE_POSTGRES_LOG === undefined ? 'ignore' : 'inherit'],
  });
  const ended = once(child, 'exit');
  // Those that serve connections end when they find it gone.
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  await isReady(child, () => answers(chosen), READY_WITHIN);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await ended;
    process.off('exit', killAtExit);
  };
  return {
    url: urlOf(chosen),
    port: chosen,
    folder,
    stop: () => end('SIGINT'),
    kill: () => end('SIGQUIT'),
    pause: () => pause(child.pid!),
    resume: () => resume(child.pid!),
  };
}

/** The server stands still first, so that it starts no further process. */
function pause(server: number): void {
  process.kill(server, 'SIGSTOP');
  for (const pid of processesOf(server)) signal(pid, 'SIGSTOP');
}

/** The server goes on last: until then each of its processes is there. One that was not paused may end connections meanwhile. */
function resume(server: number): void {
  for (const pid of processesOf(server)) signal(pid, 'SIGCONT');
  process.kill(server, 'SIGCONT');
}

/** One that has ended since it was listed is as good as told. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** One for each connection, in groups of their own. */
function processesOf(server: number): readonly number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.filter((pid) => parentOf(pid) === server).map(Number);
}

function parentOf(pid: string): number | null {
  try {
    return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return null;
  }
}

function urlOf(port: number): string {
  return `postgres://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`;
}

/** Its data; the server must have ended. */
export function forgetPostgres({ folder }: Pick<RunningPostgres, 'folder'>): void {
  rmSync(folder, { recursive: true, force: true });
}

function versionsUnder(root: string): readonly string[] {
  const folder = join(root, PACKAGED);
  if (!existsSync(folder)) return [];
  const versions = readdirSync(folder).toSorted((one, other) => Number(other) - Number(one));
  return versions.map((version) => join(folder, version, 'bin'));
}

function runs(bin: string, env: NodeJS.ProcessEnv): boolean {
  return ['postgres', 'initdb'].every((name) => spawnSync(join(bin, name), ['--version'], { env }).status === 0);
}

/** It refuses to run as root. */
function owner(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) => Number(spawnSync('id', [flag, 'nobody']).stdout.toString());
  return { uid: idOf('-u'), gid: idOf('-g') };
}

function initialised({ bin, env }: InstalledPostgres): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-postgres-'));
  const password = join(folder, 'password');
  writeFileSync(password, PASSWORD);
  const { uid, gid } = owner();
  if (uid !== undefined) for (const path of [folder, password]) chownSync(path, uid, gid!);
  const data = ['-D', join(folder, 'data'), '-U', USER, `--pwfile=${password}`, '--auth=scram-sha-256'];
  const { status, stderr } = spawnSync(join(bin, 'initdb'), [...data, '--locale=C.UTF-8', '--encoding=UTF8'], {
    ...owner(),
    env,
    cwd: folder,
  });
  if (status !== 0) throw new Error(`initdb fails: ${stderr.toString()}`);
  return folder;
}

/** It refuses a key that anybody else can read. */
function ownCertificate(folder: string, files: Readonly<Record<'cert' | 'key', string>>): Record<string, string> {
  const { uid, gid } = owner();
  const copied = (name: 'cert' | 'key'): string => {
    const path = join(folder, `${name}.pem`);
    writeFileSync(path, readFileSync(files[name]), { mode: 0o600 });
    if (uid !== undefined) chownSync(path, uid, gid!);
    return path;
  };
  return { ssl: 'on', ssl_cert_file: copied('cert'), ssl_key_file: copied('key') };
}

function fetchPostgres(): InstalledPostgres | string {
  const cache = cacheFolder();
  const installed = unpacked(cache);
  if (installed !== null) return installed;
  const failed = download(cache);
  if (failed !== null) return `no Postgres server is installed, and ${failed}`;
  return unpacked(cache) ?? 'no Postgres server is installed, and that of the Debian package does not run here';
}

/** Of root it must be a place that others can read. */
function cacheFolder(): string {
  return process.getuid?.() === 0 ? '/var/cache/sluice/postgres' : cacheOf('postgres');
}

function unpacked(cache: string): InstalledPostgres | null {
  const env = unpackedEnvironment(cache);
  const bin = versionsUnder(cache).find((each) => runs(each, env));
  return bin === undefined ? null : { bin, env };
}

/** The version that this Debian has. @returns what went wrong */
function download(cache: string): string | null {
  const depends = spawnSync('apt-cache', ['depends', 'postgresql']);
  if (depends.error !== undefined) return 'there is no apt-get to fetch it with';
  const server = /postgresql-\d+/.exec(depends.stdout.toString())?.[0] ?? 'postgresql';
  const failed = fetchPackages(cache, [server], LIBRARIES);
  // `dpkg -x` gives the folder the mode of the package's root.
  if (failed === null) chmodSync(cache, 0o755);
  return failed;
}

/** The port is open before it lets anybody in. */
async function answers(port: number): Promise<boolean> {
  const client = new pg.Client(urlOf(port));
  // It may be cut at any moment: the query tells.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function main(): Promise<void> {
  const { port } = parseArgs({ options: { port: { type: 'string', default: '5432' } } }).values;
  const installed = findPostgres();
  if (typeof installed === 'string') throw new Error(installed);
  const postgres = await startPostgres(installed, { port: Number(port) });
  console.log(`Postgres on ${postgres.url}; Ctrl-C stops it and forgets its data`);
  const stop = () => void postgres.stop().then(() => forgetPostgres(postgres));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
}

if (import.meta.main) {
  main().catch((error: Error) => {
    console.error(`postgres-server: ${error.message}`);
    process.exitCode = 1;
  });
}
