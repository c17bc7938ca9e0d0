import type { AuditEntryView, AuditQuery, AuditRecord, AuditVerdict, StoredCheckpoint } from '../core/audit.ts';
import type { JsonValue } from '../core/rollout.ts';
import type { Written } from './audit-writer.ts';
import type { CheckpointEvery } from './chain-writer.ts';
import type { SpoolOwner } from '../spool/line-spool.ts';

/** What the thread of the trail is asked for. */
export interface AuditCalls {
  write(records: readonly AuditRecord[], mayBeKnown: boolean): Promise<Written>;
  entries(query: AuditQuery): Promise<readonly AuditEntryView[]>;
  checkpoints(afterSize: number, limit: number): Promise<readonly StoredCheckpoint[]>;
  verify(kept: string): Promise<AuditVerdict>;
  close(): Promise<void>;
}

export interface AuditCall {
  readonly id: number;
  readonly method: keyof AuditCalls;
  readonly args: readonly unknown[];
}

export type AuditMessage =
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly message: string }
  | {
      readonly type: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly message: string;
      readonly detail: Readonly<Record<string, JsonValue>>;
    }
  | { readonly type: 'drained'; readonly count: number }
  | { readonly type: 'checkpoint-file'; readonly reason: string | null };

/** What the thread needs to begin. */
export interface AuditThreadSettings {
  /** Of the store. */
  readonly url: string;
  readonly seed: Uint8Array;
  readonly spool: string | null;
  readonly checkpointFile: string | null;
  readonly every: CheckpointEvery;
  readonly owner: SpoolOwner;
}
