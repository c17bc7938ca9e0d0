import { hash, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { AuditRecord, AuditStore } from '../core/audit.ts';
import type { Clock } from '../core/clock.ts';
import type { JsonValue } from '../core/rollout.ts';
import type { Bytes, Milliseconds } from '../core/units.ts';
import type { ChainWriter } from './chain-writer.ts';
import type { CheckpointFile } from './checkpoint-file.ts';
import { contradiction } from './kept-checkpoints.ts';
import type { NoteVerifier } from './signed-note.ts';
import type { AbandonedSpool, Spool } from './spool.ts';

/** A store that is away is not waited for at every group. */
const REST_AFTER_FAILURE: Milliseconds = 1_000;
/**
 * Between transactions, for whoever serves: it waits for the store's lock only a moment, and looks only now and then.
 * At least so long, and as long as the last transaction took up to the most: the lock is free half of the time.
 */
const ROOM = { least: 5, most: 50 } as const;
/** Of a spool that is taken into the chain: others get their turn between. */
const GROUP = 500;

/** Where a group is now. */
export interface Written {
  readonly place: 'chain' | 'spool';
  /** Why it is not in the chain. */
  readonly reason: string | null;
}

export interface AuditWriterDeps {
  readonly chain: ChainWriter;
  /** Null: there is no place for one, as with a store in memory. */
  readonly spool: Spool | null;
  readonly checkpointFile: CheckpointFile;
  readonly clock: Clock;
  readonly host: string;
  /** For the log. */
  tell(level: 'info' | 'warn' | 'error', message: string, detail: Readonly<Record<string, JsonValue>>): void;
  /** What was spooled is in the chain. */
  drained(count: number): void;
  /** Checkpoints cannot be written to their file; null: they can again. */
  checkpointTrouble(reason: string | null): void;
}

/** Puts groups of entries where they last: into the chain, or while that cannot be written into the spool. One at a time. */
export class AuditWriter {
  private readonly deps: AuditWriterDeps;
  private queue: Promise<unknown> = Promise.resolve();
  private restUntil: Milliseconds = 0;
  private roomUntil: Milliseconds = -Infinity;
  private reason: string | null = null;
  /** An earlier process may have left some. */
  private hasUnsigned = true;
  private hasCheckpointTrouble = false;
  private isSpoolReadable = true;

  constructor(deps: AuditWriterDeps) {
    this.deps = deps;
  }

  /** @throws Error where neither chain nor spool takes them */
  write(records: readonly AuditRecord[], mayBeKnown: boolean): Promise<Written> {
    return this.inTurn(() => this.writeNow(records, mayBeKnown));
  }

  /** Now and then: takes what is spooled into the chain, signs what is not signed. */
  tick(): Promise<void> {
    return this.inTurn(async () => {
      this.touch();
      if (this.isResting()) return;
      try {
        await this.drain();
        await this.sign(false);
        await this.adopt();
      } catch (error) {
        this.failed(error);
      }
      this.writeCheckpoints();
    });
  }

  /** Signs the end. */
  close(): Promise<void> {
    return this.inTurn(async () => {
      try {
        await this.drain();
        await this.sign(true);
      } catch (error) {
        this.failed(error);
      }
      this.writeCheckpoints();
    });
  }

  /** At the start: whether the store is one that an older copy was put in the place of. */
  checkKept(store: AuditStore, verifier: NoteVerifier): Promise<void> {
    const { checkpointFile, tell, clock } = this.deps;
    return this.inTurn(async () => {
      try {
        const detail = await contradiction(store, verifier, checkpointFile.newest(verifier.name));
        if (detail === null) return;
        tell(
          'error',
          'the audit trail is not the one that audit.checkpoints tells of: see `sluice audit verify`',
          detail,
        );
        const what = { kind: 'audit.rolled_back', actor: 'gateway', subject: 'audit', detail } as const;
        await this.append([{ id: randomUUID(), phase: 'fact', at: clock.wall(), ...what }], false);
      } catch (error) {
        tell('warn', 'the trail could not be compared with audit.checkpoints', { reason: (error as Error).message });
      }
    });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.queue.then(work);
    this.queue = done.catch(() => {});
    return done;
  }

  private async writeNow(records: readonly AuditRecord[], mayBeKnown: boolean): Promise<Written> {
    if (!this.isResting()) {
      try {
        await this.drain();
        await this.append(records, mayBeKnown);
        this.reason = null;
        return { place: 'chain', reason: null };
      } catch (error) {
        this.failed(error);
      }
    }
    const { spool } = this.deps;
    if (spool === null) throw new Error(this.reason!);
    spool.append(records);
    return { place: 'spool', reason: this.reason };
  }

  private async append(records: readonly AuditRecord[], mayBeKnown: boolean): Promise<void> {
    const { chain, clock } = this.deps;
    const room = this.roomUntil - clock.now();
    // For an intent somebody waits.
    if (room > 0 && !records.some(({ phase }) => phase === 'intent')) await wait(Math.min(room, ROOM.most));
    const begun = clock.now();
    const { checkpoint, written } = await chain.append(records, mayBeKnown).finally(() => {
      const now = clock.now();
      this.roomUntil = now + Math.min(ROOM.most, Math.max(ROOM.least, now - begun));
    });
    this.hasUnsigned = checkpoint === null && (this.hasUnsigned || written > 0);
    if (checkpoint !== null) this.deps.checkpointFile.add(checkpoint);
    this.writeCheckpoints();
  }

  /** In order: what is in the spool came before. A crash in between repeats it, and the chain knows what it has. */
  private async drain(): Promise<void> {
    const { spool } = this.deps;
    if (spool === null || spool.isEmpty) return;
    const records = spool.read();
    await this.appendAll(records);
    spool.clear();
    this.reason = null;
    this.deps.drained(records.length);
    this.deps.tell('info', 'audit entries that waited in the spool are in the chain', { entries: records.length });
  }

  /** What processes have left that were killed while the store was away. */
  private async adopt(): Promise<void> {
    const { tell } = this.deps;
    for (const left of this.abandoned()) {
      await this.appendAll([...left.records, ...this.repairNote(left)]);
      this.deps.spool?.remove(left);
      tell('info', 'audit entries that another process left in its spool are in the chain', {
        entries: left.records.length,
      });
    }
  }

  /** A directory that cannot be read is no fault of the store: the chain goes on. */
  private abandoned(): readonly AbandonedSpool[] {
    const { spool, clock, tell } = this.deps;
    try {
      const left = spool?.abandoned(clock.wall()) ?? [];
      this.isSpoolReadable = true;
      return left;
    } catch (error) {
      if (this.isSpoolReadable) tell('error', 'the audit spool cannot be read', { reason: (error as Error).message });
      this.isSpoolReadable = false;
      return [];
    }
  }

  private repairNote({ name, cutBytes, unreadable }: AbandonedSpool): readonly AuditRecord[] {
    if (cutBytes === 0 && unreadable === 0) return [];
    const { tell, clock, host } = this.deps;
    const detail = { cutBytes, unreadableLines: unreadable };
    tell('warn', 'an audit spool ended in the middle of an entry, which was never acknowledged: it was cut', detail);
    const what = { kind: 'audit.spool_repaired', actor: 'gateway', subject: `host:${host}`, detail } as const;
    // Where two processes take over one file, both notes are one.
    return [{ id: uuidOf(name, cutBytes), phase: 'fact', at: clock.wall(), ...what }];
  }

  /** What cannot be written now may be at the next tick. */
  private touch(): void {
    try {
      this.deps.spool?.touch();
    } catch (error) {
      this.failed(error);
    }
  }

  private async appendAll(records: readonly AuditRecord[]): Promise<void> {
    for (let from = 0; from < records.length; from += GROUP) await this.append(records.slice(from, from + GROUP), true);
  }

  private async sign(force: boolean): Promise<void> {
    if (!this.hasUnsigned) return;
    const { chain, checkpointFile } = this.deps;
    const { note, isSigned } = await chain.checkpoint(force);
    if (note !== null) checkpointFile.add(note);
    this.hasUnsigned = !isSigned;
  }

  private writeCheckpoints(): void {
    const { checkpointFile, checkpointTrouble } = this.deps;
    try {
      const cutBytes = checkpointFile.write();
      if (cutBytes > 0)
        this.deps.tell('warn', 'the file of checkpoints ended in the middle of one: it was cut', { cutBytes });
      if (this.hasCheckpointTrouble) checkpointTrouble(null);
      this.hasCheckpointTrouble = false;
    } catch (error) {
      if (!this.hasCheckpointTrouble) checkpointTrouble((error as Error).message);
      this.hasCheckpointTrouble = true;
    }
  }

  private isResting(): boolean {
    return this.deps.clock.now() < this.restUntil;
  }

  private failed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (this.reason === null) this.deps.tell('error', 'the audit trail cannot be written', { reason: message });
    this.reason = message;
    this.restUntil = this.deps.clock.now() + REST_AFTER_FAILURE;
  }
}

/** The same for the same file. */
function uuidOf(name: string, cutBytes: Bytes): string {
  const hex = hash('sha256', `${name} ${cutBytes}`, 'hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
