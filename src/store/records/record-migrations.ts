import { sql, type Transaction } from 'kysely';
import type { MigratedTables } from '../migrate.ts';
import type { Migration } from '../migrations.ts';
import type { Tables } from '../tables.ts';

/**
 * A row a request, in a partition a day: what is searched in columns, all of it in `record`. Each index ends in the order
 * of the pages, so that a search reads no more rows than it shows; those of what is rare hold only that.
 */
const requestRecords: Migration = {
  id: 1,
  name: 'request-records',
  up: async (transaction) => {
    await sql`
      create table request_records (
        request_id text collate "C" not null,
        started timestamptz not null,
        ended timestamptz not null,
        duration_ms double precision not null,
        key text collate "C" not null,
        team text collate "C" not null,
        operation text collate "C" not null,
        route text collate "C" not null,
        requested_model text collate "C" not null,
        model text collate "C" not null,
        provider text collate "C" not null,
        rollout text collate "C" not null,
        arm text collate "C" not null,
        status integer not null,
        outcome text collate "C" not null,
        error_type text collate "C" not null,
        trace_id text collate "C",
        record jsonb not null,
        primary key (request_id, started)
      ) partition by range (started)`.execute(transaction);
    for (const [name, columns, where] of INDEXES) await createIndex(transaction, name, columns, where);
  },
};

const PAGES = 'ended desc, request_id desc';

/** Name, columns, and of which rows. */
const INDEXES: readonly (readonly [string, string, string?])[] = [
  ['by_end', PAGES],
  ['by_key', `key, ${PAGES}`],
  ['by_team', `team, ${PAGES}`, `team <> ''`],
  ['by_requested_model', `requested_model, ${PAGES}`],
  ['by_model', `model, ${PAGES}`, 'model <> requested_model'],
  ['by_route', `route, ${PAGES}`, 'route <> requested_model and route <> model'],
  ['by_rollout', `rollout, ${PAGES}, arm`, `rollout <> ''`],
  ['by_trace', `trace_id, ${PAGES}`, 'trace_id is not null'],
  ['failed', `(status / 100), ${PAGES}, status`, 'status >= 400'],
  ['unusual', `outcome, ${PAGES}, error_type`, `outcome <> 'success'`],
  ['long', PAGES, 'duration_ms >= 60000'],
];

async function createIndex(
  transaction: Transaction<Tables>,
  name: string,
  columns: string,
  where?: string,
): Promise<void> {
  const rows = where === undefined ? sql`` : sql`where ${sql.raw(where)}`;
  const index = sql.id(`request_records_${name}`);
  await sql`create index ${index} on request_records (${sql.raw(columns)}) ${rows}`.execute(transaction);
}

export const RECORD_TABLES: MigratedTables = {
  journal: 'record_migrations',
  migrations: [requestRecords],
  what: 'The table of records',
  setting: 'record.postgres.url',
};
