import type { Kysely, Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** Reads that see the store as it was at one moment. SQLite always does; others are asked to. */
export function inOneView<T>(db: Kysely<Tables>, read: (transaction: Transaction<Tables>) => Promise<T>): Promise<T> {
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read);
}
