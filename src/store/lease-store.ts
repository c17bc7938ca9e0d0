import { sql, type Kysely } from 'kysely';
import type { Clock } from '../core/clock.ts';
import type { Lease, LeaseStore } from '../core/stores.ts';
import type { Milliseconds } from '../core/units.ts';
import type { Tables } from './tables.ts';

/** How far the clocks of gateways may be apart. A lease that runs for longer may be of one that was wrong. */
const CLOCK_ALLOWANCE: Milliseconds = 10_000;

/** No lease has it as its token. */
const NONE = 0;

/** A lease as another has it. */
interface Held {
  readonly token: number;
  readonly expires_at: Milliseconds;
}

interface Watched extends Held {
  /** By this process's own clock, which nobody sets. */
  readonly since: Milliseconds;
}

/**
 * Leases by the wall clocks of their holders. One that runs for too long, by a clock that is or was ahead, is free once
 * nobody has renewed it for its time, as seen from here. What a former holder still writes is refused all the same, by the
 * token.
 */
export class SqlLeaseStore implements LeaseStore {
  private readonly db: Kysely<Tables>;
  private readonly clock: Clock;
  /** Of others, by name; what a look at it found when it was last another. */
  private readonly watched = new Map<string, Watched>();

  constructor(db: Kysely<Tables>, clock: Clock) {
    this.db = db;
    this.clock = clock;
  }

  async acquire(name: string, holder: string, ttl: Milliseconds): Promise<Lease | null> {
    const lease = await this.take(name, holder, ttl, this.abandoned(name, ttl));
    if (lease === null) await this.watch(name);
    else this.watched.delete(name);
    return lease;
  }

  /** One statement: of two that race for a free lease, the second finds it taken. */
  private async take(name: string, holder: string, ttl: Milliseconds, abandoned: Held | null): Promise<Lease | null> {
    const now = this.clock.wall();
    const expires_at = now + ttl;
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
          .where(({ eb, and, or }) =>
            or([
              eb('leases.holder', '=', holder),
              eb('leases.expires_at', '<=', now),
              and([
                eb('leases.expires_at', '>', expires_at + CLOCK_ALLOWANCE),
                eb('leases.token', '=', abandoned?.token ?? NONE),
                eb('leases.expires_at', '=', abandoned?.expires_at ?? NONE),
              ]),
            ]),
          ),
      )
      .returning('token')
      .executeTakeFirst();
    return row === undefined ? null : { name, holder, token: row.token };
  }

  /** What nobody has renewed for the time of a lease. */
  private abandoned(name: string, ttl: Milliseconds): Held | null {
    const watched = this.watched.get(name);
    return watched !== undefined && this.clock.now() - watched.since > ttl ? watched : null;
  }

  private async watch(name: string): Promise<void> {
    const query = this.db.selectFrom('leases').select(['token', 'expires_at']).where('name', '=', name);
    const held = await query.executeTakeFirst();
    if (held === undefined) return;
    const known = this.watched.get(name);
    if (known?.token === held.token && known.expires_at === held.expires_at) return;
    this.watched.set(name, { ...held, since: this.clock.now() });
  }

  release(lease: Lease): Promise<void> {
    return releaseLease(this.db, lease);
  }
}

/** Nothing happens where somebody else has it by now. */
export async function releaseLease(db: Kysely<Tables>, { name, holder, token }: Lease): Promise<void> {
  await db
    .updateTable('leases')
    .set({ expires_at: 0, holder: '' })
    .where('name', '=', name)
    .where('holder', '=', holder)
    .where('token', '=', token)
    .execute();
}

/** The same for whoever holds it, one more for the next. */
export function nextToken(holder: string) {
  return sql<number>`case when leases.holder = ${holder} then leases.token else leases.token + 1 end`;
}
