import type { StoredKey } from './keys.ts';
import type { OwnedObject } from './object-ids.ts';
import type { JsonValue, RolloutPhase, RolloutState } from './rollout.ts';
import type { Milliseconds } from './units.ts';

/** A rollout as stored: the spec as declared, so that a newer version of the software reads it with its own schema. */
export interface StoredRollout {
  readonly name: string;
  readonly declared: JsonValue;
  /** SHA-256 of the configuration file's declaration that this was last applied from; null where the API applied it. */
  readonly configHash: string | null;
  readonly state: RolloutState;
  readonly revision: number;
  readonly version: number;
  readonly updatedAt: Milliseconds;
}

/**
 * What happened, in one sequence for all gateways of a store: transitions of rollouts, appended with the write that made
 * them; what the controller found (`hold`, `decided`); regressions of routes.
 */
export interface RolloutEvent {
  readonly id: number;
  readonly kind: 'rollout' | 'regression';
  /** The rollout; of a regression: the route. */
  readonly rollout: string;
  readonly revision: number;
  /** The verb, e.g. `apply`, `set-weight`, `abort`; of a regression `opened` or `closed`. */
  readonly action: string;
  /** Who: `config`, `api`, `controller`. */
  readonly actor: string;
  readonly at: Milliseconds;
  readonly phase: RolloutPhase;
  readonly weight: number;
  readonly reason: string;
  /** The evidence for it, as JSON; null where there is none. */
  readonly detail: JsonValue;
}

/** A declaration that was in force. */
export interface RolloutRevision {
  readonly rollout: string;
  readonly revision: number;
  readonly declared: JsonValue;
  readonly at: Milliseconds;
  readonly actor: string;
}

/** Somebody else wrote since the version that the writer read. */
export class VersionConflictError extends Error {
  constructor(name: string, kind: 'rollout' | 'key' = 'rollout') {
    super(`The ${kind} "${name}" was changed by somebody else; read it again and repeat the change.`);
    this.name = 'VersionConflictError';
  }
}

/** It cannot be reached, or cannot do anything at the moment: the same may be tried again. */
export class StoreAwayError extends Error {
  /** It was lost while it committed: what was being written may be there. */
  readonly isUncertain: boolean;

  constructor(reason: string, options: ErrorOptions & { readonly isUncertain?: boolean } = {}) {
    const { isUncertain = false } = options;
    super(`the store is away: ${reason}${isUncertain ? '; what was being written may be there' : ''}`, options);
    this.name = 'StoreAwayError';
    this.isUncertain = isUncertain;
  }
}

/** What may have changed. */
export type StoreTopic = 'rollouts' | 'keys';
export const STORE_TOPICS: readonly StoreTopic[] = ['rollouts', 'keys'];

export interface RolloutStore {
  list(): Promise<readonly StoredRollout[]>;
  get(name: string): Promise<StoredRollout | null>;
  /**
   * Writes the rollout and its event in one transaction. `expectedVersion` 0: must not exist.
   * @param fence a lease that the writer must still hold when it is written
   * @throws VersionConflictError, LeaseLostError
   */
  put(next: StoredRollout, expectedVersion: number, event: Omit<RolloutEvent, 'id'>, fence?: Lease): Promise<void>;
  delete(name: string, expectedVersion: number, event: Omit<RolloutEvent, 'id'>): Promise<void>;
  /** Newest first. */
  history(name: string, limit: number): Promise<readonly RolloutEvent[]>;
  /** Newest first; `put` appends one where the stored declaration or revision is new. */
  revisions(name: string, limit: number): Promise<readonly RolloutRevision[]>;
  /** An event that changes no rollout. @returns its id @throws LeaseLostError */
  note(event: Omit<RolloutEvent, 'id'>, fence?: Lease): Promise<number>;
  /** Of all kinds and rollouts, oldest first. */
  eventsAfter(id: number, limit: number): Promise<readonly RolloutEvent[]>;
  /** The id of the newest event; 0 where there is none. */
  newestEvent(): Promise<number>;
}

/** The one controller among the gateways of a store. */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Grows with each change of the holder. */
  readonly token: number;
}

/** The lease has another holder by now: nothing was written. */
export class LeaseLostError extends Error {
  readonly code = 'lease_lost';

  constructor(name: string) {
    super(`The lease "${name}" has another holder.`);
    this.name = 'LeaseLostError';
  }
}

export interface LeaseStore {
  /** Takes a lease that is free or has run out, or renews one's own. Null: somebody else holds it. */
  acquire(name: string, holder: string, ttl: Milliseconds): Promise<Lease | null>;
  release(lease: Lease): Promise<void>;
}

/** What is known of one subject: `rollout:NAME`, `regression`. */
export interface StoredEvidence {
  readonly subject: string;
  /** JSON text; only the controller reads it. */
  readonly snapshot: string;
}

/** What is told of one subject; every gateway reads it. */
export interface StoredAnalysis {
  readonly subject: string;
  /** JSON text. */
  readonly analysis: string;
  readonly updatedAt: Milliseconds;
}

