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

const judgedRollouts: Migration = {
  id: 2,
  name: 'judged-rollouts',
  up: async (transaction, backend) => {
    await addRolloutStarts(transaction);
    await addEventDetail(transaction);
    await createRevisions(transaction, backend);
    await createEvidence(transaction, backend);
    await transaction.schema
      .createTable('leases')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('holder', 'text', (column) => column.notNull())
      .addColumn('token', 'integer', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute();
    await transaction.schema
      .createTable('counters')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('value', 'double precision', (column) => column.notNull())
      .execute();
  },
};

const apiKeys: Migration = {
  id: 3,
  name: 'api-keys',
  up: (transaction) => createApiKeys(transaction),
};

const auditTrail: Migration = {
  id: 4,
  name: 'audit-trail',
  up: async (transaction) => {
    await createAuditEntries(transaction);
    await transaction.schema
      .createTable('audit_checkpoints')
      .addColumn('size', 'bigint', (column) => column.primaryKey().notNull())
      .addColumn('note', 'text', (column) => column.notNull())
      .execute();
    await transaction.schema
      .createTable('audit_head')
      .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
      .addColumn('size', 'bigint', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('frontier', 'text', (column) => column.notNull())
      .addColumn('checkpoints', 'bigint', (column) => column.notNull())
      .addColumn('checkpoints_hash', 'text', (column) => column.notNull())
      .addColumn('checkpoint_size', 'bigint', (column) => column.notNull())
      .addColumn('checkpoint_at', 'bigint', (column) => column.notNull())
      .execute();
    const counts = { size: 0, checkpoints: 0, checkpoint_size: 0, checkpoint_at: 0 };
    const nothing = '0'.repeat(64);
    await transaction
      .insertInto('audit_head')
      .values({ id: 1, hash: nothing, frontier: '', checkpoints_hash: nothing, ...counts })
      .execute();
  },
};

const providerObjects: Migration = {
  id: 5,
  name: 'provider-objects',
  up: async (transaction) => {
    await transaction.schema
      .createTable('objects')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('provider', 'text', (column) => column.notNull())
      .addColumn('account', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .execute();
    await transaction.schema.createIndex('objects_by_expiry').on('objects').column('expires_at').execute();
  },
};

const batchesOnce: Migration = {
  id: 6,
  name: 'batches-once',
  up: async (transaction) => {
    await transaction.schema
      .createTable('batch_senders')
      .addColumn('sender', 'text', (column) => column.primaryKey().notNull())
      .addColumn('newest', 'bigint', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute();
  },
};

/** In order. Forward only: a step back is a new migration. */
export const MIGRATIONS: readonly Migration[] = [
  rolloutsAndSecrets,
  judgedRollouts,
  apiKeys,
  auditTrail,
  providerObjects,
  batchesOnce,
];

/** The number comes from the chain, not from the database: it is a part of what is hashed. */
async function createAuditEntries(transaction: Transaction<Tables>): Promise<void> {
  await transaction.schema
    .createTable('audit_entries')
    .addColumn('seq', 'bigint', (column) => column.primaryKey().notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('phase', 'text', (column) => column.notNull())
    .addColumn('entry', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute();
  await transaction.schema.createIndex('audit_entries_by_id').on('audit_entries').columns(['id', 'phase']).execute();
  await transaction.schema.createIndex('audit_entries_by_kind').on('audit_entries').columns(['kind', 'seq']).execute();
}

/** A rollout that was there before is in its first start, and came to its weight when it was last written. */
async function addRolloutStarts(transaction: Transaction<Tables>): Promise<void> {
  const table = () => transaction.schema.alterTable('rollouts');
  await table()
    .addColumn('epoch', 'integer', (column) => column.notNull().defaultTo(1))
    .execute();
  await table()
    .addColumn('since', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  await table().addColumn('winner', 'text').execute();
  await table()
    .addColumn('salt_turn', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await transaction
    .updateTable('rollouts')
    .set(({ ref }) => ({ since: ref('updated_at') }))
    .execute();
}

async function addEventDetail(transaction: Transaction<Tables>): Promise<void> {
  const table = () => transaction.schema.alterTable('rollout_events');
  await table()
    .addColumn('kind', 'text', (column) => column.notNull().defaultTo('rollout'))
    .execute();
  await table().addColumn('detail', 'text').execute();
}

/** A sequential id: a rollout that is deleted and made anew counts its revisions from 1 again. */
async function createRevisions(transaction: Transaction<Tables>, backend: Backend): Promise<void> {
  await backend
    .addSequentialId(transaction.schema.createTable('rollout_revisions'))
    .addColumn('rollout', 'text', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('declared', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .execute();
  await transaction.schema
    .createIndex('rollout_revisions_by_rollout')
    .on('rollout_revisions')
    .columns(['rollout', 'id'])
    .execute();
  await transaction
    .insertInto('rollout_revisions')
    .columns(['rollout', 'revision', 'declared', 'at', 'actor'])
    .expression((query) =>
      query
        .selectFrom('rollouts')
        .select(['name', 'revision', 'declared', 'updated_at', ({ val }) => val('migration').as('actor')]),
    )
    .execute();
}

async function createEvidence(transaction: Transaction<Tables>, backend: Backend): Promise<void> {
  await backend
    .addSequentialId(transaction.schema.createTable('outcome_batches'))
    .addColumn('batch', 'text', (column) => column.notNull())
    .execute();
  await transaction.schema
    .createTable('evidence')
    .addColumn('subject', 'text', (column) => column.primaryKey().notNull())
    .addColumn('snapshot', 'text', (column) => column.notNull())
    .execute();
  await transaction.schema
    .createTable('evidence_position')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('up_to', 'bigint', (column) => column.notNull())
    .execute();
  await transaction.insertInto('evidence_position').values({ id: 1, up_to: 0 }).execute();
  await transaction.schema
    .createTable('analyses')
    .addColumn('subject', 'text', (column) => column.primaryKey().notNull())
    .addColumn('analysis', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
}

/** A name is free again once its key is revoked. Changes are read by their number, twice a second. */
async function createApiKeys(transaction: Transaction<Tables>): Promise<void> {
  const { schema } = transaction;
  await schema
    .createTable('api_keys')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('declared', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at', 'bigint')
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('change', 'bigint', (column) => column.notNull())
    .execute();
  await schema.createIndex('api_keys_by_change').unique().on('api_keys').column('change').execute();
  await schema
    .createIndex('api_keys_by_name')
    .unique()
    .on('api_keys')
    .column('name')
    .where(sql.ref('revoked_at'), 'is', null)
    .execute();
  await schema
    .createTable('api_key_secrets')
    .addColumn('digest', 'text', (column) => column.primaryKey().notNull())
    .addColumn('key_id', 'text', (column) => column.notNull().references('api_keys.id'))
    .addColumn('prefix', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('valid_until', 'bigint')
    .execute();
  await schema.createIndex('api_key_secrets_by_key').on('api_key_secrets').column('key_id').execute();
  await schema
    .createTable('api_key_changes')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('newest', 'bigint', (column) => column.notNull())
    .execute();
  await transaction.insertInto('api_key_changes').values({ id: 1, newest: 0 }).execute();
}

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
