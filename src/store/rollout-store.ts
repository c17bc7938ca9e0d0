import type { Kysely, Transaction } from 'kysely';
import type { JsonValue } from '../core/rollout.ts';
import { VersionConflictError, type RolloutEvent, type RolloutStore, type StoredRollout } from '../core/stores.ts';
import type { RolloutRow, Tables } from './tables.ts';

/** Rollouts in SQL that every supported database takes. */
export class SqlRolloutStore implements RolloutStore {
  private readonly db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.db = db;
  }

  async list(): Promise<readonly StoredRollout[]> {
    const rows = await this.db.selectFrom('rollouts').selectAll().orderBy('name').execute();
    return rows.map(toStored);
  }

  async get(name: string): Promise<StoredRollout | null> {
    const row = await this.db.selectFrom('rollouts').selectAll().where('name', '=', name).executeTakeFirst();
    return row === undefined ? null : toStored(row);
  }

  async put(next: StoredRollout, expectedVersion: number, event: Omit<RolloutEvent, 'id'>): Promise<void> {
    await this.db.transaction().execute(async (transaction) => {
      const written =
        expectedVersion === 0 ? await insert(transaction, next) : await update(transaction, next, expectedVersion);
      if (!written) throw new VersionConflictError(next.name);
      await transaction.insertInto('rollout_events').values(event).execute();
    });
  }

  async delete(name: string, expectedVersion: number, event: Omit<RolloutEvent, 'id'>): Promise<void> {
    await this.db.transaction().execute(async (transaction) => {
      const { numDeletedRows } = await transaction
        .deleteFrom('rollouts')
        .where('name', '=', name)
        .where('version', '=', expectedVersion)
        .executeTakeFirstOrThrow();
      if (numDeletedRows === 0n) throw new VersionConflictError(name);
      await transaction.insertInto('rollout_events').values(event).execute();
    });
  }

  async history(name: string, limit: number): Promise<readonly RolloutEvent[]> {
    return this.db
      .selectFrom('rollout_events')
      .selectAll()
      .where('rollout', '=', name)
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
  }
}

/** False where the name is taken: a conflict to report, not a database error. */
async function insert(transaction: Transaction<Tables>, next: StoredRollout): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('rollouts')
    .values(toRow(next))
    .onConflict((conflict) => conflict.column('name').doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

async function update(
  transaction: Transaction<Tables>,
  next: StoredRollout,
  expectedVersion: number,
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('rollouts')
    .set(toRow(next))
    .where('name', '=', next.name)
    .where('version', '=', expectedVersion)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

function toRow(stored: StoredRollout): RolloutRow {
  return {
    name: stored.name,
    declared: JSON.stringify(stored.declared),
    config_hash: stored.configHash,
    phase: stored.state.phase,
    step: stored.state.step,
    weight: stored.state.weight,
    desired: stored.state.desired,
    revision: stored.revision,
    version: stored.version,
    updated_at: stored.updatedAt,
  };
}

function toStored(row: RolloutRow): StoredRollout {
  return {
    name: row.name,
    declared: JSON.parse(row.declared) as JsonValue,
    configHash: row.config_hash,
    state: { phase: row.phase, step: row.step, weight: row.weight, desired: row.desired },
    revision: row.revision,
    version: row.version,
    updatedAt: row.updated_at,
  };
}
