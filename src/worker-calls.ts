import type { Written } from './audit/audit-writer.ts';
import type { Patience } from './controller/outcome-buffer.ts';
import type { ShadowPair } from './core/analysis.ts';
import type { AuditRecord } from './core/audit.ts';
import type { Config } from './core/config.ts';
import type { FeedbackEntry } from './core/outcome.ts';
import type { SubjectAllowance } from './core/principal.ts';
import type { RequestRecord } from './core/recent.ts';
import type { Rollout } from './core/rollout.ts';
import type { CounterStore, KeyStore, ObjectStore } from './core/stores.ts';
import type { TranslatedItem } from './core/translation.ts';
import type { CountingCalls, LeasingCalls } from './counters/remote-counters.ts';
import type { Figures } from './record/figures.ts';
import type { SnapshotSecrets } from './snapshot.ts';

/** What a worker begins with. */
export interface Beginning {
  /** Its place among the workers, from 1. */
  readonly slot: number;
  readonly config: Config;
  readonly logLevel: string;
  /** Where it listens, and what counts: as when the gateway was started, whatever a reload says. */
  readonly host: string;
  readonly port: number;
  readonly counters: string;
  readonly secrets: SnapshotSecrets;
  readonly rollouts: readonly Rollout[];
  readonly pushed: Pushed;
}

/** What every worker is told of as soon as it changes. */
export interface Pushed {
  readonly patience: ReadonlyMap<string, Patience>;
  /** Whether the control process can write what has to be recorded. */
  readonly canAudit: boolean;
}

/** What a worker hands over, each second and when it is asked. */
export interface WorkerReport {
  readonly figures: Figures;
  /** Requests that have ended since the report before, oldest first. */
  readonly requests: readonly RequestRecord[];
  /** Of the keys of the store that it has seen. */
  readonly allowances: readonly SubjectAllowance[];
  /** For readiness. */
  readonly troubles: readonly string[];
}

/** What workers ask of the control process. Limits and budgets only where they are counted there. */
export interface ControlCalls extends CountingCalls {
  begin(): Beginning;
  /** All is there but the port: resolves when it is on the configuration in force. */
  prepared(): Promise<void>;
  listening(): void;
  /** Why it cannot begin. */
  failed(message: string): void;
  /** It takes no new requests any more. */
  leaving(): void;
  report(report: WorkerReport): void;
  takePlaces(): Promise<number>;
  keysWithDigests: KeyStore['withDigests'];
  keysChangedAfter: KeyStore['changedAfter'];
  newestKeyChange: KeyStore['newestChange'];
  findObjects: ObjectStore['find'];
  addObjects: ObjectStore['add'];
  removeObjects: ObjectStore['remove'];
  addToCounter: CounterStore['add'];
  counterValue: CounterStore['value'];
  raiseCounter: CounterStore['raise'];
  appendOutcomes(batch: string): Promise<void>;
  writeAudit(records: readonly AuditRecord[], mayBeKnown: boolean): Promise<Written>;
  siblingFeedback(entry: FeedbackEntry): Promise<FeedbackEntry | null>;
  siblingItems(caller: string, ids: readonly string[]): Promise<readonly TranslatedItem[]>;
}

/** What the control process asks of a worker. */
export interface WorkerCalls extends LeasingCalls {
  /** Makes a configuration ready, beside the one in force. Rejects where a part refuses it. */
  prepare(config: Config): Promise<void>;
  /** Brings what was prepared into force. */
  commit(rollouts: readonly Rollout[]): void | Promise<void>;
  discard(): Promise<void>;
  rollouts(rollouts: readonly Rollout[]): void;
  pushed(pushed: Pushed): void;
  /** The spool of the trail is in the chain. */
  auditDrained(): void;
  keysChanged(): Promise<void>;
  giveBackPlaces(): Promise<number>;
  report(): Promise<WorkerReport>;
  /** Answered as soon as the event loop turns. */
  isTurning(): void;
  pairs(rollout: string, limit: number): Promise<readonly ShadowPair[]>;
  /** Undefined: the request was not served there. */
  feedbackFor(entry: FeedbackEntry): Promise<FeedbackEntry | null | undefined>;
  itemsOf(caller: string, ids: readonly string[]): Promise<readonly TranslatedItem[]>;
  /** Finish what is open, and end. */
  drain(): void;
}
