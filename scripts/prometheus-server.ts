/**
 * A Prometheus for tests: `prometheus` and `promtool` of the PATH, else Debian's package, unpacked into a cache folder.
 * `node scripts/prometheus-server.ts CONFIG [--port N]` runs one until it is interrupted; tests import `startPrometheus`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheOf, fetchPackages } from './debian-packages.ts';
import { freePort, isReady } from './started-server.ts';

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
  const cache = cacheOf('prometheus');
  const cached = { prometheus: join(cache, 'usr/bin/prometheus'), promtool: join(cache, 'usr/bin/promtool') };
  if (runs(cached)) return cached;
  // Its dependencies are those of its web pages, but for libc.
  const failed = fetchPackages(cache, ['prometheus']);
  if (failed !== null) return `no prometheus is installed, and ${failed}`;
  return runs(cached) ? cached : 'no prometheus is installed, and that of the Debian package does not run here';
}

function runs({ prometheus, promtool }: InstalledPrometheus): boolean {
  return [prometheus, promtool].every((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0);
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
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=127.0.0.1:${chosen}`,
      '--enable-feature=exemplar-storage',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const told: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => told.push(chunk));
  const ended = once(child, 'exit').then(() => rmSync(data, { recursive: true, force: true }));
  const url = `http://127.0.0.1:${chosen}`;
  const answers = async (): Promise<boolean> => (await fetch(`${url}/-/ready`).catch(() => null))?.ok === true;
  await isReady(child, answers, READY_WITHIN, () => Buffer.concat(told).toString());
  return { url, stop: () => (child.kill('SIGTERM'), ended) };
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
