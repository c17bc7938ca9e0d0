import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../scripts/started-server.ts';
import { parseMetrics, type MetricSamples } from '../../test/support/metrics.ts';
import type { Milliseconds } from '../../src/core/units.ts';

const COMMAND = new URL('../../bin/sluice', import.meta.url).pathname;
const READY_WITHIN: Milliseconds = 120_000;
const LAST_WORDS = 1_000;
const ASK_EVERY: Milliseconds = 25;
/** Whoever asks a gateway that is stopped or frozen must not wait for it. */
const ANSWER_WITHIN: Milliseconds = 15_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface AdminReply<Body> {
  /** 0: nobody answered. */
  readonly status: number;
  readonly body: Body;
}

/** A gateway as its operators have it: `bin/sluice serve` with a file, two ports, a log. */
export class DrilledGateway {
  readonly name: string;
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly child: ChildProcess;
  /** Its exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  private readonly adminUrl: string;

  private constructor(name: string, child: ChildProcess, port: number, adminPort: number) {
    this.name = name;
    this.child = child;
    this.port = port;
    this.adminUrl = `http://127.0.0.1:${adminPort}`;
    running.add(child);
    this.ended = once(child, 'exit').then(([code]) => {
      running.delete(child);
      return code as number | null;
    });
  }

  /** It need not be ready yet. */
  static async spawn(name: string, config: object, folder: string): Promise<DrilledGateway> {
    const [port, adminPort] = [await freePort(), await freePort()];
    const file = join(folder, `${name}.yaml`);
    const { gateway, ...rest } = config as { readonly gateway?: object };
    const own = { gateway: { host: '127.0.0.1', port, ...gateway }, admin: { host: '127.0.0.1', port: adminPort } };
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ ...own, ...rest }, null, 2));
    const log = openSync(join(folder, `${name}.log`), 'a');
    const env = { ...process.env, NODE_ENV: 'production' };
    const child = spawn(process.execPath, [COMMAND, 'serve', '--config', file], { stdio: ['ignore', log, log], env });
    return new DrilledGateway(name, child, port, adminPort);
  }

  /** One that cannot start is started again, as by any supervisor. @throws Error where none is ready in time */
  static async start(name: string, config: object, folder: string): Promise<DrilledGateway> {
    const until = Date.now() + READY_WITHIN;
    for (;;) {
      const gateway = await DrilledGateway.spawn(name, config, folder);
      if (await gateway.becomesReady(until)) return gateway;
      await gateway.kill();
      if (Date.now() > until) throw new Error(`${name} does not become ready; its log ends: ${endOf(folder, name)}`);
    }
  }

  get url(): string {
    return `http://${this.host}:${this.port}`;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private async becomesReady(until: Milliseconds): Promise<boolean> {
    for (; Date.now() < until && !this.hasEnded; await sleep(ASK_EVERY)) if (await this.isReady()) return true;
    return false;
  }

  async isReady(): Promise<boolean> {
    return (await this.readiness()).ready;
  }

  async readiness(): Promise<{ readonly ready: boolean; readonly reasons: readonly string[] }> {
    const { status, body } = await this.admin<{ reasons?: readonly string[] }>('GET', '/readyz');
    return { ready: status === 200, reasons: body.reasons ?? [] };
  }

  /** Never throws: a gateway that is gone answers with status 0. */
  async admin<Body>(method: string, path: string, body?: object): Promise<AdminReply<Body>> {
    try {
      const reply = await fetch(`${this.adminUrl}${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        signal: AbortSignal.timeout(ANSWER_WITHIN),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: reply.status, body: (await reply.json()) as Body };
    } catch {
      return { status: 0, body: {} as Body };
    }
  }

  async metrics(): Promise<MetricSamples> {
    const reply = await fetch(`${this.adminUrl}/metrics`, { signal: AbortSignal.timeout(ANSWER_WITHIN) });
    return parseMetrics(await reply.text());
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

function endOf(folder: string, name: string): string {
  return readFileSync(join(folder, `${name}.log`), 'utf8').slice(-LAST_WORDS);
}
