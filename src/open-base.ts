import type { Logger } from 'pino';
import { CachedCalls } from './cached-calls.ts';
import { declaredRollout, loadedConfig } from './audit-records.ts';
import { checkParts } from './check-parts.ts';
import { ConfigSource } from './config/watch.ts';
import { systemClock as clock } from './core/clock.ts';
import { AUDIT_KEY_SECRET } from './core/audit.ts';
import type { Stores } from './core/stores.ts';
import type { StoredKeys } from './identify/stored-keys.ts';
import { LiveSnapshot } from './live-snapshot.ts';
import { InflightLimit } from './policy/admit.ts';
import { createLogger } from './record/logger.ts';
import { RolloutRegistry } from './rollout/registry.ts';
import { SnapshotBuilder, type SnapshotSecrets } from './snapshot.ts';
import { openAudit, type Audit } from './open-audit.ts';
import { openStoredKeys } from './open-keys.ts';
import { openObjects } from './open-objects.ts';
import type { ObjectHomes } from './affinity/object-homes.ts';
import { withSpooledWrites } from './spooled-writes.ts';
import { openStores } from './store/open-stores.ts';
import { watchStoreFile } from './store/sqlite/store-file.ts';
import type { CredentialNotice } from './upstream/credentials.ts';
import { openOutbox } from './open-outbox.ts';
import type { Outbox, OutboxState } from './outbox/outbox.ts';
import { VERSION } from './version.ts';
import { followOthers } from './follow-store.ts';

const MEMORY_STORE = 'sqlite::memory:';

export interface ServeOptions {
  readonly configPath: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly log?: Logger;
}

/** What both planes stand on. */
export interface Base {
  readonly source: ConfigSource;
  readonly log: Logger;
  readonly stores: Stores;
  readonly storeTrouble: () => string | null;
  readonly secrets: SnapshotSecrets;
  readonly storedKeys: StoredKeys;
  readonly objects: ObjectHomes;
  readonly cache: CachedCalls;
  readonly audit: Audit;
  readonly outbox: Outbox;
  /** What else waits for the store. */
  readonly spooledWrites: () => OutboxState;
  readonly inflight: InflightLimit;
  readonly rollouts: RolloutRegistry;
  readonly live: LiveSnapshot;
}

export async function openBase(options: ServeOptions, opened: AsyncDisposableStack): Promise<Base> {
  const { configPath: path, environment = process.env } = options;
  const source = new ConfigSource({ path, environment, checkParts });
  const log = options.log ?? createLogger(source.config.log.level);
  const opening = await openStores(source.config.store, clock);
  opened.defer(() => opening.close());
  const parts = { stores: opening, config: source.config, clock, log };
  const { stores, state: spooledWrites } = await withSpooledWrites(parts, opened);
  const storeTrouble = watchStoreFile(source.config.store);
  const seed = await stores.secrets.secret(AUDIT_KEY_SECRET);
  const audit = openAudit({ url: source.config.store, seed, config: () => source.config.audit, clock, log }, opened);
  // A trail in memory begins here: nothing can have changed meanwhile.
  if (source.config.store !== MEMORY_STORE) audit.trail.append(loadedConfig(source.sha256, VERSION));
  const inflight = new InflightLimit();
  const rollouts = await RolloutRegistry.open(stores.rollouts, clock);
  rollouts.listen(({ event }) => {
    if (event.actor === 'config') audit.trail.append(declaredRollout(event));
  });
  const secrets = await readSecrets(stores);
  const storedKeys = await openStoredKeys({ stores, clock, log });
  const objects = openObjects({ stores, clock, log }, opened);
  const cache = openCache(log, opened);
  const builder = new SnapshotBuilder(secrets, clock, storedKeys, () => inflight.current, credentialNotices(log));
  opened.defer(() => builder.close());
  const live = await LiveSnapshot.open(builder, rollouts, (warning) => log.warn(warning), source.config);
  opened.defer(async () => {
    for (const rollout of await rollouts.close()) log.error({ rollout }, 'an abort could not be stored and is lost');
  });
  followOthers({ stores, rollouts, storedKeys, log }, opened);
  const outbox = openOutbox({ stores, config: source.config, clock, log });
  const shared = { stores, storeTrouble, secrets, storedKeys, objects, cache, audit, outbox, spooledWrites };
  return { source, log, ...shared, inflight, rollouts, live };
}

/** What becomes of the credentials of providers, for the log. */
export function credentialNotices(log: Logger): (provider: string, notice: CredentialNotice) => void {
  return (provider, notice) =>
    'unrenewed' in notice
      ? log.warn({ provider, reason: notice.unrenewed }, 'credentials of the provider could not be renewed yet')
      : log.warn({ provider, ...notice }, 'a key of the provider is refused; it is left alone for a while');
}

export function openCache(log: Logger, opened: AsyncDisposableStack): CachedCalls {
  const failed = (error: unknown): void =>
    log.error({ err: error }, 'the cache of replies cannot be used; requests go on without it');
  const cache = new CachedCalls({ clock, failed });
  opened.defer(() => cache.close());
  return cache;
}

async function readSecrets({ secrets }: Stores): Promise<SnapshotSecrets> {
  return { keyHash: await secrets.secret('key-hash'), placeholders: await secrets.secret('placeholders') };
}
