import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { ReloadResult } from '../../src/config/watch.ts';
import { startGateway } from '../../src/main.ts';
import { CapturedLog } from './captured-log.ts';
import { parseMetrics, type MetricSamples } from './metrics.ts';

/** The sections of `sluice.yaml`; JSON is YAML. */
export type TestConfig = Readonly<Record<string, unknown>>;

export interface TestGatewayOptions {
  /** Read by `${NAME}` in the configuration. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A gateway on free ports with its store in memory, stopped when the test is over. */
export interface TestGateway {
  readonly port: number;
  /** Of the data plane, without a path. */
  readonly url: string;
  readonly adminUrl: string;
  readonly log: CapturedLog;
  /** Writes another configuration over the first and has it read. */
  reload(config: TestConfig): Promise<ReloadResult>;
  metrics(): Promise<MetricSamples>;
  /** The control plane's answer, parsed. */
  admin(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: never }>;
  stop(): Promise<void>;
}

export async function startTestGateway(config: TestConfig, options: TestGatewayOptions = {}): Promise<TestGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  const configPath = join(folder, 'sluice.json');
  const write = (next: TestConfig): void => writeFileSync(configPath, JSON.stringify(withTestDefaults(next)));
  write(config);
  const log = new CapturedLog();
  const logger = pino({ level: 'debug', base: null }, log);
  const running = await startGateway({ configPath, environment: options.environment ?? {}, log: logger });
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => (stopping ??= running.stop());
  onTestFinished(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const { dataPlane, admin } = running;
  const adminUrl = `http://${admin.host}:${admin.port}`;
  return {
    port: dataPlane.port,
    url: `http://${dataPlane.host}:${dataPlane.port}`,
    adminUrl,
    log,
    stop,
    reload: (next) => {
      write(next);
      return running.reload();
    },
    metrics: async () => parseMetrics(await (await fetch(`${adminUrl}/metrics`)).text()),
    admin: (method, path, body) => callAdmin(`${adminUrl}${path}`, method, body),
  };
}

/** Timeouts at the end of a test are short: what is still open then was left open by it. */
function withTestDefaults(config: TestConfig): TestConfig {
  const { gateway, admin, ...rest } = config as { gateway?: { timeouts?: object }; admin?: object };
  return {
    store: 'sqlite::memory:',
    ...rest,
    gateway: { port: 0, ...gateway, timeouts: { drain: '1ms', ...gateway?.timeouts } },
    admin: { port: 0, ...admin },
  };
}

async function callAdmin(url: string, method: string, body: unknown): Promise<{ status: number; body: never }> {
  const text = body === undefined ? null : JSON.stringify(body);
  const reply = await fetch(url, { method, body: text, headers: { 'content-type': 'application/json' } });
  return { status: reply.status, body: (await reply.json()) as never };
}
