import type { Config } from './core/config.ts';
import { parseCheckedRollout } from './parse-rollout.ts';
import type { RolloutRegistry } from './rollout/registry.ts';
import type { Snapshot, SnapshotBuilder } from './snapshot.ts';

/** The snapshot in force. The next one and its rollouts come into force together, or the ones before stay. */
export class LiveSnapshot {
  private readonly builder: SnapshotBuilder;
  private readonly rollouts: RolloutRegistry;
  private readonly warn: (warning: string) => void;
  private snapshot: Snapshot;

  private constructor(
    builder: SnapshotBuilder,
    rollouts: RolloutRegistry,
    warn: (warning: string) => void,
    first: Snapshot,
  ) {
    this.builder = builder;
    this.rollouts = rollouts;
    this.warn = warn;
    this.snapshot = first;
  }

  /** @throws what a part of the configuration refuses, e.g. a redaction pattern; RolloutError `store_unavailable` */
  static async open(
    builder: SnapshotBuilder,
    rollouts: RolloutRegistry,
    warn: (warning: string) => void,
    config: Config,
  ): Promise<LiveSnapshot> {
    return new LiveSnapshot(builder, rollouts, warn, await bringIntoForce(builder, rollouts, warn, config));
  }

  get current(): Snapshot {
    return this.snapshot;
  }

  /** @throws as `open`; nothing has changed then */
  async apply(config: Config): Promise<void> {
    this.snapshot = await bringIntoForce(this.builder, this.rollouts, this.warn, config);
  }
}

async function bringIntoForce(
  builder: SnapshotBuilder,
  rollouts: RolloutRegistry,
  warn: (warning: string) => void,
  config: Config,
): Promise<Snapshot> {
  const prepared = await builder.prepare(config);
  try {
    const parse = (declared: unknown) => parseCheckedRollout(declared, config);
    for (const warning of await rollouts.declare({ specs: config.rollouts, parse })) warn(warning);
  } catch (error) {
    await prepared.discard();
    throw error;
  }
  prepared.commit();
  return prepared.snapshot;
}
