import { sql } from 'kysely';
import { AUDIT_KEY_SECRET, type AuditStore } from '../core/audit.ts';
import type { Clock } from '../core/clock.ts';
import type { Stores } from '../core/stores.ts';
import type { Milliseconds } from '../core/units.ts';
import { SqlAuditStore } from './audit-store.ts';
import type { Backend } from './backend.ts';
import { migrate } from './migrate.ts';
import { SqlCounterStore } from './counter-store.ts';
import { SqlEvidenceStore } from './evidence-store.ts';
import { SqlKeyStore } from './key-store.ts';
import { SqlLeaseStore } from './lease-store.ts';
import { SqlObjectStore } from './object-store.ts';
import { SqlRolloutStore } from './rollout-store.ts';
import { SqlSecretStore } from './secret-store.ts';
import { openSqlite, openSqliteReadOnly } from './sqlite/open-sqlite.ts';

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
    objects: new SqlObjectStore(backend.db),
    check: async () => {
      await sql`select 1 from sluice_migrations`.execute(backend.db);
    },
    close: () => backend.db.destroy(),
  };
}

/**
 * The audit trail of a store that `openStores` has opened before, on a connection of its own, which waits for a lock longer
 * than one that serves may. A store in memory is another one for each connection: its trail begins here.
 * @throws Error as `openStores`
 */
export async function openAuditStore(url: string, clock: Clock, busyTimeout: Milliseconds): Promise<AuditStore> {
  const backend = openBackend(url, busyTimeout);
  if (url === `${SQLITE_PREFIX}:memory:`) await migrate(backend, clock);
  return new SqlAuditStore(backend.db);
}

/** The trail of a store that may be nobody's any more, to be looked at and not changed. */
interface AuditEvidence {
  readonly store: AuditStore;
  /** The seed of the key of its checkpoints; null: there is none. */
  readonly seed: Buffer | null;
}

/** @throws Error where there is no such store, or it has no trail */
export async function openAuditEvidence(url: string): Promise<AuditEvidence> {
  const db = openSqliteReadOnly(url.startsWith(SQLITE_PREFIX) ? url.slice(SQLITE_PREFIX.length) : url);
  try {
    const query = db.selectFrom('secrets').select('value').where('name', '=', AUDIT_KEY_SECRET);
    const seed = (await query.executeTakeFirst())?.value ?? null;
    await db.selectFrom('audit_head').select('size').execute();
    return { store: new SqlAuditStore(db), seed: seed === null ? null : Buffer.from(seed, 'base64') };
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

function openBackend(url: string, busyTimeout?: Milliseconds): Backend {
  if (!url.startsWith(SQLITE_PREFIX)) {
    throw new Error(`The store "${url}" is not supported: write sqlite:PATH or sqlite::memory:.`);
  }
  try {
    return openSqlite(url.slice(SQLITE_PREFIX.length), busyTimeout);
  } catch (error) {
    throw new Error(`The store "${url}" cannot be opened: ${(error as Error).message}`, { cause: error });
  }
}
