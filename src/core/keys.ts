import type { Allowance } from './limits.ts';
import type { RedactionChange } from './redaction.ts';
import type { JsonValue } from './rollout.ts';
import type { Milliseconds } from './units.ts';

/** What a key may do and is counted for, wherever it is declared. */
export interface KeySettings extends Allowance {
  /** Stands in metrics, logs and rollout matches. */
  readonly name: string;
  /** Who answers for it. */
  readonly owner: string | null;
  /** Name of a team of the configuration. */
  readonly team: string | null;
  /** Model names or globs. */
  readonly models: readonly string[];
  readonly allowArmOverride: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  /** Over that of the route. */
  readonly redaction: RedactionChange | null;
  /** From this wall-clock instant on it is no key any more. */
  readonly expiresAt: Milliseconds | null;
}

/** One of the secrets that open a key: the newest, and those that a rotation left valid for a while. */
export interface StoredSecret {
  /** Keyed, see `KeyDigest`. The secret itself is nowhere. */
  readonly digest: string;
  /** Its beginning, for people to tell secrets apart. */
  readonly prefix: string;
  readonly createdAt: Milliseconds;
  /** Null: until it is rotated. */
  readonly validUntil: Milliseconds | null;
}

/** A key made by the API: the settings as declared, so that a newer version of the software reads them with its own schema. */
export interface StoredKey {
  /** `key_…`. */
  readonly id: string;
  readonly name: string;
  readonly declared: JsonValue;
  /** Newest first. */
  readonly secrets: readonly StoredSecret[];
  readonly createdAt: Milliseconds;
  readonly updatedAt: Milliseconds;
  readonly revokedAt: Milliseconds | null;
  readonly version: number;
  /** Its place in the one sequence of changes of all keys of the store. */
  readonly change: number;
}

/** What somebody did to a stored key; never holds a secret or a digest. */
export interface KeyEvent {
  readonly kind: 'key';
  readonly action: 'create' | 'change' | 'rotate' | 'revoke';
  readonly actor: string;
  /** The id of the key. */
  readonly subject: string;
  readonly detail: JsonValue;
}

/** The id of a key of the configuration; those of the store begin with `key_`. */
export function configKeyId(name: string): string {
  return `config:${name}`;
}
