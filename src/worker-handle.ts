import { fork, type ChildProcess } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import type { Config } from './core/config.ts';
import type { CountersDesk } from './counters/desk.ts';
import type { LeaseDesk } from './counters/lease-desk.ts';
import type { ControlCalls, WorkerCalls } from './worker-calls.ts';
import { Channel, type Port } from './workers/channel.ts';
import { WholeLines } from './workers/whole-lines.ts';
import type { SupervisedWorker } from './workers/supervisor.ts';

/** A checkout runs the sources. */
const MODULE = new URL(import.meta.url.endsWith('.ts') ? './worker-main.ts' : './worker-main.js', import.meta.url);

/** What a worker's limits are counted with. */
export interface WorkerCounting {
  readonly desk: CountersDesk;
  readonly leases: LeaseDesk;
}

interface HandleParts {
  readonly slot: number;
  /** Null: limits are counted elsewhere. */
  readonly counting: WorkerCounting | null;
  /** What the worker may call. */
  serve(handle: WorkerHandle): ControlCalls;
  /** Whole lines of its log. */
  log(lines: string): void;
}

/** A worker as the control process sees it. */
export class WorkerHandle implements SupervisedWorker {
  readonly slot: number;
  readonly counting: WorkerCounting | null;
  readonly channel: Channel<WorkerCalls, ControlCalls>;
  readonly exited: Promise<string>;
  readonly ready: Promise<void>;
  /** What it serves with; null: it has none yet. */
  config: Config | null = null;
  /** It is given each configuration from now on. */
  isFollowing = false;
  /** It was ended as its event loop did not turn. */
  hangs = false;
  private readonly child: ChildProcess;
  private readonly becomesReady = Promise.withResolvers<void>();

  constructor({ slot, counting, serve, log }: HandleParts) {
    this.slot = slot;
    this.counting = counting;
    this.child = fork(MODULE, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: { ...process.env, ...compileCache() },
    });
    const lines = new WholeLines(log);
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => lines.push(text));
    this.channel = new Channel(portOf(this.child), serve(this));
    this.ready = this.becomesReady.promise;
    this.exited = new Promise((resolve) => {
      const ended = (how: string): void => {
        this.becomesReady.reject(new Error(`it ended at its start (${how})`));
        resolve(how);
      };
      this.child.once('error', (error) => ended(error.message));
      this.child.once('exit', (code, signal) => ended(signal === null ? `exit code ${code}` : `signal ${signal}`));
    });
    // Whoever waits for it hears of it; nobody has to.
    this.ready.catch(() => {});
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  isListening(): void {
    this.becomesReady.resolve();
  }

  hasFailed(message: string): void {
    this.becomesReady.reject(new Error(message));
  }

  /** What it held is lost. */
  kill(): void {
    this.child.kill('SIGKILL');
  }
}

function portOf(child: ChildProcess): Port {
  return {
    // What cannot be sent any more is told by the end of the channel.
    send: (message) => void (child.connected && child.send(message as object, () => {})),
    onMessage: (listener) => child.on('message', listener),
    onClose: (listener) => child.on('disconnect', listener),
  };
}

/** A replacement compiles nothing. */
function compileCache(): Readonly<Record<string, string>> {
  const directory = getCompileCacheDir();
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: directory };
}
