import { sql } from 'kysely';
import type { Clock } from '../core/clock.ts';
import type { Stores } from '../core/stores.ts';
import type { Backend } from './backend.ts';
import { migrate } from './migrate.ts';
import { SqlCounterStore } from './counter-store.ts';
import { SqlEvidenceStore } from './evidence-store.ts';
import { SqlKeyStore } from './key-store.ts';
import { SqlLeaseStore } from './lease-store.ts';
import { SqlRolloutStore } from './rollout-store.ts';
import { SqlSecretStore } from './secret-store.ts';
import { openSqlite } from './sqlite/open-sqlite.ts';

const SQLITE_PREFIX = 'sqlite:';

/**
 * Opens the durable store and brings its schema up to date.
 * @param url `sqlite:PATH` or `sqlite::memory:`
 * @throws Error that names the store and the cause; `NewerSchemaError` where newer software wrote it
 */
export async function openStores(url: string, clock: Clock): Promise<Stores> {
  const backend = openBackend(url);
  try {
    await migrate(backend, clock);
  } catch (error) {
    await backend.db.destroy();
    throw error;
  }
  return {
    rollouts: new SqlRolloutStore(backend.db),
    keys: new SqlKeyStore(backend.db),
    secrets: new SqlSecretStore(backend.db, clock),
    leases: new SqlLeaseStore(backend.db, clock),
    evidence: new SqlEvidenceStore(backend.db, clock),
    counters: new SqlCounterStore(backend.db),
    check: async () => {
      await sql`select 1 from sluice_migrations`.execute(backend.db);
    },
    close: () => backend.db.destroy(),
  };
}

function openBackend(url: string): Backend {
  if (!url.startsWith(SQLITE_PREFIX)) {
    throw new Error(`The store "${url}" is not supported: write sqlite:PATH or sqlite::memory:.`);
  }
  try {
    return openSqlite(url.slice(SQLITE_PREFIX.length));
  } catch (error) {
    throw new Error(`The store "${url}" cannot be opened: ${(error as Error).message}`, { cause: error });
  }
}
