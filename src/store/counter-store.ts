import { sql, type Kysely } from 'kysely';
import type { Clock } from '../core/clock.ts';
import type { BatchId, CounterBatchStore, CounterStore } from '../core/stores.ts';
import { isFirstTime } from './batch-senders.ts';
import type { Tables } from './tables.ts';

/** Of one statement. */
const ROWS_AT_ONCE = 200;

export class SqlCounterStore implements CounterStore, CounterBatchStore {
  private readonly db: Kysely<Tables>;
  private readonly clock: Clock;

  constructor(db: Kysely<Tables>, clock: Clock) {
    this.db = db;
    this.clock = clock;
  }

  async add(name: string, amount: number): Promise<number> {
    const { value } = await this.db
      .insertInto('counters')
      .values({ name, value: amount })
      .onConflict((conflict) =>
        conflict.column('name').doUpdateSet(({ eb, ref }) => ({ value: eb(ref('counters.value'), '+', amount) })),
      )
      .returning('value')
      .executeTakeFirstOrThrow();
    return value;
  }

  async value(name: string): Promise<number> {
    const row = await this.db.selectFrom('counters').select('value').where('name', '=', name).executeTakeFirst();
    return row?.value ?? 0;
  }

  async addAll(amounts: ReadonlyMap<string, number>, id: BatchId): Promise<void> {
    // In one order: of two that lock the same rows in different orders one would fail.
    const rows = [...amounts].map(([name, value]) => ({ name, value })).toSorted(byName);
    if (rows.length === 0) return;
    await this.db.transaction().execute(async (transaction) => {
      if (!(await isFirstTime(transaction, id, this.clock.wall()))) return;
      for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
        await transaction
          .insertInto('counters')
          .values(rows.slice(at, at + ROWS_AT_ONCE))
          .onConflict((conflict) =>
            conflict
              .column('name')
              .doUpdateSet(({ eb, ref }) => ({ value: eb(ref('counters.value'), '+', ref('excluded.value')) })),
          )
          .execute();
      }
    });
  }

  list(prefix: string): Promise<{ name: string; value: number }[]> {
    // LIKE would take % and _ of a name for its own, and what comes before what is a matter of the database's language.
    const begins = sql<boolean>`substr(name, 1, ${sql.lit([...prefix].length)}) = ${prefix}`;
    return this.db.selectFrom('counters').select(['name', 'value']).where(begins).execute();
  }

  async remove(names: readonly string[]): Promise<void> {
    for (let at = 0; at < names.length; at += ROWS_AT_ONCE)
      await this.db
        .deleteFrom('counters')
        .where('name', 'in', names.slice(at, at + ROWS_AT_ONCE))
        .execute();
  }

  async raise(name: string, value: number): Promise<void> {
    await this.db
      .insertInto('counters')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }).where('counters.value', '<', value))
      .execute();
  }
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1;
}
