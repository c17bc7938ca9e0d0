import type { Config } from './core/config.ts';
import type { Rollout } from './core/rollout.ts';
import type { Milliseconds } from './core/units.ts';
import type { WorkerHandle } from './worker-handle.ts';
import { ChannelClosedError } from './workers/channel.ts';

/** Building a snapshot takes some ten milliseconds; a worker that needs so long is stuck. */
const PREPARE_WITHIN: Milliseconds = 10_000;

const COMMIT_WITHIN: Milliseconds = 1_000;

interface ReloadParts {
  /** All that live. */
  workers(): readonly WorkerHandle[];
  /** In force in this process. */
  config(): Config;
  rollouts(): readonly Rollout[];
}

/** Brings configurations into force in all workers and in this process, or nowhere. */
export class Reloads {
  private readonly parts: ReloadParts;
  private applying: Promise<void> | null = null;

  constructor(parts: ReloadParts) {
    this.parts = parts;
  }

  get isApplying(): boolean {
    return this.applying !== null;
  }

  /**
   * Each worker makes it ready beside what is in force, then this process brings it into force, then they. One that ends
   * meanwhile is replaced by one that begins with what holds then. @throws what a worker or `here` refuses
   */
  async apply(config: Config, here: () => Promise<void>): Promise<void> {
    const work = this.applyNow(config, here);
    this.applying = work.catch(() => {});
    try {
      await work;
    } finally {
      this.applying = null;
    }
  }

  /** One that began while a reload was under way may have begun with the configuration before it. */
  async catchUp(worker: WorkerHandle): Promise<void> {
    const { parts } = this;
    for (;;) {
      while (this.applying !== null) await this.applying;
      const wanted = parts.config();
      if (worker.config === wanted) break;
      await worker.channel.callWithin(PREPARE_WITHIN, 'prepare', wanted);
      worker.config = wanted;
    }
    worker.channel.tell('commit', parts.rollouts());
    worker.isFollowing = true;
  }

  private async applyNow(config: Config, here: () => Promise<void>): Promise<void> {
    const workers = this.parts.workers().filter(({ isFollowing }) => isFollowing);
    try {
      await Promise.all(workers.map((worker) => prepared(worker, config)));
      await here();
    } catch (error) {
      for (const { channel } of workers) channel.tell('discard');
      throw error;
    }
    for (const worker of workers) worker.config = config;
    const rollouts = this.parts.rollouts();
    // A worker that is busy is not waited for: what it was told before anything else cannot fail.
    await Promise.allSettled(workers.map(({ channel }) => channel.callWithin(COMMIT_WITHIN, 'commit', rollouts)));
  }
}

async function prepared({ channel }: WorkerHandle, config: Config): Promise<void> {
  try {
    await channel.callWithin(PREPARE_WITHIN, 'prepare', config);
  } catch (error) {
    if (!(error instanceof ChannelClosedError)) throw error;
  }
}
