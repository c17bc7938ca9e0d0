import type { JsonValue } from './rollout.ts';
import type { Milliseconds } from './units.ts';

/** Where the store keeps the seed of the key that signs checkpoints: all gateways of a store sign with the same. */
export const AUDIT_KEY_SECRET = 'audit-signing-key';

/** `intent`: about to be done. `outcome`: what came of it, under the same id. `fact`: it has happened, one entry says all. */
export type AuditPhase = 'intent' | 'outcome' | 'fact';

/** What there is to say. Never content, a key or another secret: values by a keyed hash only. */
export interface AuditDraft {
  /** Dotted and stable, e.g. `rollout.set-weight`, `policy.denied`. */
  readonly kind: string;
  /** Who: `api`, `config`, `controller`, or `key:NAME` of a caller. */
  readonly actor: string;
  /** What it was done to, e.g. `rollout:fast-v2`. */
  readonly subject: string;
  readonly detail: JsonValue;
}

/** A draft with its time, on its way into the chain. */
export interface AuditRecord extends AuditDraft {
  /** A UUID; intent and outcome have the same. With the phase it is unique. */
  readonly id: string;
  readonly phase: AuditPhase;
  /** Wall clock. */
  readonly at: Milliseconds;
}

/** An entry as the store has it. `kind`, `id` and `phase` only help to find it: what is proved is `entry`. */
export interface StoredAuditEntry {
  /** Counts from 1 without gaps. */
  readonly seq: number;
  readonly kind: string;
  readonly id: string;
  readonly phase: string;
  /** Canonical JSON. */
  readonly entry: string;
  /** SHA-256 of the hash before and the entry, in hex. */
  readonly hash: string;
}

/** How far the chain has come; kept apart from the entries, so that a tail that is cut off is noticed. */
export interface AuditHead {
  readonly size: number;
  /** Of the newest entry, in hex; of an empty chain 64 zeros. */
  readonly hash: string;
  /** Hashes of the complete subtrees of the Merkle tree, largest first, in hex. */
  readonly frontier: readonly string[];
  /** How many there are. */
  readonly checkpoints: number;
  /** SHA-256 of this hash as it was before and the newest checkpoint, in hex. */
  readonly checkpointsHash: string;
  readonly checkpointSize: number;
  readonly checkpointAt: Milliseconds;
}

/** What stands before the first entry, and before the first checkpoint. */
const NOTHING = '0'.repeat(64);

export const EMPTY_AUDIT_HEAD: AuditHead = {
  size: 0,
  hash: NOTHING,
  frontier: [],
  checkpoints: 0,
  checkpointsHash: NOTHING,
  checkpointSize: 0,
  checkpointAt: 0,
};

export interface StoredCheckpoint {
  readonly size: number;
  /** A signed note. @source https://c2sp.org/tlog-checkpoint */
  readonly note: string;
}

/** Nobody else writes to the chain until it ends. */
export interface AuditTransaction {
  /** @throws Error where there is none */
  head(): Promise<AuditHead>;
  /** Those of the ids that the chain has, each as `id/phase`. */
  known(ids: readonly string[]): Promise<ReadonlySet<string>>;
  addEntries(entries: readonly StoredAuditEntry[]): Promise<void>;
  addCheckpoint(checkpoint: StoredCheckpoint): Promise<void>;
  setHead(head: AuditHead): Promise<void>;
}

export interface AuditQuery {
  readonly limit: number;
  /** Those with a greater number, oldest first. */
  readonly after?: number | undefined;
  /** Those with a smaller number, newest first; without either: the newest. */
  readonly before?: number | undefined;
  readonly kind?: string | undefined;
}

/** The chain in the durable store. */
export interface AuditStore {
  exclusively<T>(work: (transaction: AuditTransaction) => Promise<T>): Promise<T>;
  /** Null: somebody has removed it. */
  head(): Promise<AuditHead | null>;
  entries(query: AuditQuery): Promise<readonly StoredAuditEntry[]>;
  /** The outcomes of intents, by id. */
  outcomes(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Oldest first. */
  checkpoints(afterSize: number, limit: number): Promise<readonly StoredCheckpoint[]>;
  close(): Promise<void>;
}

/** How an intent ended; `unknown`: its outcome was never written. */
export type AuditResult = 'done' | 'failed' | 'refused' | 'unknown';

/** One entry as people and programs read it. */
export interface AuditEntryView {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly phase: AuditPhase;
  readonly actor: string;
  readonly subject: string;
  readonly id: string;
  readonly detail: JsonValue;
  /** Of an intent: how it ended. Null: it is none. */
  readonly result: AuditResult | null;
  /** As it is hashed: canonical JSON. */
  readonly entry: string;
  readonly hash: string;
}

/** The first thing that is wrong. */
export interface AuditProblem {
  /** The first entry that is not as it was written; null: it is not about one entry. */
  readonly seq: number | null;
  readonly what: string;
}

export interface AuditVerdict {
  readonly ok: boolean;
  /** Entries that were looked at. */
  readonly entries: number;
  readonly checkpoints: number;
  /** Those given that were kept elsewhere and hold. */
  readonly keptCheckpoints: number;
  /** Root of the Merkle tree over all of them, in base64. */
  readonly root: string;
  readonly problem: AuditProblem | null;
}

/** What the control plane shows of the trail. */
export interface AuditView {
  entries(query: AuditQuery): Promise<readonly AuditEntryView[]>;
  checkpoints(afterSize: number, limit: number): Promise<readonly StoredCheckpoint[]>;
  /** @param kept checkpoints that were kept elsewhere: signed notes, one after the other */
  verify(kept: string): Promise<AuditVerdict>;
  /** The public key of checkpoints. @source https://c2sp.org/signed-note */
  readonly verifierKey: string;
}

/** An action that is told of before and after. */
export interface AuditAction<T> extends AuditDraft {
  /** What the outcome says; never a secret. */
  told?(value: T): JsonValue;
}

/** Whoever does or sees something tells it here. */
export interface AuditTrail {
  /** Only queues: cheap enough for every request. */
  append(draft: AuditDraft): void;
  /**
   * Writes what is going to be done, does it, and writes what came of it. The work begins only when the first is durable.
   * @throws AuditUnavailableError where it cannot be written and its kind is among those that have to be; whatever the work throws
   */
  action<T>(action: AuditAction<T>, work: () => Promise<T>): Promise<T>;
  /** False: what is told now may never be written. */
  readonly isWritable: boolean;
}

export interface AuditTotals {
  /** Entries by where they went first. */
  readonly chain: number;
  readonly spool: number;
  /** The queue was full. */
  readonly lost: number;
  /** Attempts that neither chain nor spool took. */
  readonly failures: number;
  /** Entries that wait in memory. */
  readonly queue: number;
}

/** What the store holds cannot be read, and never will be. */
export class DamagedStoreError extends Error {
  override readonly name = 'DamagedStoreError';
}

/** It cannot be recorded, so it is not done. */
export class AuditUnavailableError extends Error {
  constructor(kind: string) {
    super(
      `"${kind}" cannot be recorded now, so it was not done: see /readyz for the cause; audit.required names what has to be recorded.`,
    );
    this.name = 'AuditUnavailableError';
  }
}
