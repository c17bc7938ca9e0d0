import type { Logger } from 'pino';
import type { AdminDeps } from './admin/deps.ts';
import { checkRedactionChange } from './check-parts.ts';
import { parseStoredKey, readStoredKey } from './config/keys.ts';
import type { Clock } from './core/clock.ts';
import type { Config } from './core/config.ts';
import { KeyDigest } from './core/key-secret.ts';
import type { KeyEvent } from './core/keys.ts';
import type { Stores } from './core/stores.ts';
import type { Milliseconds } from './core/units.ts';
import { StoredKeys } from './identify/stored-keys.ts';
import { KeyAdmin } from './keys/key-admin.ts';

/** A key that is revoked on another gateway of the same store ends here within a second. */
const REFRESH: Milliseconds = 500;

interface KeyDeps {
  readonly stores: { readonly keys: Pick<Stores['keys'], 'withDigests' | 'changedAfter' | 'newestChange'> };
  readonly clock: Clock;
  readonly log: Logger;
}

/** The keys of the store, followed from now on. */
export async function openStoredKeys(
  { stores, clock, log }: KeyDeps,
  opened: AsyncDisposableStack,
): Promise<StoredKeys> {
  const stored = await StoredKeys.open({
    store: stores.keys,
    clock,
    parse: readStoredKey,
    failed: (error) =>
      log.error({ err: error }, 'the keys of the store cannot be read; known ones stay good for auth.staleKeys'),
    recovered: () => log.info('the keys of the store can be read again'),
    unreadable: (id, error) => log.error({ key: id, err: error }, 'a key cannot be read and is refused'),
  });
  const follow = setInterval(() => void stored.poll(), REFRESH).unref();
  opened.defer(() => clearInterval(follow));
  return stored;
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
