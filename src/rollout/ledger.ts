import type { Clock } from '../core/clock.ts';
import type { JsonValue } from '../core/rollout.ts';
import {
  LeaseLostError,
  StoreAwayError,
  VersionConflictError,
  type Lease,
  type RolloutEvent,
  type RolloutRevision,
  type RolloutStore,
  type StoredRollout,
} from '../core/stores.ts';
import { RolloutError } from './errors.ts';
import type { StoredContent } from './redeclare.ts';

export type RolloutEventDraft = Omit<RolloutEvent, 'id'>;

/** What happened, by whom and why. */
export interface LedgerEntry {
  readonly action: string;
  readonly actor: string;
  readonly reason: string;
  /** The evidence for it. */
  readonly detail?: JsonValue | undefined;
  /** A lease without which it must not be written. */
  readonly fence?: Lease | undefined;
}

export interface EventsSince {
  readonly newest: number;
  readonly events: readonly RolloutEvent[];
}

/** This process's copy of the stored rollouts; nothing enters it that is not durable. */
export class RolloutLedger {
  private readonly store: RolloutStore;
  private readonly clock: Clock;
  private readonly rollouts = new Map<string, StoredRollout>();
  private written: RolloutEventDraft[] = [];

  constructor(store: RolloutStore, clock: Clock) {
    this.store = store;
    this.clock = clock;
  }

  get(name: string): StoredRollout | null {
    return this.rollouts.get(name) ?? null;
  }

  all(): readonly StoredRollout[] {
    return [...this.rollouts.values()];
  }

  /**
   * Replaces the copy by what the store holds, where others may have written too. What is unchanged stays the same
   * object, so that what is derived from it can be kept.
   * @returns whether anything is different now
   */
  async refresh(): Promise<boolean> {
    const all = await durably(() => this.store.list());
    const known = new Map(this.rollouts);
    this.rollouts.clear();
    for (const stored of all) {
      const same = known.get(stored.name);
      this.rollouts.set(stored.name, same?.version === stored.version ? same : stored);
    }
    return all.length !== known.size || all.some(({ name }) => known.get(name) !== this.rollouts.get(name));
  }

  /** @throws VersionConflictError, LeaseLostError, RolloutError `store_unavailable` */
  async write(next: StoredContent, entry: LedgerEntry): Promise<void> {
    const expectedVersion = this.rollouts.get(next.name)?.version ?? 0;
    // Like epochs, versions never come again: whoever has seen a rollout that was deleted is not heard on its successor.
    const version = expectedVersion === 0 ? next.state.epoch : expectedVersion + 1;
    const stored = { ...next, version, updatedAt: this.clock.wall() };
    const event = draft(stored, entry);
    await durably(() => this.store.put(stored, expectedVersion, event, entry.fence));
    this.rollouts.set(next.name, stored);
    this.written.push(event);
  }

  /** @throws VersionConflictError, RolloutError `store_unavailable` */
  async remove(stored: StoredRollout, entry: LedgerEntry): Promise<void> {
    const event = draft({ ...stored, updatedAt: this.clock.wall() }, entry);
    await durably(() => this.store.delete(stored.name, stored.version, event));
    this.rollouts.delete(stored.name);
    this.written.push(event);
  }

  /** An event that changes nothing. @throws RolloutError `store_unavailable` */
  async note(stored: StoredRollout, entry: LedgerEntry): Promise<void> {
    const event = draft({ ...stored, updatedAt: this.clock.wall() }, entry);
    await durably(() => this.store.note(event, entry.fence));
    this.written.push(event);
  }

  revisions(name: string, limit: number): Promise<readonly RolloutRevision[]> {
    return durably(() => this.store.revisions(name, limit));
  }

  /**
   * Beyond the epoch and the version of every rollout that ever was: neither grows without an event.
   * @throws RolloutError `store_unavailable`
   */
  async newEpoch(): Promise<number> {
    return (await durably(() => this.store.newestEvent())) + 1;
  }

  now(): number {
    return this.clock.wall();
  }

  history(name: string, limit: number): Promise<readonly RolloutEvent[]> {
    return durably(() => this.store.history(name, limit));
  }

  /** The latest events of all rollouts and routes after an id, oldest first, and the id of the newest there is. */
  eventsSince(id: number, limit: number): Promise<EventsSince> {
    return durably(async () => {
      const newest = await this.store.newestEvent();
      return { newest, events: await this.store.eventsAfter(Math.max(id, newest - limit), limit) };
    });
  }

  /** The events since the last call, oldest first. */
  takeWritten(): readonly RolloutEventDraft[] {
    const written = this.written;
    this.written = [];
    return written;
  }
}

function draft(stored: StoredRollout, entry: LedgerEntry): RolloutEventDraft {
  const { name, revision, updatedAt, state } = stored;
  const { action, actor, reason, detail = null } = entry;
  const what = { kind: 'rollout', rollout: name, revision, action, actor, reason, detail } as const;
  return { ...what, at: updatedAt, phase: state.phase, weight: state.weight };
}

async function durably<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof VersionConflictError || error instanceof LeaseLostError) throw error;
    const isUncertain = error instanceof StoreAwayError && error.isUncertain;
    const what = isUncertain ? 'The store failed; read it again' : 'The store failed, so nothing was changed';
    throw new RolloutError('store_unavailable', `${what}: ${(error as Error).message}`, { cause: error });
  }
}
