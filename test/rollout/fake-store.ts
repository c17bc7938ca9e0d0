import {
  VersionConflictError,
  type RolloutEvent,
  type RolloutRevision,
  type RolloutStore,
  type StoredRollout,
} from '../../src/core/stores.ts';

/** Rollouts in memory, with the rules of a real store; survives the registries that use it, as a disk does. */
export class FakeStore implements RolloutStore {
  readonly rollouts = new Map<string, StoredRollout>();
  readonly events: RolloutEvent[] = [];
  private kept: RolloutRevision[] = [];
  /** Thrown by the next writes while set. */
  failure: Error | null = null;

  async list(): Promise<readonly StoredRollout[]> {
    return [...this.rollouts.values()];
  }

  async get(name: string): Promise<StoredRollout | null> {
    return this.rollouts.get(name) ?? null;
  }

  async put(next: StoredRollout, expectedVersion: number, event: Omit<RolloutEvent, 'id'>): Promise<void> {
    this.check(next.name, expectedVersion);
    this.rollouts.set(next.name, next);
    this.keepRevision(next, event.actor);
    this.events.unshift({ id: this.events.length + 1, ...event });
  }

  async delete(name: string, expectedVersion: number, event: Omit<RolloutEvent, 'id'>): Promise<void> {
    this.check(name, expectedVersion);
    this.rollouts.delete(name);
    this.kept = this.kept.filter(({ rollout }) => rollout !== name);
    this.events.unshift({ id: this.events.length + 1, ...event });
  }

  async history(name: string, limit: number): Promise<readonly RolloutEvent[]> {
    return this.events.filter(({ rollout }) => rollout === name).slice(0, limit);
  }

  async revisions(name: string, limit: number): Promise<readonly RolloutRevision[]> {
    return this.kept.filter(({ rollout }) => rollout === name).slice(0, limit);
  }

  async note(event: Omit<RolloutEvent, 'id'>): Promise<number> {
    if (this.failure !== null) throw this.failure;
    return this.events.unshift({ id: this.events.length + 1, ...event });
  }

  async eventsAfter(id: number, limit: number): Promise<readonly RolloutEvent[]> {
    return this.events
      .filter((event) => event.id > id)
      .toReversed()
      .slice(0, limit);
  }

  async newestEvent(): Promise<number> {
    return this.events.length;
  }

  private keepRevision({ name, revision, declared, updatedAt }: StoredRollout, actor: string): void {
    const isKnown = this.kept.some((each) => each.rollout === name && each.revision === revision);
    if (!isKnown) this.kept.unshift({ rollout: name, revision, declared, at: updatedAt, actor });
  }

  private check(name: string, expectedVersion: number): void {
    if (this.failure !== null) throw this.failure;
    if ((this.rollouts.get(name)?.version ?? 0) !== expectedVersion) throw new VersionConflictError(name);
  }
}
