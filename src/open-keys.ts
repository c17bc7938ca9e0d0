import type { Logger } from 'pino';
import type { AdminDeps } from './admin/deps.ts';
import { checkRedactionChange } from './check-parts.ts';
import { parseStoredKey, readStoredKey } from './config/keys.ts';
import type { Clock } from './core/clock.ts';
import type { Config } from './core/config.ts';
import { KeyDigest } from './core/key-secret.ts';
import type { KeyEvent } from './core/keys.ts';
import type { Stores } from './core/stores.ts';
import { StoredKeys } from './identify/stored-keys.ts';
import { KeyAdmin } from './keys/key-admin.ts';

interface KeyDeps {
  readonly stores: { readonly keys: Pick<Stores['keys'], 'withDigests' | 'changedAfter' | 'newestChange'> };
  readonly clock: Clock;
  readonly log: Logger;
}

/** The keys of the store; `followOthers` follows them. */
export function openStoredKeys({ stores, clock, log }: KeyDeps): Promise<StoredKeys> {
  return StoredKeys.open({
    store: stores.keys,
    clock,
    parse: readStoredKey,
    failed: (error) =>
      log.error({ err: error }, 'the keys of the store cannot be read; known ones stay good for auth.staleKeys'),
    recovered: () => log.info('the keys of the store can be read again'),
    unreadable: (id, error) => log.error({ key: id, err: error }, 'a key cannot be read and is refused'),
  });
}

/** How the control plane sees and changes keys. */
export function openKeyAdmin(
  { stores, clock, log }: Omit<KeyDeps, 'stores'> & { readonly stores: Pick<Stores, 'keys'> },
  keyHash: Buffer,
  stored: Pick<StoredKeys, 'poll'>,
  config: () => Config,
): AdminDeps['keys'] {
  const changed = async ({ action, actor, subject, detail }: KeyEvent): Promise<void> => {
    log.info({ key: subject, action, actor, detail }, 'a key was changed');
    await stored.poll();
  };
  const admin = new KeyAdmin({
    store: stores.keys,
    digest: new KeyDigest(keyHash),
    clock,
    parse: (declared) => parseStoredKey(declared, config(), checkRedactionChange),
    configNames: () => config().keys.map(({ name }) => name),
    changed,
  });
  return { admin, surroundings: config, now: () => clock.wall() };
}
