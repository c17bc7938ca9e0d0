import type { Kysely } from 'kysely';
import type { OwnedObject } from '../core/object-ids.ts';
import type { ObjectStore } from '../core/stores.ts';
import type { Milliseconds } from '../core/units.ts';
import type { ObjectRow, Tables } from './tables.ts';

/** Of one statement: databases bound its parameters. */
const ROWS_AT_ONCE = 200;

export class SqlObjectStore implements ObjectStore {
  private readonly db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.db = db;
  }

  async find(ids: readonly string[], now: Milliseconds): Promise<readonly OwnedObject[]> {
    const found: OwnedObject[] = [];
    for (const some of inParts(ids)) {
      const rows = await this.db
        .selectFrom('objects')
        .selectAll()
        .where('id', 'in', some)
        .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
        .execute();
      found.push(...rows.map(toObject));
    }
    return found;
  }

  async add(objects: readonly OwnedObject[]): Promise<void> {
    if (objects.length === 0) return;
    await this.db.transaction().execute(async (transaction) => {
      for (const some of inParts(objects)) {
        await transaction
          .insertInto('objects')
          .values(some.map(toRow))
          .onConflict((conflict) => conflict.column('id').doNothing())
          .execute();
      }
    });
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const some of inParts(ids)) await this.db.deleteFrom('objects').where('id', 'in', some).execute();
  }

  async removeExpired(now: Milliseconds): Promise<void> {
    await this.db.deleteFrom('objects').where('expires_at', '<=', now).execute();
  }
}

function* inParts<T>(all: readonly T[]): Iterable<readonly T[]> {
  for (let at = 0; at < all.length; at += ROWS_AT_ONCE) yield all.slice(at, at + ROWS_AT_ONCE);
}

function toRow({ id, tenant, provider, account, expiresAt }: OwnedObject): ObjectRow {
  return { id, tenant, provider, account, expires_at: expiresAt };
}

function toObject({ id, tenant, provider, account, expires_at }: ObjectRow): OwnedObject {
  return { id, tenant, provider, account, expiresAt: expires_at };
}
