import type { Insertable, Kysely, Selectable, Transaction } from 'kysely';
import type { JsonValue } from '../core/rollout.ts';
import {
  VersionConflictError,
  type Lease,
  type RolloutEvent,
  type RolloutRevision,
  type RolloutStore,
  type StoredRollout,
} from '../core/stores.ts';
import type { Backend } from './backend.ts';
import { checkHeld } from './check-held.ts';
import type { RolloutEventRow, RolloutRow, Tables } from './tables.ts';

/** Rollouts in SQL that every supported database takes. */
export class SqlRolloutStore implements RolloutStore {
  private readonly backend: Backend;

  constructor(backend: Backend) {
    this.backend = backend;
  }

  private get db(): Kysely<Tables> {
    return this.backend.db;
  }

  async list(): Promise<readonly StoredRollout[]> {
    const rows = await this.db.selectFrom('rollouts').selectAll().orderBy('name').execute();
    return rows.map(toStored);
  }

  async get(name: string): Promise<StoredRollout | null> {
    const row = await this.db.selectFrom('rollouts').selectAll().where('name', '=', name).executeTakeFirst();
    return row === undefined ? null : toStored(row);
  }

  async put(
    next: StoredRollout,
    expectedVersion: number,
    event: Omit<RolloutEvent, 'id'>,
    fence?: Lease,
  ): Promise<void> {
    await this.db.transaction().execute(async (transaction) => {
      if (fence !== undefined) await checkHeld(transaction, fence);
      const written =
        expectedVersion === 0 ? await insert(transaction, next) : await update(transaction, next, expectedVersion);
      if (!written) throw new VersionConflictError(next.name);
      await insertRevision(transaction, next, event.actor);
      await this.addEvent(transaction, event);
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
      await transaction.deleteFrom('rollout_revisions').where('rollout', '=', name).execute();
      await this.addEvent(transaction, event);
    });
  }

  async history(name: string, limit: number): Promise<readonly RolloutEvent[]> {
    const rows = await this.db
      .selectFrom('rollout_events')
      .selectAll()
      .where('rollout', '=', name)
      .where('kind', '=', 'rollout')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(toEvent);
  }

  async revisions(name: string, limit: number): Promise<readonly RolloutRevision[]> {
    const rows = await this.db
      .selectFrom('rollout_revisions')
      .select(['rollout', 'revision', 'declared', 'at', 'actor'])
      .where('rollout', '=', name)
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map((row) => ({ ...row, declared: JSON.parse(row.declared) as JsonValue }));
  }

  note(event: Omit<RolloutEvent, 'id'>, fence?: Lease): Promise<number> {
    return this.db.transaction().execute(async (transaction) => {
      if (fence !== undefined) await checkHeld(transaction, fence);
      return this.addEvent(transaction, event);
    });
  }

  async eventsAfter(id: number, limit: number): Promise<readonly RolloutEvent[]> {
    const rows = await this.db
      .selectFrom('rollout_events')
      .selectAll()
      .where('id', '>', id)
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(toEvent);
  }

  async newestEvent(): Promise<number> {
    const { newest } = await this.db
      .selectFrom('rollout_events')
      .select(({ fn }) => fn.max('id').as('newest'))
      .executeTakeFirstOrThrow();
    return (newest as number | null) ?? 0;
  }

  /** Last in a transaction: until its end nobody else adds one. */
  private async addEvent(transaction: Transaction<Tables>, event: Omit<RolloutEvent, 'id'>): Promise<number> {
    await this.backend.lockSequence(transaction, 'rollout_events');
    const row = transaction.insertInto('rollout_events').values(toEventRow(event)).returning('id');
    const { id } = await row.executeTakeFirstOrThrow();
    await this.backend.tell(transaction, 'rollouts');
    return id;
  }
}

/** Once for each revision; writes that only change the state find theirs there. */
async function insertRevision(transaction: Transaction<Tables>, next: StoredRollout, actor: string): Promise<void> {
  const { name: rollout, revision, updatedAt: at } = next;
  const newest = await transaction
    .selectFrom('rollout_revisions')
    .select('revision')
    .where('rollout', '=', rollout)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (newest?.revision === revision) return;
  const declared = JSON.stringify(next.declared);
  await transaction.insertInto('rollout_revisions').values({ rollout, revision, declared, at, actor }).execute();
}

function toEventRow(event: Omit<RolloutEvent, 'id'>): Insertable<RolloutEventRow> {
  const detail = event.detail === null ? null : JSON.stringify(event.detail);
  // The one character that not every database takes; people give reasons.
  return { ...event, reason: event.reason.replaceAll('\0', ' '), detail };
}

function toEvent(row: Selectable<RolloutEventRow>): RolloutEvent {
  return { ...row, detail: row.detail === null ? null : (JSON.parse(row.detail) as JsonValue) };
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
    epoch: stored.state.epoch,
    since: stored.state.since,
    winner: stored.state.winner,
    salt_turn: stored.state.saltTurn,
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
    state: {
      phase: row.phase,
      step: row.step,
      weight: row.weight,
      desired: row.desired,
      epoch: row.epoch,
      since: row.since,
      winner: row.winner,
      saltTurn: row.salt_turn,
    },
    revision: row.revision,
    version: row.version,
    updatedAt: row.updated_at,
  };
}
