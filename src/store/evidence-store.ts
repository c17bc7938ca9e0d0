import type { Kysely, Transaction } from 'kysely';
import type { Clock } from '../core/clock.ts';
import type { EvidenceStore, Lease, SentBatch, StoredAnalysis, StoredEvidence } from '../core/stores.ts';
import type { Backend } from './backend.ts';
import { forgetSenders, isFirstTime } from './batch-senders.ts';
import { checkHeld } from './check-held.ts';
import { inOneView } from './one-view.ts';
import type { Tables } from './tables.ts';

/** Of the one row of `evidence_position`. */
const POSITION = 1;

const NOTHING_READ = { edition: '', analyses: [] } as const;

export class SqlEvidenceStore implements EvidenceStore {
  private readonly backend: Backend;
  private readonly clock: Clock;
  private read: { readonly edition: string; readonly analyses: readonly StoredAnalysis[] } = NOTHING_READ;

  constructor(backend: Backend, clock: Clock) {
    this.backend = backend;
    this.clock = clock;
  }

  private get db(): Kysely<Tables> {
    return this.backend.db;
  }

  append(batch: string): Promise<void> {
    return this.db.transaction().execute((transaction) => this.add(transaction, [batch]));
  }

  appendOnce(batches: readonly SentBatch[]): Promise<void> {
    return this.db.transaction().execute(async (transaction) => {
      const fresh: string[] = [];
      for (const { id, batch } of batches) if (await isFirstTime(transaction, id, this.clock.wall())) fresh.push(batch);
      await this.add(transaction, fresh);
    });
  }

  async batchesAfter(id: number, limit: number): Promise<readonly { readonly id: number; readonly batch: string }[]> {
    return this.db.selectFrom('outcome_batches').selectAll().where('id', '>', id).orderBy('id').limit(limit).execute();
  }

  async load(): Promise<{ readonly upTo: number; readonly evidence: readonly StoredEvidence[] }> {
    return inOneView(this.db, async (transaction) => {
      const { up_to } = await transaction
        .selectFrom('evidence_position')
        .select('up_to')
        .where('id', '=', POSITION)
        .executeTakeFirstOrThrow();
      return { upTo: up_to, evidence: await transaction.selectFrom('evidence').selectAll().execute() };
    });
  }

  async save(evidence: readonly StoredEvidence[], gone: readonly string[], upTo: number, lease: Lease): Promise<void> {
    await this.whileHeld(lease, async (transaction) => {
      for (const { subject, snapshot } of evidence)
        await transaction
          .insertInto('evidence')
          .values({ subject, snapshot })
          .onConflict((conflict) => conflict.column('subject').doUpdateSet({ snapshot }))
          .execute();
      if (gone.length > 0) await transaction.deleteFrom('evidence').where('subject', 'in', gone).execute();
      await transaction.updateTable('evidence_position').set({ up_to: upTo }).where('id', '=', POSITION).execute();
      await transaction.deleteFrom('outcome_batches').where('id', '<=', upTo).execute();
      await forgetSenders(transaction, this.clock.wall());
    });
  }

  async publish(
    analyses: readonly Omit<StoredAnalysis, 'updatedAt'>[],
    gone: readonly string[],
    lease: Lease,
  ): Promise<void> {
    await this.whileHeld(lease, async (transaction) => {
      // It always grows: by it others know that there is something new.
      const updated_at = Math.max(this.clock.wall(), ((await editionOf(transaction)).newest ?? 0) + 1);
      for (const { subject, analysis } of analyses)
        await transaction
          .insertInto('analyses')
          .values({ subject, analysis, updated_at })
          .onConflict((conflict) => conflict.column('subject').doUpdateSet({ analysis, updated_at }))
          .execute();
      if (gone.length > 0) await transaction.deleteFrom('analyses').where('subject', 'in', gone).execute();
    });
  }

  /** Every gateway asks four times a second, and the texts are long: read only where there are others than last time. */
  async analyses(): Promise<readonly StoredAnalysis[]> {
    const { newest, count } = await editionOf(this.db);
    const edition = `${newest} ${count}`;
    if (edition !== this.read.edition) this.read = { edition, analyses: await this.readAnalyses() };
    return this.read.analyses;
  }

  private async readAnalyses(): Promise<readonly StoredAnalysis[]> {
    const rows = await this.db.selectFrom('analyses').selectAll().execute();
    return rows.map(({ subject, analysis, updated_at }) => ({ subject, analysis, updatedAt: updated_at }));
  }

  /** Last in a transaction: until its end nobody else adds any. */
  private async add(transaction: Transaction<Tables>, batches: readonly string[]): Promise<void> {
    if (batches.length === 0) return;
    await this.backend.lockSequence(transaction, 'outcome_batches');
    const rows = batches.map((batch) => ({ batch }));
    await transaction.insertInto('outcome_batches').values(rows).execute();
  }

  /** @throws LeaseLostError */
  private async whileHeld(lease: Lease, work: (transaction: Transaction<Tables>) => Promise<void>): Promise<void> {
    await this.db.transaction().execute(async (transaction) => {
      await checkHeld(transaction, lease);
      await work(transaction);
    });
  }
}

function editionOf(db: Kysely<Tables>): Promise<{ readonly newest: number | null; readonly count: number }> {
  return db
    .selectFrom('analyses')
    .select(({ fn }) => [fn.max<number | null>('updated_at').as('newest'), fn.countAll<number>().as('count')])
    .executeTakeFirstOrThrow();
}
