import type { Config } from './core/config.ts';
import type { Rollout } from './core/rollout.ts';
import type { Snapshot, SnapshotBuilder } from './snapshot.ts';
import type { FollowedRollouts } from './workers/followed-rollouts.ts';

type Prepared = Awaited<ReturnType<SnapshotBuilder['prepare']>>;

/** The snapshot in force in a worker; the control process says when the next one is. */
export class WorkerSnapshot {
  private readonly builder: SnapshotBuilder;
  private readonly rollouts: FollowedRollouts;
  private snapshot: Snapshot;
  private next: Prepared | null = null;

  private constructor(builder: SnapshotBuilder, rollouts: FollowedRollouts, first: Snapshot) {
    this.builder = builder;
    this.rollouts = rollouts;
    this.snapshot = first;
  }

  /** @throws what a part of the configuration refuses */
  static async open(builder: SnapshotBuilder, rollouts: FollowedRollouts, config: Config): Promise<WorkerSnapshot> {
    const prepared = await builder.prepare(config);
    prepared.commit();
    return new WorkerSnapshot(builder, rollouts, prepared.snapshot);
  }

  get current(): Snapshot {
    return this.snapshot;
  }

  /** @throws what a part of it refuses: nothing has changed then */
  async prepare(config: Config): Promise<void> {
    await this.discard();
    this.next = await this.builder.prepare(config);
  }

  /** Both in one step: a rollout may name what only its own configuration has. */
  commit(rollouts: readonly Rollout[]): void {
    const { next } = this;
    this.next = null;
    this.rollouts.take(rollouts);
    if (next === null) return;
    this.snapshot = next.snapshot;
    next.commit();
  }

  async discard(): Promise<void> {
    const { next } = this;
    this.next = null;
    await next?.discard();
  }
}
