import { sql } from 'kysely';
import type { Clock } from '../core/clock.ts';
import type { Stores } from '../core/stores.ts';
import { isPostgresUrl } from '../core/store-url.ts';
import type { Backend } from './backend.ts';
import { SqlCounterStore } from './counter-store.ts';
import { SqlEvidenceStore } from './evidence-store.ts';
import { SqlKeyStore } from './key-store.ts';
import { SqlLeaseStore } from './lease-store.ts';
import { migrate } from './migrate.ts';
import { SqlObjectStore } from './object-store.ts';
import { openPostgresStore } from './postgres/open-store.ts';
import { SqlRolloutStore } from './rollout-store.ts';
import { SqlSecretStore } from './secret-store.ts';
import { openSqliteUrl, SERVING, STARTING } from './sqlite/open-sqlite.ts';

/** What stands on a database of any kind: a table more is a line here. */
type CommonStores = Omit<Stores, 'leases' | 'isShared' | 'watch' | 'beginServing' | 'check' | 'close'>;

/**
 * Opens the durable store and brings its schema up to date.
 * @param url `sqlite:PATH`, `sqlite::memory:` or `postgres://…`
 * @throws Error that names the store and the cause; `NewerSchemaError` where newer software wrote it
 */
export async function openStores(url: string, clock: Clock): Promise<Stores> {
  if (isPostgresUrl(url)) {
    const { backend, ...own } = await openPostgresStore(url, clock);
    return { ...commonStores(backend, clock), ...own };
  }
  const backend = openSqliteUrl(url, STARTING);
  try {
    await migrate(backend, clock);
  } catch (error) {
    await backend.db.destroy();
    throw error;
  }
  return {
    ...commonStores(backend, clock),
    leases: new SqlLeaseStore(backend.db, clock),
    isShared: false,
    watch: () => () => {},
    beginServing: () => backend.waitAtMost(SERVING),
    check: async () => {
      await sql`select 1 from sluice_migrations`.execute(backend.db);
    },
    close: () => backend.db.destroy(),
  };
}

function commonStores(backend: Backend, clock: Clock): CommonStores {
  return {
    rollouts: new SqlRolloutStore(backend),
    keys: new SqlKeyStore(backend),
    secrets: new SqlSecretStore(backend.db, clock),
    evidence: new SqlEvidenceStore(backend, clock),
    counters: new SqlCounterStore(backend.db, clock),
    objects: new SqlObjectStore(backend.db),
  };
}
