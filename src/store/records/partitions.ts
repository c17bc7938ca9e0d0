import { sql, type Kysely } from 'kysely';
import type { Milliseconds } from '../../core/units.ts';
import { lockKey } from '../postgres/open-postgres.ts';
import type { Tables } from '../tables.ts';

const DAY: Milliseconds = 24 * 3_600_000;
const NAME = /^request_records_(\d{4})(\d\d)(\d\d)$/;

interface Partition {
  readonly name: string;
  /** `half`, `off`: somebody began to remove it and did not come to the end. */
  readonly attached: 'on' | 'half' | 'off';
}

/** Days of the table of records, in UTC. */
export class Partitions {
  private readonly db: Kysely<Tables>;
  private readonly schema: string;
  private known = new Set<string>();

  constructor(db: Kysely<Tables>, schema: string) {
    this.db = db;
    this.schema = schema;
  }

  /** Has those made that are needed for records of these instants. */
  async ensure(instants: Iterable<Milliseconds>): Promise<void> {
    const days = new Set<number>();
    for (const at of instants) days.add(Math.floor(at / DAY));
    for (const day of days) if (!this.known.has(nameOf(day))) await this.make(day);
  }

  /** Another gateway may have dropped one since it was last seen. */
  forget(): void {
    this.known.clear();
  }

  /**
   * Made aside and then attached: nobody who writes or reads waits for that, as they would for `create table … partition of`.
   */
  private async make(day: number): Promise<void> {
    const name = nameOf(day);
    const from = sql.lit(new Date(day * DAY).toISOString());
    const to = sql.lit(new Date((day + 1) * DAY).toISOString());
    await this.db.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${lockKey(this.schema, 'record partitions')}::bigint)`.execute(
        transaction,
      );
      const asked = sql<{ found: string | null }>`select to_regclass(${name})::text as found`;
      if ((await asked.execute(transaction)).rows[0]!.found !== null) return;
      const table = sql.id(name);
      await sql`create table ${table} (like request_records including all)`.execute(transaction);
      await sql`alter table request_records attach partition ${table} for values from (${from}) to (${to})`.execute(
        transaction,
      );
    });
    this.known.add(name);
  }
}

/**
 * Drops days that ended longer ago than that, by the clock of the server; of several gateways one does. A day is detached
 * `concurrently`: whoever writes or reads other days does not wait.
 */
export async function removeOldPartitions(db: Kysely<Tables>, schema: string, retention: Milliseconds): Promise<void> {
  const key = lockKey(schema, 'record retention');
  await db.connection().execute(async (connection) => {
    const lock = sql<{ taken: boolean }>`select pg_try_advisory_lock(${key}::bigint) as taken`;
    if ((await lock.execute(connection)).rows[0]?.taken !== true) return;
    try {
      const now = await serverTime(connection);
      for (const partition of await listPartitions(connection))
        if (endOf(partition) <= now - retention) await remove(connection, partition);
    } finally {
      // A connection that is lost has lost the lock as well.
      await sql`select pg_advisory_unlock(${key}::bigint)`.execute(connection).catch(() => {});
    }
  });
}

function nameOf(day: number): string {
  return `request_records_${new Date(day * DAY).toISOString().slice(0, 10).replaceAll('-', '')}`;
}

function endOf({ name }: Partition): Milliseconds {
  const [, year, month, day] = NAME.exec(name)!;
  return Date.UTC(Number(year), Number(month) - 1, Number(day)) + DAY;
}

async function serverTime(db: Kysely<Tables>): Promise<Milliseconds> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
  return rows[0]!.now.getTime();
}

/** Begun removals first: as long as there is one no other day can be detached. */
async function listPartitions(db: Kysely<Tables>): Promise<readonly Partition[]> {
  const { rows } = await sql<Partition>`
    select relname as name, case when inhrelid is null then 'off' when inhdetachpending then 'half' else 'on' end as attached
    from pg_class left join pg_inherits on inhrelid = pg_class.oid
    where relnamespace = current_schema()::regnamespace and relkind = 'r' and relname like 'request\\_records\\_%'
    order by inhdetachpending desc nulls last, relname`.execute(db);
  return rows.filter(({ name }) => NAME.test(name));
}

async function remove(db: Kysely<Tables>, { name, attached }: Partition): Promise<void> {
  const table = sql.id(name);
  const how = sql.raw(attached === 'half' ? 'finalize' : 'concurrently');
  if (attached !== 'off') await sql`alter table request_records detach partition ${table} ${how}`.execute(db);
  await sql`drop table ${table}`.execute(db);
}
