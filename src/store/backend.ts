import type { CreateTableBuilder, Kysely, Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** What one kind of database adds to the SQL that all of them share. */
export interface Backend {
  readonly db: Kysely<Tables>;
  /** Holds other processes off until the transaction ends, so that two starting at once migrate once. */
  lockMigrations(transaction: Transaction<Tables>): Promise<void>;
  /** A primary key that counts up and never uses a number twice. */
  readonly addSequentialId: <Table extends string>(table: CreateTableBuilder<Table>) => CreateTableBuilder<Table, 'id'>;
}
