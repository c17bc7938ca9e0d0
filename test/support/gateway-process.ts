import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { parseMetrics, type MetricSamples } from './metrics.ts';

const COMMAND = fileURLToPath(new URL('../../bin/sluice', import.meta.url));
const PORTS = /apps: (http:\/\/127\.0\.0\.1:\d+)\/v1[^]*operators: (http:\/\/127\.0\.0\.1:\d+)/;

/** A gateway in a process of its own, killed when the test is over. */
export interface GatewayProcess {
  readonly url: string;
  readonly adminUrl: string;
  readonly child: ChildProcess;
  metrics(): Promise<MetricSamples>;
  /** As `kill -9`. */
  kill(): Promise<void>;
}

export async function startGatewayProcess(config: object): Promise<GatewayProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-process-'));
  const file = join(folder, 'sluice.json');
  writeFileSync(
    file,
    JSON.stringify({ gateway: { port: 0 }, admin: { port: 0 }, store: 'sqlite::memory:', ...config }),
  );
  const child = spawn(process.execPath, [COMMAND, 'serve', '--config', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });
  const [url, adminUrl] = await new Promise<[string, string]>((resolve, reject) => {
    let told = '';
    const read = (chunk: Buffer): void => {
      told += chunk.toString();
      const found = PORTS.exec(told);
      if (found !== null) resolve([found[1]!, found[2]!]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', () => reject(new Error(told)));
  });
  const metrics = async (): Promise<MetricSamples> => parseMetrics(await (await fetch(`${adminUrl}/metrics`)).text());
  return { url, adminUrl, child, metrics, kill };
}
