import type { Kysely, Transaction } from 'kysely';
import {
  DamagedStoreError,
  type AuditHead,
  type AuditQuery,
  type AuditStore,
  type AuditTransaction,
  type StoredAuditEntry,
  type StoredCheckpoint,
} from '../core/audit.ts';
import type { Tables } from './tables.ts';

/** Of the one row of `audit_head`. */
const HEAD = 1;
/** A statement of SQLite holds 32,766 values. */
const ROWS_AT_ONCE = 1_000;

type Db = Kysely<Tables> | Transaction<Tables>;

export class SqlAuditStore implements AuditStore {
  private readonly db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.db = db;
  }

  exclusively<T>(work: (transaction: AuditTransaction) => Promise<T>): Promise<T> {
    return this.db.transaction().execute(async (transaction) => {
      // A write that changes nothing, for its lock: between reading the head and moving it nobody else may.
      await transaction.updateTable('audit_head').set({ id: HEAD }).where('id', '=', HEAD).execute();
      return work(transactionOn(transaction));
    });
  }

  head(): Promise<AuditHead | null> {
    return readable(readHead(this.db));
  }

  entries({ after, before, kind, limit }: AuditQuery): Promise<readonly StoredAuditEntry[]> {
    let query = this.db.selectFrom('audit_entries').selectAll().limit(limit);
    if (kind !== undefined) query = query.where('kind', '=', kind);
    if (before !== undefined) query = query.where('seq', '<', before);
    if (after !== undefined) query = query.where('seq', '>', after);
    return readable(query.orderBy('seq', after === undefined ? 'desc' : 'asc').execute());
  }

  async outcomes(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (ids.length === 0) return new Map();
    const query = this.db.selectFrom('audit_entries').select(['id', 'entry']).where('phase', '=', 'outcome');
    const rows = await query.where('id', 'in', ids).execute();
    return new Map(rows.map(({ id, entry }) => [id, entry]));
  }

  checkpoints(afterSize: number, limit: number): Promise<readonly StoredCheckpoint[]> {
    const query = this.db.selectFrom('audit_checkpoints').selectAll().where('size', '>', afterSize);
    return readable(query.orderBy('size').limit(limit).execute());
  }

  close(): Promise<void> {
    return this.db.destroy();
  }
}

/** @throws DamagedStoreError where it is not a lock or an outage that keeps it from being read */
async function readable<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message: string };
    const isDamage = typeof code === 'string' && /^SQLITE_(?:CORRUPT|NOTADB|ERROR)/.test(code);
    throw isDamage ? new DamagedStoreError(message, { cause: error }) : error;
  }
}

function transactionOn(transaction: Transaction<Tables>): AuditTransaction {
  return {
    head: async () => {
      const head = await readHead(transaction);
      if (head === null) throw new Error('The head of the audit trail is missing; `sluice audit verify` tells more.');
      return head;
    },
    known: (ids) => readKnown(transaction, ids),
    addEntries: async (entries) => {
      for (let from = 0; from < entries.length; from += ROWS_AT_ONCE)
        await transaction
          .insertInto('audit_entries')
          .values(entries.slice(from, from + ROWS_AT_ONCE))
          .execute();
    },
    addCheckpoint: async (checkpoint) => {
      await transaction.insertInto('audit_checkpoints').values(checkpoint).execute();
    },
    setHead: (head) => writeHead(transaction, head),
  };
}

async function readKnown(transaction: Transaction<Tables>, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  for (let from = 0; from < ids.length; from += ROWS_AT_ONCE) {
    const some = ids.slice(from, from + ROWS_AT_ONCE);
    const query = transaction.selectFrom('audit_entries').select(['id', 'phase']).where('id', 'in', some);
    for (const { id, phase } of await query.execute()) known.add(`${id}/${phase}`);
  }
  return known;
}

async function readHead(db: Db): Promise<AuditHead | null> {
  const row = await db.selectFrom('audit_head').selectAll().where('id', '=', HEAD).executeTakeFirst();
  if (row === undefined) return null;
  if (typeof row.frontier !== 'string')
    throw new DamagedStoreError('the head of the chain is not one that was written');
  return {
    size: row.size,
    hash: row.hash,
    frontier: row.frontier === '' ? [] : row.frontier.split(' '),
    checkpoints: row.checkpoints,
    checkpointsHash: row.checkpoints_hash,
    checkpointSize: row.checkpoint_size,
    checkpointAt: row.checkpoint_at,
  };
}

async function writeHead(transaction: Transaction<Tables>, head: AuditHead): Promise<void> {
  await transaction
    .updateTable('audit_head')
    .set({
      size: head.size,
      hash: head.hash,
      frontier: head.frontier.join(' '),
      checkpoints: head.checkpoints,
      checkpoints_hash: head.checkpointsHash,
      checkpoint_size: head.checkpointSize,
      checkpoint_at: head.checkpointAt,
    })
    .where('id', '=', HEAD)
    .execute();
}
