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

/** One transition, appended with the write that made it. */
export interface RolloutEvent {
  readonly id: number;
  readonly rollout: string;
  readonly revision: number;
  /** The verb, e.g. `apply`, `set-weight`, `abort`. */
  readonly action: string;
  /** Who: `config`, `api`. */
  readonly actor: string;
  readonly at: Milliseconds;
  readonly phase: RolloutPhase;
  readonly weight: number;
  readonly reason: string;
}

/** Somebody else wrote since the version that the writer read. */
export class VersionConflictError extends Error {
  constructor(name: string) {
    super(`The rollout "${name}" was changed by somebody else; read it again and repeat the change.`);
    this.name = 'VersionConflictError';
  }
}

export interface RolloutStore {
  list(): Promise<readonly StoredRollout[]>;
  get(name: string): Promise<StoredRollout | null>;
  /** Writes the rollout and its event in one transaction. `expectedVersion` 0: must not exist. @throws VersionConflictError */
  put(next: StoredRollout, expectedVersion: number, event: Omit<RolloutEvent, 'id'>): Promise<void>;
  delete(name: string, expectedVersion: number, event: Omit<RolloutEvent, 'id'>): Promise<void>;
  history(name: string, limit: number): Promise<readonly RolloutEvent[]>;
}

/** Random values that must outlive a restart, made at first use: the key of key hashes and placeholders. */
export interface SecretStore {
  /** 32 bytes, the same for the same name for ever. */
  secret(name: string): Promise<Buffer>;
}

export interface Stores {
  readonly rollouts: RolloutStore;
  readonly secrets: SecretStore;
  /** Readiness: throws where the store cannot be read. */
  check(): Promise<void>;
  close(): Promise<void>;
}
