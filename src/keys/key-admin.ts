import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import { createSecret, secretPrefix, type KeyDigest } from '../core/key-secret.ts';
import { configKeyId, type KeyEvent, type KeySettings, type StoredKey, type StoredSecret } from '../core/keys.ts';
import type { JsonValue } from '../core/rollout.ts';
import { KeyNameTakenError, VersionConflictError, type KeyStore } from '../core/stores.ts';
import type { Milliseconds } from '../core/units.ts';
import { KeyError } from './errors.ts';

/** Somebody else changes the key meanwhile: it is read again, so often. */
const TRIES = 5;

interface KeyAdminDeps {
  readonly store: KeyStore;
  readonly digest: KeyDigest;
  readonly clock: Clock;
  /** Against the configuration in force. @throws Error for the caller of the API, where it does not hold */
  parse(declared: JsonValue): KeySettings;
  /** Names of the configuration's keys. */
  configNames(): readonly string[];
  /** After the change is written, before anybody is told that it is. */
  changed(event: KeyEvent): Promise<void>;
}

export interface KeyChangeOptions {
  readonly actor: string;
  /** The change is refused where the key has another version by now. */
  readonly expectedVersion?: number;
}

/** The one time that a secret is told. */
export interface NewSecret {
  readonly key: StoredKey;
  readonly secret: string;
}

type Declared = Readonly<Record<string, JsonValue>>;
type Draft = Omit<StoredKey, 'change'>;

/** Makes and changes the keys of the store. */
export class KeyAdmin {
  private readonly deps: KeyAdminDeps;

  constructor(deps: KeyAdminDeps) {
    this.deps = deps;
  }

  list(): Promise<readonly StoredKey[]> {
    return asked(() => this.deps.store.list());
  }

  /** @throws KeyError `key_not_found` */
  async get(id: string): Promise<StoredKey> {
    const key = await asked(() => this.deps.store.get(id));
    if (key === null) throw new KeyError('key_not_found', `There is no key "${id}"; \`sluice key list\` shows all.`);
    return key;
  }

  /** @throws KeyError; KeyNameTakenError; what `parse` throws */
  async create(declared: Declared, actor: string): Promise<NewSecret> {
    const { name } = this.deps.parse(declared);
    if (this.deps.configNames().includes(name))
      throw new KeyError('key_name_taken', `The configuration has a key "${name}"; choose another name.`);
    const { secret, stored } = this.newSecret();
    const now = stored.createdAt;
    const draft: Draft = {
      id: `key_${randomBytes(12).toString('hex')}`,
      name,
      declared,
      secrets: [stored],
      createdAt: now,
      updatedAt: now,
      revokedAt: null,
      version: 1,
    };
    await this.carryOut('create', draft, 0, actor);
    return { key: await this.get(draft.id), secret };
  }

  /** @param patch fields to set; null: back to the default. @throws as `create`, and as `get` */
  change(id: string, patch: Declared, options: KeyChangeOptions): Promise<StoredKey> {
    return this.write('change', id, options, (key) => {
      const declared = { ...(key.declared as Declared), ...patch };
      const given = Object.fromEntries(Object.entries(declared).filter(([, value]) => value !== null));
      const { name } = this.deps.parse(given);
      if (name !== key.name)
        throw new KeyError('invalid_key', `The key keeps its name "${key.name}"; make a new key for another one.`);
      return { ...key, declared: given };
    });
  }

  /** Once revoked, it stays so; the record is kept. */
  async revoke(id: string, options: KeyChangeOptions): Promise<StoredKey> {
    this.refuseConfigured(id);
    const key = await this.get(id);
    if (key.revokedAt !== null) return key;
    return this.write('revoke', id, options, (current) => ({ ...current, revokedAt: this.deps.clock.wall() }));
  }

  /** @param overlap how long the secrets before stay valid; 0: not at all */
  async rotate(id: string, overlap: Milliseconds, options: KeyChangeOptions): Promise<NewSecret> {
    const { secret, stored } = this.newSecret();
    const now = stored.createdAt;
    const key = await this.write('rotate', id, options, (current) => {
      const { expiresAt } = this.deps.parse(current.declared);
      if (expiresAt !== null && expiresAt <= now)
        throw new KeyError('key_expired', `The key "${current.name}" has expired; set expiresAt first.`);
      return { ...current, secrets: [stored, ...ending(current.secrets, now + overlap, now)] };
    });
    return { key, secret };
  }

  /** @throws KeyError `key_revoked`, `version_mismatch`; VersionConflictError */
  private async write(
    action: KeyEvent['action'],
    id: string,
    options: KeyChangeOptions,
    edit: (key: StoredKey) => StoredKey,
  ): Promise<StoredKey> {
    for (let attempt = 1; ; attempt++) {
      const key = await this.changeable(id, options);
      const next = { ...edit(key), version: key.version + 1, updatedAt: this.deps.clock.wall() };
      try {
        await this.carryOut(action, next, key.version, options.actor);
      } catch (error) {
        if (error instanceof VersionConflictError && attempt < TRIES) continue;
        throw error;
      }
      return this.get(id);
    }
  }

  private async changeable(id: string, { expectedVersion }: KeyChangeOptions): Promise<StoredKey> {
    this.refuseConfigured(id);
    const key = await this.get(id);
    if (expectedVersion !== undefined && expectedVersion !== key.version)
      throw new KeyError(
        'version_mismatch',
        `The key "${key.name}" has version ${key.version}, not ${expectedVersion}; read it again and repeat the change.`,
      );
    if (key.revokedAt !== null) throw new KeyError('key_revoked', `The key "${key.name}" is revoked; make a new one.`);
    return key;
  }

  private refuseConfigured(id: string): void {
    const name = this.deps.configNames().find((each) => configKeyId(each) === id);
    if (name !== undefined)
      throw new KeyError('key_in_config', `The key "${name}" stands in the configuration file; change it there.`);
  }

  private newSecret(): { readonly secret: string; readonly stored: StoredSecret } {
    const secret = createSecret();
    const { digest, clock } = this.deps;
    const stored = {
      digest: digest.of(secret),
      prefix: secretPrefix(secret),
      createdAt: clock.wall(),
      validUntil: null,
    };
    return { secret, stored };
  }

  /** Every write of a key goes through here. */
  private async carryOut(action: KeyEvent['action'], next: Draft, expectedVersion: number, actor: string) {
    const { id, name, version, secrets } = next;
    await asked(() => this.deps.store.put(next, expectedVersion));
    const detail = { name, version, prefix: secrets[0]!.prefix };
    await this.deps.changed({ kind: 'key', action, actor, subject: id, detail });
  }
}

/** Those that have ended are forgotten. */
function ending(secrets: readonly StoredSecret[], end: Milliseconds, now: Milliseconds): readonly StoredSecret[] {
  return secrets
    .map((secret) => ({ ...secret, validUntil: Math.min(secret.validUntil ?? end, end) }))
    .filter(({ validUntil }) => validUntil > now);
}

/** @throws KeyError `store_unavailable` */
async function asked<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof VersionConflictError || error instanceof KeyNameTakenError) throw error;
    throw new KeyError('store_unavailable', `The store failed: ${(error as Error).message}; try again.`, {
      cause: error,
    });
  }
}