/** A batch that is taken once, however often it is sent. */
export interface BatchId {
  /** A process, of one start. */
  readonly sender: string;
  /** Counts up; a sender sends in this order. */
  readonly number: number;
}

export interface SentBatch {
  readonly id: BatchId;
  readonly batch: string;
}

/** What requests came to, until the controller has judged it, and what it makes of that. */
export interface EvidenceStore {
  /** Appends a batch of log entries as JSON text, which nobody sends again. Numbers come into sight in their order. */
  append(batch: string): Promise<void>;
  /** Of these batches, which are of one sender and in the order of their numbers, those that were not sent before. */
  appendOnce(batches: readonly SentBatch[]): Promise<void>;
  /** Oldest first. */
  batchesAfter(id: number, limit: number): Promise<readonly { readonly id: number; readonly batch: string }[]>;
  /** The evidence saved last, and the id of the last batch in it. */
  load(): Promise<{ readonly upTo: number; readonly evidence: readonly StoredEvidence[] }>;
  /**
   * Replaces the evidence of the subjects given and removes `gone`, and deletes the batches up to the id, in one transaction.
   * @throws LeaseLostError
   */
  save(evidence: readonly StoredEvidence[], gone: readonly string[], upTo: number, lease: Lease): Promise<void>;
  /** @throws LeaseLostError */
  publish(analyses: readonly Omit<StoredAnalysis, 'updatedAt'>[], gone: readonly string[], lease: Lease): Promise<void>;
  analyses(): Promise<readonly StoredAnalysis[]>;
}

/** Small numbers and texts by name: how far a webhook's deliveries came, what a shadow has cost. */
export interface CounterStore {
  /** Adds, atomically among all gateways. @returns the new value */
  add(name: string, amount: number): Promise<number>;
  /** 0 where nothing was added. */
  value(name: string): Promise<number>;
  /** Sets it where it is lower: of two writers the one that is further on stands. */
  raise(name: string, value: number): Promise<void>;
}

/** Another key that is not revoked has the name. */
export class KeyNameTakenError extends Error {
  constructor(name: string) {
    super(`Another key has the name "${name}"; choose another name, or revoke that key.`);
    this.name = 'KeyNameTakenError';
  }
}

export interface KeyStore {
  /** Newest first, revoked ones too. */
  list(): Promise<readonly StoredKey[]>;
  get(id: string): Promise<StoredKey | null>;
  /** The keys that have one of the digests among their secrets, in whatever state they are. */
  withDigests(digests: readonly string[]): Promise<readonly StoredKey[]>;
  /**
   * Writes the key with all its secrets as the next change of the sequence, in one transaction. `expectedVersion` 0: must
   * not exist. @throws VersionConflictError, KeyNameTakenError
   */
  put(next: Omit<StoredKey, 'change'>, expectedVersion: number): Promise<void>;
  /** Keys that changed since, as they are now, in the order of their latest changes. */
  changedAfter(change: number, limit: number): Promise<readonly StoredKey[]>;
  /** 0 where there is none. */
  newestChange(): Promise<number>;
}

/** The same for many at once, and by how their names begin. */
export interface CounterBatchStore {
  /** Adds to all of them or none, unless it was sent before; where this rejects nobody knows whether it has. */
  addAll(amounts: ReadonlyMap<string, number>, id: BatchId): Promise<void>;
  /** Those whose names begin so. */
  list(prefix: string): Promise<readonly { readonly name: string; readonly value: number }[]>;
  remove(names: readonly string[]): Promise<void>;
}

/** Which provider made an object, and for whom. */
export interface ObjectStore {
  /** Those that are known and have not expired. */
  find(ids: readonly string[], now: Milliseconds): Promise<readonly OwnedObject[]>;
  /** An id that is known stays whose it is. */
  add(objects: readonly OwnedObject[]): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
  removeExpired(now: Milliseconds): Promise<void>;
}

/** Random values that must outlive a restart, made at first use: the key of key hashes and placeholders. */
export interface SecretStore {
  /** 32 bytes, the same for the same name for ever. */
  secret(name: string): Promise<Buffer>;
}

export interface Stores {
  readonly rollouts: RolloutStore;
  readonly keys: KeyStore;
  readonly secrets: SecretStore;
  readonly leases: LeaseStore;
  readonly evidence: EvidenceStore;
  readonly counters: CounterStore & CounterBatchStore;
  readonly objects: ObjectStore;
  /** Other machines use the same one: where it is away it is so for all gateways. */
  readonly isShared: boolean;
  /**
   * Calls back when somebody has changed something, and when that may have been missed. It makes news come early; whoever
   * must not miss any still looks by himself from time to time. Returns the way to stop.
   */
  watch(listener: (topic: StoreTopic) => void): () => void;
  /** Until then nobody waits for this thread, and whoever holds a lock is waited for; from then on that is an error soon. */
  beginServing(): void;
  /** Readiness: throws where the store cannot be read. */
  check(): Promise<void>;
  close(): Promise<void>;
}
