import type { CreateTableBuilder, Kysely, Transaction } from 'kysely';
import type { StoreTopic } from '../core/stores.ts';
import type { Tables } from './tables.ts';

/** Tables whose numbers are read on from: nobody may miss one that comes into sight late. */
export type Sequence = 'rollout_events' | 'outcome_batches';

/** What one kind of database adds to the SQL that all of them share. */
export interface Backend {
  readonly db: Kysely<Tables>;
  /** Has the table of migrations made where it is missing, once however many start at the same time. */
  prepareMigrations(createTable: (db: Kysely<Tables>) => Promise<void>): Promise<void>;
  /** Holds other processes off until the transaction ends, so that two starting at once migrate once. */
  lockMigrations(transaction: Transaction<Tables>): Promise<void>;
  /** A primary key that counts up and never uses a number twice. */
  readonly addSequentialId: <Table extends string>(table: CreateTableBuilder<Table>) => CreateTableBuilder<Table, 'id'>;
  /** Until the transaction ends nobody else adds to the table: its numbers come into sight in their order. */
  lockSequence(transaction: Transaction<Tables>, table: Sequence): Promise<void>;
  /** Tells every process of the store, when the transaction is committed. */
  tell(transaction: Transaction<Tables>, topic: StoreTopic): Promise<void>;
}
