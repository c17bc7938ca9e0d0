import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const KEPT_ERROR_CHARS = 4000; // of a process's stderr, for the message when it dies
const STOP_MS = 5000; // a server that has not ended by then is killed

const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

/** What to start; `core` null leaves the choice to the system. */
export interface Command {
  readonly name: string;
  readonly core: number | null;
  readonly program: string;
  readonly args: readonly string[];
}

/** A process of the run: none outlives it. */
export class Job {
  readonly core: number | null;
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #errors = '';

  constructor(command: Command, stdout: 'pipe' | 'ignore') {
    this.core = command.core;
    this.#name = command.name;
    this.#child = start(command, ['ignore', stdout, 'pipe']);
    running.add(this.#child);
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-KEPT_ERROR_CHARS);
    });
    this.#ended = once(this.#child, 'close').finally(() => running.delete(this.#child));
    // A program that cannot be started is reported by whoever waits for it.
    this.#ended.catch((error: unknown) => (this.#errors += String(error)));
  }

  /** `taskset` becomes the program it starts, so this is the program's own. */
  get pid(): number {
    return this.#child.pid!;
  }

  /** The JSON values that the process prints, a line each; other lines are passed over. @throws Error when it fails */
  async *messages(): AsyncGenerator<unknown> {
    for await (const line of createInterface({ input: this.#child.stdout! })) {
      if (line.startsWith('{')) yield JSON.parse(line) as unknown;
    }
    await this.#ended.catch(() => undefined);
    if (this.#child.exitCode !== 0 && !this.#child.killed) throw this.failure();
  }

  /** @throws Error when the process ends without a message */
  async firstMessage(): Promise<unknown> {
    // Not a for-await with a return in it: that would close the pipe, and the process may print more.
    const { value, done } = await this.messages().next();
    if (done === true) throw this.failure();
    return value;
  }

  /** Waits until `probe` says so. @throws Error when the process ends first or the time is over */
  async waitUntil(probe: () => Promise<boolean>, limitMs: number): Promise<void> {
    for (const until = Date.now() + limitMs; Date.now() < until; await delay(100)) {
      if (this.#child.exitCode !== null || this.#child.pid === undefined) break;
      if (await probe().catch(() => false)) return;
    }
    throw this.failure();
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await this.#ended.catch(() => undefined);
    clearTimeout(kill);
  }

  failure(): Error {
    return new Error(`${this.#name} failed (exit ${this.#child.exitCode ?? 'none'})\n${this.#errors.trim()}`);
  }
}

/** Runs a program of this folder to its end and returns the last value that it printed. */
export async function runScript<Result>(core: number | null, script: string, options: object): Promise<Result> {
  return lastMessage<Result>(scriptCommand(core, script, [JSON.stringify(options)]));
}

export async function lastMessage<Result>(command: Command): Promise<Result> {
  const job = new Job(command, 'pipe');
  let last: unknown = null;
  for await (const message of job.messages()) last = message;
  if (last === null) throw job.failure();
  return last as Result;
}

export function scriptCommand(core: number | null, script: string, args: readonly string[]): Command {
  const path = new URL(script, import.meta.url).pathname;
  return { name: script, core, program: process.execPath, args: [path, ...args] };
}

function start({ core, program, args }: Command, stdio: StdioOptions): ChildProcess {
  const env = { ...process.env, NODE_ENV: 'production' };
  if (core === null) return spawn(program, args, { stdio, env });
  return spawn('taskset', ['-c', String(core), program, ...args], { stdio, env });
}
