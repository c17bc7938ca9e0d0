import type { Kysely, Transaction } from 'kysely';
import type { StoredKey, StoredSecret } from '../core/keys.ts';
import type { JsonValue } from '../core/rollout.ts';
import { KeyNameTakenError, VersionConflictError, type KeyStore } from '../core/stores.ts';
import type { Backend } from './backend.ts';
import { inOneView } from './one-view.ts';
import type { ApiKeyRow, ApiKeySecretRow, Tables } from './tables.ts';

/** Of the one row of `api_key_changes`. */
const CHANGES = 1;

/** Databases bound the parameters of one statement. */
const IDS_AT_ONCE = 500;

export class SqlKeyStore implements KeyStore {
  private readonly backend: Backend;

  constructor(backend: Backend) {
    this.backend = backend;
  }

  private get db(): Kysely<Tables> {
    return this.backend.db;
  }

  list(): Promise<readonly StoredKey[]> {
    return this.read((db) =>
      db.selectFrom('api_keys').selectAll().orderBy('created_at', 'desc').orderBy('id').execute(),
    );
  }

  async get(id: string): Promise<StoredKey | null> {
    const [key] = await this.read((db) => db.selectFrom('api_keys').selectAll().where('id', '=', id).execute());
    return key ?? null;
  }

  withDigests(digests: readonly string[]): Promise<readonly StoredKey[]> {
    return this.read((db) =>
      db
        .selectFrom('api_keys')
        .selectAll()
        .where('id', 'in', db.selectFrom('api_key_secrets').select('key_id').where('digest', 'in', digests))
        .execute(),
    );
  }

  changedAfter(change: number, limit: number): Promise<readonly StoredKey[]> {
    return this.read((db) =>
      db.selectFrom('api_keys').selectAll().where('change', '>', change).orderBy('change').limit(limit).execute(),
    );
  }

  async newestChange(): Promise<number> {
    const query = this.db.selectFrom('api_key_changes').select('newest').where('id', '=', CHANGES);
    return (await query.executeTakeFirstOrThrow()).newest;
  }

  /** Taking the next number first makes writers wait for each other: numbers come into sight in their order. */
  async put(next: Omit<StoredKey, 'change'>, expectedVersion: number): Promise<void> {
    await this.db.transaction().execute(async (transaction) => {
      const { newest } = await transaction
        .updateTable('api_key_changes')
        .set(({ eb }) => ({ newest: eb('newest', '+', 1) }))
        .where('id', '=', CHANGES)
        .returning('newest')
        .executeTakeFirstOrThrow();
      await checkName(transaction, next);
      const row = toRow({ ...next, change: newest });
      if (!(await write(transaction, row, expectedVersion))) throw new VersionConflictError(next.name, 'key');
      await transaction.deleteFrom('api_key_secrets').where('key_id', '=', next.id).execute();
      const secrets = next.secrets.map((secret) => toSecretRow(next.id, secret));
      await transaction.insertInto('api_key_secrets').values(secrets).execute();
      await this.backend.tell(transaction, 'keys');
    });
  }

  /** Keys and their secrets from one view of the store. Where no key is found, one statement is all. */
  private async read(select: (db: Kysely<Tables>) => Promise<ApiKeyRow[]>): Promise<readonly StoredKey[]> {
    return inOneView(this.db, async (transaction) => {
      const rows = await select(transaction);
      const secrets = new Map<string, StoredSecret[]>(rows.map(({ id }) => [id, []]));
      for (let start = 0; start < rows.length; start += IDS_AT_ONCE) {
        const ids = rows.slice(start, start + IDS_AT_ONCE).map(({ id }) => id);
        for (const secret of await secretsOf(transaction, ids)) secrets.get(secret.key_id)!.push(toSecret(secret));
      }
      return rows.map((row) => toStored(row, secrets.get(row.id)!));
    });
  }
}

function secretsOf(transaction: Transaction<Tables>, ids: readonly string[]): Promise<ApiKeySecretRow[]> {
  return transaction
    .selectFrom('api_key_secrets')
    .selectAll()
    .where('key_id', 'in', ids)
    .orderBy('created_at', 'desc')
    .orderBy('valid_until', (order) => order.desc().nullsFirst())
    .execute();
}

/** The index would refuse it as well, in words of the database. @throws KeyNameTakenError */
async function checkName(transaction: Transaction<Tables>, { id, name, revokedAt }: Omit<StoredKey, 'change'>) {
  if (revokedAt !== null) return;
  const other = await transaction
    .selectFrom('api_keys')
    .select('id')
    .where('name', '=', name)
    .where('revoked_at', 'is', null)
    .where('id', '!=', id)
    .executeTakeFirst();
  if (other !== undefined) throw new KeyNameTakenError(name);
}

async function write(transaction: Transaction<Tables>, row: ApiKeyRow, expectedVersion: number): Promise<boolean> {
  if (expectedVersion === 0) {
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('api_keys')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  }
  const { numUpdatedRows } = await transaction
    .updateTable('api_keys')
    .set(row)
    .where('id', '=', row.id)
    .where('version', '=', expectedVersion)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

function toRow(key: StoredKey): ApiKeyRow {
  return {
    id: key.id,
    name: key.name,
    declared: JSON.stringify(key.declared),
    created_at: key.createdAt,
    updated_at: key.updatedAt,
    revoked_at: key.revokedAt,
    version: key.version,
    change: key.change,
  };
}

function toStored(row: ApiKeyRow, secrets: readonly StoredSecret[]): StoredKey {
  return {
    id: row.id,
    name: row.name,
    declared: JSON.parse(row.declared) as JsonValue,
    secrets,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    revokedAt: row.revoked_at,
    version: row.version,
    change: row.change,
  };
}

function toSecretRow(key_id: string, secret: StoredSecret): ApiKeySecretRow {
  const { digest, prefix, createdAt: created_at, validUntil: valid_until } = secret;
  return { digest, key_id, prefix, created_at, valid_until };
}

function toSecret({ digest, prefix, created_at, valid_until }: ApiKeySecretRow): StoredSecret {
  return { digest, prefix, createdAt: created_at, validUntil: valid_until };
}
