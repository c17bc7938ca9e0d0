import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Clock } from '../core/clock.ts';
import type { SecretStore } from '../core/stores.ts';
import type { Tables } from './tables.ts';

const SECRET_BYTES = 32;

export class SqlSecretStore implements SecretStore {
  private readonly db: Kysely<Tables>;
  private readonly clock: Clock;

  constructor(db: Kysely<Tables>, clock: Clock) {
    this.db = db;
    this.clock = clock;
  }

  /** Insert first, then read: of two processes that start at once, both get the value of the one that won. */
  async secret(name: string): Promise<Buffer> {
    const value = randomBytes(SECRET_BYTES).toString('base64');
    await this.db
      .insertInto('secrets')
      .values({ name, value, created_at: this.clock.wall() })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute();
    const row = await this.db.selectFrom('secrets').select('value').where('name', '=', name).executeTakeFirstOrThrow();
    return Buffer.from(row.value, 'base64');
  }
}
