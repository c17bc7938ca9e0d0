import { createHash } from 'node:crypto';
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import type { PostgresSettings } from '../../core/store-url.ts';
import type { Backend } from '../backend.ts';
import type { Tables } from '../tables.ts';
import { clientConfig, PatientPool, type Patience } from './connection.ts';

interface PostgresOptions {
  readonly patience: Patience;
  /** Connections at most. */
  readonly size: number;
  readonly readOnly?: boolean;
}

/** Connects when something is asked. @throws Error where a file of a certificate cannot be read */
export function openPostgres(settings: PostgresSettings, { patience, size, readOnly }: PostgresOptions): Backend {
  const { schema } = settings;
  const pool = new PatientPool(clientConfig(settings, patience, readOnly), size, patience);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const lock = async (transaction: Transaction<Tables>, what: string): Promise<void> => {
    await sql`select pg_advisory_xact_lock(${lockKey(schema, what)}::bigint)`.execute(transaction);
  };
  return {
    db,
    // Two that make a schema or a table of one name at once fail, with `if not exists` too.
    prepareMigrations: (createTable) =>
      db.transaction().execute(async (transaction) => {
        await lock(transaction, 'migrations');
        await transaction.schema.createSchema(schema).ifNotExists().execute();
        await createTable(transaction);
      }),
    lockMigrations: (transaction) => lock(transaction, 'migrations'),
    addSequentialId: (table) =>
      table.addColumn('id', 'bigint', (column) => column.primaryKey().generatedByDefaultAsIdentity()),
    lockSequence: lock,
    tell: async (transaction, topic) => {
      await sql`select pg_notify(${channelOf(schema)}, ${topic})`.execute(transaction);
    },
  };
}

/** Advisory locks have numbers, and all schemas of a database share them. */
export function lockKey(schema: string, what: string): string {
  return createHash('sha256').update(`sluice ${schema} ${what}`).digest().readBigInt64BE().toString();
}

/** Of what is told; all schemas of a database share names of channels, too. */
export function channelOf(schema: string): string {
  return `sluice_${schema}`;
}
