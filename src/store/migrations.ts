import { sql, type Transaction } from 'kysely';
import type { Backend } from './backend.ts';
import type { Tables } from './tables.ts';

export interface Migration {
  /** Counts from 1 without gaps; never changed once released. */
  readonly id: number;
  readonly name: string;
  up(transaction: Transaction<Tables>, backend: Backend): Promise<void>;
}

const rolloutsAndSecrets: Migration = {
  id: 1,
  name: 'rollouts-and-secrets',
  up: async (transaction, backend) => {
    await createRollouts(transaction);
    await createRolloutEvents(transaction, backend);
    await transaction.schema
      .createTable('secrets')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
  },
};

/** In order. Forward only: a step back is a new migration. */
export const MIGRATIONS: readonly Migration[] = [rolloutsAndSecrets];

async function createRollouts(transaction: Transaction<Tables>): Promise<void> {
  await transaction.schema
    .createTable('rollouts')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('declared', 'text', (column) => column.notNull())
    .addColumn('config_hash', 'text')
    .addColumn('phase', 'text', (column) => column.notNull())
    .addColumn('step', 'integer', (column) => column.notNull())
    .addColumn('weight', 'double precision', (column) => column.notNull())
    .addColumn('desired', 'text', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addCheckConstraint('rollouts_weight', sql`weight >= 0 and weight <= 100`)
    .execute();
}

/** No foreign key: the history of a rollout outlives it. */
async function createRolloutEvents(transaction: Transaction<Tables>, backend: Backend): Promise<void> {
  await backend
    .addSequentialId(transaction.schema.createTable('rollout_events'))
    .addColumn('rollout', 'text', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('phase', 'text', (column) => column.notNull())
    .addColumn('weight', 'double precision', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .execute();
  await transaction.schema
    .createIndex('rollout_events_by_rollout')
    .on('rollout_events')
    .columns(['rollout', 'id'])
    .execute();
}
