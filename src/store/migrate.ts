import type { Kysely, Transaction } from 'kysely';
import type { Clock } from '../core/clock.ts';
import type { Backend } from './backend.ts';
import { MIGRATIONS, type Migration } from './migrations.ts';
import type { Tables } from './tables.ts';

/** Tables that are brought up to date together, apart from any others of the database. */
export interface MigratedTables {
  /** Where it is kept which migrations were made. */
  readonly journal: 'sluice_migrations' | 'record_migrations';
  readonly migrations: readonly Migration[];
  /** For people: what they are, and the setting that says where. */
  readonly what: string;
  readonly setting: string;
}

const STORE: MigratedTables = {
  journal: 'sluice_migrations',
  migrations: MIGRATIONS,
  what: 'The store',
  setting: 'store',
};

/** They were written by a newer version of the software; running on would damage them. */
class NewerSchemaError extends Error {
  constructor({ what, setting, migrations }: MigratedTables, found: number) {
    super(
      `${what} has schema ${found}, but this version of sluice knows only ${migrations.length}: ` +
        `start the version that wrote it (or a newer one), or point \`${setting}\` at another place.`,
    );
    this.name = 'NewerSchemaError';
  }
}

/** Brings the schema up to date, all in one transaction. @throws NewerSchemaError */
export async function migrate(backend: Backend, clock: Clock, tables: MigratedTables = STORE): Promise<void> {
  const { journal, migrations } = tables;
  await backend.prepareMigrations((db) => createJournal(db, journal));
  await backend.db.transaction().execute(async (transaction) => {
    await backend.lockMigrations(transaction);
    const found = await appliedSchema(transaction, journal);
    if (found > migrations.length) throw new NewerSchemaError(tables, found);
    for (const migration of migrations.slice(found)) {
      await migration.up(transaction, backend);
      await transaction
        .insertInto(journal)
        .values({ id: migration.id, name: migration.name, applied_at: clock.wall() })
        .execute();
    }
  });
}

async function createJournal({ schema }: Kysely<Tables>, journal: MigratedTables['journal']): Promise<void> {
  await schema
    .createTable(journal)
    .ifNotExists()
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function appliedSchema(transaction: Transaction<Tables>, journal: MigratedTables['journal']): Promise<number> {
  const { newest } = await transaction
    .selectFrom(journal)
    .select(({ fn }) => fn.max('id').as('newest'))
    .executeTakeFirstOrThrow();
  return (newest as number | null) ?? 0;
}
