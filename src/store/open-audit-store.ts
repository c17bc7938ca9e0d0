import { AUDIT_KEY_SECRET, type AuditStore } from '../core/audit.ts';
import type { Clock } from '../core/clock.ts';
import { isPostgresUrl } from '../core/store-url.ts';
import { SqlAuditStore } from './audit-store.ts';
import type { Backend } from './backend.ts';
import { migrate } from './migrate.ts';
import { ASIDE } from './postgres/connection.ts';
import { openPostgres } from './postgres/open-postgres.ts';
import { settingsOf } from './postgres/open-store.ts';
import { isMemory, openSqliteReadOnly, openSqliteUrl, pathOf, STARTING } from './sqlite/open-sqlite.ts';
import type { Milliseconds } from '../core/units.ts';
import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** One writes, one reads. */
const CONNECTIONS = 2;

/**
 * The audit trail of a store that `openStores` has opened before, on connections of its own, which wait for longer than
 * those that serve may. A store in memory is another one for each connection: its trail begins here.
 * @throws Error as `openStores`
 */
export async function openAuditStore(url: string, clock: Clock, busyTimeout: Milliseconds): Promise<AuditStore> {
  if (isPostgresUrl(url)) return new SqlAuditStore(openAside(url, false).db);
  const backend = openSqliteUrl(url, STARTING);
  if (isMemory(url)) await migrate(backend, clock);
  backend.waitAtMost(busyTimeout);
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
  const db: Kysely<Tables> = isPostgresUrl(url) ? openAside(url, true).db : openSqliteReadOnly(pathOf(url));
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

function openAside(url: string, readOnly: boolean): Backend {
  return openPostgres(settingsOf(url), { patience: ASIDE, size: CONNECTIONS, readOnly });
}
