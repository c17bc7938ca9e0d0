import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { CLIENT_KEY, bareConfig, fullConfig, mailRepliesConfig } from './gateway-config.ts';
import type { Pinning } from './machine.ts';
import { CHAT_BODY, FINDING_BODY } from './payload.ts';
import { findPortkey, portkeyHeaders } from './portkey.ts';
import { Job, scriptCommand } from './processes.ts';
import { scratchFolder } from './scratch.ts';

const START_LIMIT_MS = 20_000;
const GATEWAY = new URL('../bin/sluice', import.meta.url).pathname;

/** The ways from the client to the upstream that are compared. */
export const PATH_NAMES = ['direct', 'node-limit', 'bare', 'everything', 'finding', 'mail-replies', 'portkey'] as const;
export type PathName = (typeof PATH_NAMES)[number];

export const PATH_LABELS: Record<PathName, string> = {
  direct: 'direct to the upstream',
  'node-limit': 'Node limit (node:http, undici)',
  bare: 'Sluice, bare',
  everything: 'Sluice, everything on',
  finding: 'Sluice, everything + a finding in each call',
  'mail-replies': 'Sluice, everything + mail in replies',
  portkey: 'Portkey, nothing on',
};

/** A server under test, or the upstream. */
export interface Server {
  readonly pid: number;
  /** That it is kept on; null where that is left to the system. */
  readonly core: number | null;
  stop(): Promise<void>;
}

export interface Path extends Server {
  readonly name: PathName;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Upstream extends Server {
  readonly port: number;
}

export async function startUpstream(pinning: Pinning | null): Promise<Upstream> {
  const job = new Job(scriptCommand(pinning?.load ?? null, 'upstream.ts', []), 'pipe');
  const { port } = (await job.firstMessage()) as { port: number };
  return { port, pid: job.pid, core: job.core, stop: () => job.stop() };
}

/** Starts the server and sends one call through it. @throws Error when it does not start, or answers not as it should */
export async function startPath(name: PathName, upstream: Upstream, pinning: Pinning | null): Promise<Path> {
  const core = pinning?.server ?? null;
  const path = await starters[name](upstream, core);
  await checkPath(path).catch(async (error: unknown) => {
    await path.stop();
    throw error;
  });
  return path;
}

const starters: Record<PathName, (upstream: Upstream, core: number | null) => Promise<Path>> = {
  // The upstream serves other paths too: its end is not this path's.
  direct: async ({ port, pid, core }) => toPath('direct', port, {}, { pid, core, stop: async () => undefined }),
  'node-limit': startNodeLimit,
  bare: (upstream, core) => startGateway('bare', upstream, core),
  everything: (upstream, core) => startGateway('everything', upstream, core),
  finding: (upstream, core) => startGateway('finding', upstream, core),
  'mail-replies': (upstream, core) => startGateway('mail-replies', upstream, core),
  portkey: startPortkey,
};

async function startNodeLimit(upstream: Upstream, core: number | null): Promise<Path> {
  const job = new Job(scriptCommand(core, 'node-limit.ts', [`http://127.0.0.1:${upstream.port}`]), 'pipe');
  const { port } = (await job.firstMessage()) as { port: number };
  return toPath('node-limit', port, {}, job);
}

const toConfig = {
  bare: bareConfig,
  everything: fullConfig,
  finding: fullConfig,
  'mail-replies': mailRepliesConfig,
} as const;

async function startGateway(name: keyof typeof toConfig, upstream: Upstream, core: number | null): Promise<Path> {
  const folder = scratchFolder(name);
  const file = join(folder, 'sluice.yaml');
  const [data, admin] = [await freePort(), await freePort()];
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(toConfig[name]({ data, admin, upstream: upstream.port }, folder), null, 2));
  const command = { name: PATH_LABELS[name], core, program: GATEWAY, args: ['serve', '--config', file] };
  const job = new Job(command, 'ignore');
  const ready = async () => (await fetch(`http://127.0.0.1:${admin}/readyz`)).status === 200;
  await waitOrStop(job, ready);
  const headers = name === 'bare' ? {} : { authorization: `Bearer ${CLIENT_KEY}` };
  return toPath(name, data, headers, job);
}

async function startPortkey(upstream: Upstream, core: number | null): Promise<Path> {
  const entry = findPortkey();
  if (entry === null) throw new Error('Portkey is not installed');
  const port = await freePort();
  const args = [entry, `--port=${port}`, '--headless'];
  const job = new Job({ name: 'Portkey', core, program: process.execPath, args }, 'ignore');
  await waitOrStop(job, async () => (await fetch(`http://127.0.0.1:${port}/`)).status === 200);
  return toPath('portkey', port, portkeyHeaders(upstream.port), job);
}

async function waitOrStop(job: Job, ready: () => Promise<boolean>): Promise<void> {
  await job.waitUntil(ready, START_LIMIT_MS).catch(async (error: unknown) => {
    await job.stop();
    throw error;
  });
}

function toPath(name: PathName, port: number, headers: Record<string, string>, server: Server): Path {
  return {
    name,
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    headers: { 'content-type': 'application/json', ...headers },
    body: name === 'finding' ? FINDING_BODY : CHAT_BODY,
    pid: server.pid,
    core: server.core,
    stop: () => server.stop(),
  };
}

/** Figures of a gateway that answers errors, or that has its features off, would look splendid. */
async function checkPath({ name, url, headers }: Path): Promise<void> {
  const reply = await fetch(url, { method: 'POST', headers, body: FINDING_BODY });
  const body = await reply.text();
  if (reply.status !== 200) throw new Error(`${PATH_LABELS[name]} answers ${reply.status}: ${body.slice(0, 500)}`);
  if (name !== 'everything' && name !== 'finding' && name !== 'mail-replies') return;
  for (const header of ['x-sluice-redacted', 'x-sluice-rollout']) {
    if (!reply.headers.has(header)) throw new Error(`${PATH_LABELS[name]} sends no ${header}: a feature is off`);
  }
  const anonymous = await fetch(url, { method: 'POST', headers: { ...headers, authorization: '' }, body: CHAT_BODY });
  await anonymous.arrayBuffer();
  if (anonymous.status !== 401) throw new Error(`${PATH_LABELS[name]} answers ${anonymous.status} without a key`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
