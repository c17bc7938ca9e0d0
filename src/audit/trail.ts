import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
  AuditUnavailableError,
  type AuditAction,
  type AuditDraft,
  type AuditPhase,
  type AuditRecord,
  type AuditResult,
  type AuditTotals,
  type AuditTrail,
} from '../core/audit.ts';
import type { Clock } from '../core/clock.ts';
import type { JsonValue } from '../core/rollout.ts';
import type { Milliseconds } from '../core/units.ts';
import type { Written } from './audit-writer.ts';

/** Entries of requests gather for so long: each group costs the store a write to the disk. */
const GATHER: Milliseconds = 50;
/** To hand over more at once would hold the thread that serves. */
const GROUP = 256;
const RETRY: Milliseconds = 1_000;
/** For an intent that need not be recorded. */
const PATIENCE: Milliseconds = 2_000;
/** Losses are told together. */
const LOSS_EVERY: Milliseconds = 1_000;
/** At the end: so often is it tried to write what waits. */
const LAST_ATTEMPTS = 5;

/** What writes: a thread of its own. */
interface AuditPort {
  /** @param mayBeKnown an earlier attempt failed, and may have written some. Rejects where they are nowhere */
  write(records: readonly AuditRecord[], mayBeKnown: boolean): Promise<Written>;
}

export interface TrailDeps {
  readonly port: AuditPort;
  readonly clock: Clock;
  /** Entries that may wait; asked at each one. */
  capacity(): number;
  /** Kinds that must be recorded before they are done. */
  isRequired(kind: string): boolean;
  log(message: string, detail: object): void;
}

interface Waiting {
  readonly record: AuditRecord;
  /** Told where it is durable, or that it is not; null: nobody waits. */
  readonly settle: ((isWritten: boolean) => void) | null;
}

/** Takes entries from the thread that serves and has them written in groups; none is forgotten silently. */
export class AuditQueue implements AuditTrail {
  private readonly deps: TrailDeps;
  private waiting: Waiting[] = [];
  private timer: NodeJS.Timeout | null = null;
  private lossTimer: NodeJS.Timeout | null = null;
  private writing: Promise<void> | null = null;
  /** Somebody waits for what came while a group was being written. */
  private isUrgent = false;
  /** Of the group that failed, which comes first again. */
  private failedCount = 0;
  private reason: string | null = null;
  private readonly counts = { chain: 0, spool: 0, lost: 0, failures: 0 };
  /** Lost ones that are not in the chain as a number yet. */
  private untold = 0;
  private toldLossAt: Milliseconds = -Infinity;

  constructor(deps: TrailDeps) {
    this.deps = deps;
  }

  get isWritable(): boolean {
    return this.failedCount === 0 && this.waiting.length < this.deps.capacity() / 2;
  }

  totals(): AuditTotals {
    return { ...this.counts, queue: this.waiting.length };
  }

  /** What readiness tells. */
  troubles(): readonly string[] {
    return [
      ...(this.failedCount === 0
        ? []
        : [`audit entries cannot be written (${this.reason}); ${this.waiting.length} wait in memory`]),
      ...(this.failedCount > 0 || this.reason === null
        ? []
        : [`audit entries wait in the spool, as the store cannot take them: ${this.reason}`]),
      ...(this.counts.lost === 0 ? [] : [`${this.counts.lost} audit entries were lost: the queue was full`]),
    ];
  }

  /** The spool is in the chain. */
  drained(): void {
    if (this.failedCount === 0) this.reason = null;
  }

  append(draft: AuditDraft): void {
    this.add(this.record(draft, randomUUID(), 'fact'), null);
  }

  async action<T>(action: AuditAction<T>, work: () => Promise<T>): Promise<T> {
    const id = randomUUID();
    const isRequired = this.deps.isRequired(action.kind);
    const written = this.durably(this.record(action, id, 'intent'));
    const isWritten = await (isRequired ? written : withinPatience(written));
    if (!isWritten && isRequired) {
      this.outcome(action, id, 'refused', { code: 'audit_unavailable' });
      throw new AuditUnavailableError(action.kind);
    }
    try {
      const value = await work();
      this.outcome(action, id, 'done', action.told?.(value) ?? null);
      return value;
    } catch (error) {
      this.outcome(action, id, 'failed', { code: codeOf(error) });
      throw error;
    }
  }

  /** Resolves when what was told before is written, or has failed to be. */
  async flush(): Promise<void> {
    this.stopTimer();
    await this.writing;
    if (this.waiting.length > 0) await this.write();
  }

  /** @returns entries that could not be written anywhere */
  async close(): Promise<number> {
    for (let attempt = 0; this.waiting.length > 0 && attempt < LAST_ATTEMPTS; attempt++) await this.flush();
    if (this.waiting.length === 0 && this.untold > 0) {
      this.tellLoss();
      await this.flush();
    }
    this.stopTimer();
    this.stopLossTimer();
    return this.waiting.length + this.untold;
  }

