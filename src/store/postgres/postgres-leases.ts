import { sql, type Kysely } from 'kysely';
import type { Lease, LeaseStore } from '../../core/stores.ts';
import type { Milliseconds } from '../../core/units.ts';
import { nextToken, releaseLease } from '../lease-store.ts';
import type { Tables } from '../tables.ts';
import { lockKey } from './open-postgres.ts';
import type { PostgresSession } from './session.ts';

/** The one clock that all gateways see. */
const SERVER_CLOCK = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/**
 * Leases by the clock of the server. Each holder also has a lock in a session of its own, which the server lets go when
 * the process dies: its leases are free then, however long they would have run. What a former holder still writes is
 * refused by the token.
 */
export class PostgresLeaseStore implements LeaseStore {
  private readonly db: Kysely<Tables>;
  private readonly schema: string;
  private readonly session: Pick<PostgresSession, 'hold'>;

  constructor(db: Kysely<Tables>, schema: string, session: Pick<PostgresSession, 'hold'>) {
    this.db = db;
    this.schema = schema;
    this.session = session;
  }

  async acquire(name: string, holder: string, ttl: Milliseconds): Promise<Lease | null> {
    await this.session.hold(aliveLock(holder));
    return (await this.take(name, holder, ttl, null)) ?? this.takeFromDead(name, holder, ttl);
  }

  release(lease: Lease): Promise<void> {
    return releaseLease(this.db, lease);
  }

  /** One statement: of two that race for a free lease, the second finds it taken. @param dead a token whose holder is gone */
  private async take(name: string, holder: string, ttl: Milliseconds, dead: number | null): Promise<Lease | null> {
    const expires_at = sql<number>`${SERVER_CLOCK} + ${ttl}::bigint`;
    const row = await this.db
      .insertInto('leases')
      .values({ name, holder, token: 1, expires_at })
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet({
            token: nextToken(holder),
            holder,
            expires_at,
          })
          .where(({ eb, or }) =>
            or([
              eb('leases.holder', '=', holder),
              eb('leases.expires_at', '<=', SERVER_CLOCK),
              ...(dead === null ? [] : [eb('leases.token', '=', dead)]),
            ]),
          ),
      )
      .returning('token')
      .executeTakeFirst();
    return row === undefined ? null : { name, holder, token: row.token };
  }

  private async takeFromDead(name: string, holder: string, ttl: Milliseconds): Promise<Lease | null> {
    const dead = await this.db.transaction().execute(async (transaction) => {
      const query = transaction.selectFrom('leases').select(['holder', 'token']).where('name', '=', name);
      const held = await query.executeTakeFirst();
      if (held === undefined) return null;
      const key = lockKey(this.schema, aliveLock(held.holder));
      const asked = sql<{ free: boolean }>`select pg_try_advisory_xact_lock(${key}::bigint) as free`;
      const { rows } = await asked.execute(transaction);
      return rows[0]?.free === true ? held.token : null;
    });
    return dead === null ? null : this.take(name, holder, ttl, dead);
  }
}

function aliveLock(holder: string): string {
  return `alive ${holder}`;
}
