import type { Kysely, Transaction } from 'kysely';
import type { Clock } from '../core/clock.ts';
import type { Backend } from './backend.ts';
import { MIGRATIONS, type Migration } from './migrations.ts';
import type { Tables } from './tables.ts';

/** The store was written by a newer version of the software; running on would damage it. */
class NewerSchemaError extends Error {
  constructor(found: number, known: number) {
    super(
      `The store has schema ${found}, but this version of sluice knows only ${known}: ` +
        'start the version that wrote it (or a newer one), or point `store` at another place.',
    );
    this.name = 'NewerSchemaError';
  }
}

/** Brings the schema up to date, all in one transaction. @throws NewerSchemaError */
export async function migrate(
  backend: Backend,
  clock: Clock,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  await backend.prepareMigrations(createMigrations);
  await backend.db.transaction().execute(async (transaction) => {
    await backend.lockMigrations(transaction);
    const found = await appliedSchema(transaction);
    if (found > migrations.length) throw new NewerSchemaError(found, migrations.length);
    for (const migration of migrations.slice(found)) {
      await migration.up(transaction, backend);
      await transaction
        .insertInto('sluice_migrations')
        .values({ id: migration.id, name: migration.name, applied_at: clock.wall() })
        .execute();
    }
  });
}

async function createMigrations({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('sluice_migrations')
    .ifNotExists()
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function appliedSchema(transaction: Transaction<Tables>): Promise<number> {
  const { newest } = await transaction
    .selectFrom('sluice_migrations')
    .select(({ fn }) => fn.max('id').as('newest'))
    .executeTakeFirstOrThrow();
  return (newest as number | null) ?? 0;
}
