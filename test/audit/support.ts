import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { readEntries, verifyStore } from '../../src/audit/audit-reader.ts';
import { ChainWriter } from '../../src/audit/chain-writer.ts';
import { NoteSigner } from '../../src/audit/signed-note.ts';
import type { AuditEntryView, AuditRecord, AuditStore, AuditVerdict } from '../../src/core/audit.ts';
import type { Clock } from '../../src/core/clock.ts';
import { openAuditStore } from '../../src/store/open-audit-store.ts';
import { openStores } from '../../src/store/open-stores.ts';

export const NOON = Date.UTC(2026, 0, 31, 12);
export const SIGNER = new NoteSigner(Buffer.alloc(32, 7), 'test');

/** Goes on by hand. */
export class FakeClock implements Clock {
  time = 0;

  now(): number {
    return this.time;
  }

  wall(): number {
    return NOON + this.time;
  }
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-audit-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function recordOf(change: Partial<AuditRecord> = {}): AuditRecord {
  return {
    id: randomUUID(),
    kind: 'test.entry',
    phase: 'fact',
    actor: 'tester',
    subject: 'subject',
    at: NOON,
    detail: { count: 1 },
    ...change,
  };
}

export const recordsOf = (count: number): AuditRecord[] =>
  Array.from({ length: count }, (_, index) => recordOf({ detail: { index } }));

export interface TestChain {
  readonly path: string;
  readonly clock: FakeClock;
  readonly store: AuditStore;
  readonly writer: ChainWriter;
  /** What somebody with access to the file does. */
  readonly database: Database.Database;
  verify(kept?: string): Promise<AuditVerdict>;
  entries(): Promise<readonly AuditEntryView[]>;
  /** Every checkpoint so far, as the file of checkpoints has them. */
  kept(): Promise<string>;
}

/** A chain in a file. @param every entries between checkpoints */
export async function openTestChain(
  every = 1_000_000,
  path = join(temporaryFolder(), 'sluice.db'),
): Promise<TestChain> {
  const clock = new FakeClock();
  const url = `sqlite:${path}`;
  await (await openStores(url, clock)).close();
  const store = await openAuditStore(url, clock, 1_000);
  const database = new Database(path);
  // What is tampered with has to outlive no power failure.
  database.pragma('synchronous = OFF');
  onTestFinished(async () => {
    database.close();
    await store.close();
  });
  return {
    path,
    clock,
    store,
    database,
    writer: new ChainWriter(store, SIGNER, { entries: every, time: 1e15 }, clock),
    verify: (kept = '') => verifyStore(store, SIGNER.verifier, kept),
    entries: () => readEntries(store, { after: 0, limit: 1_000 }),
    kept: async () => (await store.checkpoints(0, 1_000)).map(({ note }) => `${note}\n`).join(''),
  };
}