  private record({ kind, actor, subject, detail }: AuditDraft, id: string, phase: AuditPhase): AuditRecord {
    return { kind, actor, subject, detail, id, phase, at: this.deps.clock.wall() };
  }

  private outcome(action: AuditDraft, id: string, result: AuditResult, told: JsonValue): void {
    this.add(this.record({ ...action, detail: { result, ...(told === null ? {} : { told }) } }, id, 'outcome'), null);
    this.writeSoon(0);
  }

  private durably(record: AuditRecord): Promise<boolean> {
    return new Promise((resolve) => {
      this.add(record, resolve);
      this.writeSoon(0);
    });
  }

  private add(record: AuditRecord, settle: Waiting['settle']): void {
    if (this.waiting.length >= this.room(record)) {
      this.lose();
      settle?.(false);
      return;
    }
    this.waiting.push({ record, settle });
    if (this.failedCount === 0) this.writeSoon(this.waiting.length >= GROUP ? 0 : GATHER);
  }

  /** A flood of denials must not keep anybody from changing something: intents and outcomes have room beyond it. */
  private room({ phase }: AuditRecord): number {
    const capacity = this.deps.capacity();
    return phase === 'fact' ? capacity : capacity + Math.ceil(capacity / 10);
  }

  private lose(): void {
    if (this.untold === 0 && this.mayTellLoss())
      this.deps.log('audit entries are lost: the queue is full', { reason: this.reason });
    this.counts.lost++;
    this.untold++;
  }

  /** A wish for now comes before one for later. */
  private writeSoon(delay: Milliseconds): void {
    if (this.writing !== null) {
      this.isUrgent ||= delay === 0;
      return;
    }
    if (delay === 0) {
      this.stopTimer();
      void this.write();
    } else this.timer ??= setTimeout(() => void this.write(), delay).unref();
  }

  private write(): Promise<void> {
    this.timer = null;
    this.writing ??= this.writeAll().finally(() => {
      this.writing = null;
      const delay = this.isUrgent ? 0 : GATHER;
      this.isUrgent = false;
      if (this.waiting.length > 0) this.writeSoon(this.failedCount > 0 ? RETRY : delay);
      else if (this.untold > 0) this.lossTimer ??= setTimeout(() => this.tellLoss(), LOSS_EVERY).unref();
    });
    return this.writing;
  }

  private async writeAll(): Promise<void> {
    // What comes while a group is written goes with the next one, or the last would wait for ever under load.
    for (let left = this.waiting.length; left > 0;) {
      const written = await this.writeGroup();
      if (written === 0) return;
      left -= written;
    }
  }

  /** @returns how many; 0: it failed */
  private async writeGroup(): Promise<number> {
    const group = this.waiting.slice(0, this.failedCount > 0 ? this.failedCount : GROUP);
    const records = group.map(({ record }) => record);
    try {
      const { place, reason } = await this.deps.port.write(records, this.failedCount > 0);
      this.waiting.splice(0, group.length);
      this.failedCount = 0;
      this.reason = reason;
      this.counts[place] += group.length;
    } catch (error) {
      this.failed(group, error);
      return 0;
    }
    for (const { settle } of group) settle?.(true);
    if (this.untold > 0 && this.mayTellLoss()) this.tellLoss();
    return group.length;
  }

  private failed(group: readonly Waiting[], error: unknown): void {
    this.reason = error instanceof Error ? error.message : String(error);
    if (this.failedCount === 0) this.deps.log('audit entries cannot be written', { reason: this.reason });
    this.failedCount = group.length;
    this.counts.failures++;
    // Whoever waits is told; the entries stay.
    for (const [index, { record, settle }] of this.waiting.entries()) {
      settle?.(false);
      if (settle !== null) this.waiting[index] = { record, settle: null };
    }
  }

  /** While more comes than can be written each group would have some. */
  private mayTellLoss(): boolean {
    return this.deps.clock.now() - this.toldLossAt >= LOSS_EVERY;
  }

  private tellLoss(): void {
    const count = this.untold;
    this.stopLossTimer();
    this.untold = 0;
    this.toldLossAt = this.deps.clock.now();
    this.append({ kind: 'audit.lost', actor: 'gateway', subject: 'audit', detail: { entries: count } });
  }

  private stopLossTimer(): void {
    if (this.lossTimer !== null) clearTimeout(this.lossTimer);
    this.lossTimer = null;
  }

  private stopTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}

/** What need not be recorded is done at last, though a disk may hang; what is told of it keeps its order. */
async function withinPatience(written: Promise<boolean>): Promise<boolean> {
  const over = new AbortController();
  const late = wait(PATIENCE, false, { signal: over.signal, ref: false }).catch(() => false);
  try {
    return await Promise.race([written, late]);
  } finally {
    over.abort();
  }
}

function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'internal_error';
}
