import type { Logger } from 'pino';
import type { Clock } from './core/clock.ts';
import type { Config } from './core/config.ts';
import type { Milliseconds } from './core/units.ts';
import type { WorkerHandle } from './worker-handle.ts';
import { cpuWaits } from './workers/cpu-waits.ts';
import { HangWatch, LOOK_EVERY } from './workers/hang-watch.ts';

interface WatchParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** What is in force. */
  readonly live: { readonly current: { readonly config: Config } };
}

/**
 * Kills workers that hang: whoever looks after workers that ended replaces them.
 * @returns ends the watch
 */
export function watchWorkers(
  workers: { workers(): readonly WorkerHandle[] },
  { clock, log, live }: WatchParts,
): () => void {
  const told = ({ slot, pid }: WorkerHandle, silence: Milliseconds) => ({ worker: slot, pid, silentMs: silence });
  const watch = new HangWatch<WorkerHandle>({
    clock,
    // Before it has asked for its configuration it loads modules, and cannot answer.
    workers: () => workers.workers().filter(({ config }) => config !== null),
    ask: ({ channel }) => channel.call('isTurning'),
    cpuWaits: ({ pid }) => (pid === undefined ? null : cpuWaits(pid)),
    patience() {
      const { workerTimeout } = live.current.config.gateway;
      return workerTimeout === 'never' ? null : workerTimeout;
    },
    slow: (worker, silence) => log.warn(told(worker, silence), 'a worker does not answer'),
    hangs(worker, silence) {
      log.error(told(worker, silence), 'a worker hangs; it is killed');
      worker.hangs = true;
      worker.kill();
    },
  });
  const timer = setInterval(() => watch.look(), LOOK_EVERY).unref();
  return () => clearInterval(timer);
}
