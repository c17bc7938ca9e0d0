import type { Kysely } from 'kysely';
import type { CounterStore } from '../core/stores.ts';
import type { Tables } from './tables.ts';

export class SqlCounterStore implements CounterStore {
  private readonly db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.db = db;
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

  async raise(name: string, value: number): Promise<void> {
    await this.db
      .insertInto('counters')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }).where('counters.value', '<', value))
      .execute();
  }
}
