import { sql, type Kysely } from 'kysely';
import type { Clock } from '../core/clock.ts';
import type { Lease, LeaseStore } from '../core/stores.ts';
import type { Milliseconds } from '../core/units.ts';
import type { Tables } from './tables.ts';

/** How far the clocks of gateways may be apart. A lease that runs for longer than any could was written by one that was wrong. */
const CLOCK_ALLOWANCE: Milliseconds = 10_000;

/**
 * Leases by the wall clocks of their holders. Clocks that differ by more than the time of a lease make two gateways take
 * turns; what a former holder still writes is refused all the same, by the token.
 */
export class SqlLeaseStore implements LeaseStore {
  private readonly db: Kysely<Tables>;
  private readonly clock: Clock;

  constructor(db: Kysely<Tables>, clock: Clock) {
    this.db = db;
    this.clock = clock;
  }

  /** One statement: of two that race for a free lease, the second finds it taken. */
  async acquire(name: string, holder: string, ttl: Milliseconds): Promise<Lease | null> {
    const now = this.clock.wall();
    const expires_at = now + ttl;
    const row = await this.db
      .insertInto('leases')
      .values({ name, holder, token: 1, expires_at })
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet({
            token: sql<number>`case when leases.holder = ${holder} then leases.token else leases.token + 1 end`,
            holder,
            expires_at,
          })
          .where(({ eb, or }) =>
            or([
              eb('leases.holder', '=', holder),
              eb('leases.expires_at', '<=', now),
              eb('leases.expires_at', '>', expires_at + CLOCK_ALLOWANCE),
            ]),
          ),
      )
      .returning('token')
      .executeTakeFirst();
    return row === undefined ? null : { name, holder, token: row.token };
  }

  async release({ name, holder, token }: Lease): Promise<void> {
    await this.db
      .updateTable('leases')
      .set({ expires_at: 0, holder: '' })
      .where('name', '=', name)
      .where('holder', '=', holder)
      .where('token', '=', token)
      .execute();
  }
}
