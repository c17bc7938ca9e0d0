import type { Logger } from 'pino';
import type { AuditMessage } from './audit/audit-calls.ts';
import { AuditThread } from './audit/audit-thread.ts';
import type { Written } from './audit/audit-writer.ts';
import { ORIGIN } from './audit/checkpoint.ts';
import { NoteSigner } from './audit/signed-note.ts';
import { hasSpooled } from './spool/line-spool.ts';
import { thisProcess } from './spool/this-process.ts';
import { AuditQueue } from './audit/trail.ts';
import type { AuditRecord, AuditTotals, AuditTrail, AuditView } from './core/audit.ts';
import type { Clock } from './core/clock.ts';
import type { AuditConfig } from './core/config.ts';
import { compileGlob } from './core/glob.ts';

/** A checkout runs the sources. */
const MODULE = new URL(import.meta.url.endsWith('.ts') ? './audit-worker.ts' : './audit-worker.js', import.meta.url);
/** Taking traffic back from what is bad must not depend on anything. */
const NEVER_REFUSED = 'rollout.abort';

interface AuditParts {
  /** Of the store, which has been opened before. */
  readonly url: string;
  /** Of the key that signs. */
  readonly seed: Buffer;
  /** In force now. */
  config(): AuditConfig;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What the data plane needs of the trail. */
export interface RequestAudit {
  readonly trail: AuditTrail;
  /** Whether calls that have to be recorded can be. */
  canAudit(): boolean;
  totals(): AuditTotals;
  /** What readiness tells. */
  troubles(): readonly string[];
}

export interface Audit extends RequestAudit {
  readonly view: AuditView;
  /** Resolves when what was told before is written, or has failed to be. */
  flush(): Promise<void>;
  /** Calls back when the spool is in the chain. */
  onDrained(listener: () => void): void;
  /** What another process of this gateway has to say. @param mayBeKnown an earlier attempt failed, and may have written some */
  write(records: readonly AuditRecord[], mayBeKnown: boolean): Promise<Written>;
}

/** The trail of this gateway: a queue here, and a thread that writes. It begins with the first entry. */
export function openAudit({ url, seed, config, clock, log }: AuditParts, opened: AsyncDisposableStack): Audit {
  const { spool, checkpoints: checkpointFile, checkpointEvery: every } = config();
  const owner = thisProcess();
  const drained: (() => void)[] = [() => trail.drained()];
  let checkpointTrouble: string | null = null;
  const heard = (message: Exclude<AuditMessage, { type: 'answer' | 'error' }>): void => {
    if (message.type === 'log') log[message.level](message.detail, message.message);
    else if (message.type === 'drained') for (const listener of drained) listener();
    else {
      checkpointTrouble = message.reason;
      if (message.reason !== null) log.error({ reason: message.reason }, 'audit checkpoints cannot be written');
    }
  };
  const settings = { url, seed, spool, checkpointFile, every, owner };
  const thread = new AuditThread({ module: MODULE, settings, heard });
  const isRequired = requiredKinds(config);
  const trail = new AuditQueue({
    port: { write: (records, mayBeKnown) => thread.call('write', records, mayBeKnown) },
    clock,
    capacity: () => config().queue,
    isRequired,
    log: (message, detail) => log.error(detail, message),
  });
  opened.defer(async () => {
    const lost = await trail.close();
    if (lost > 0) log.error({ lost }, 'audit entries could not be written and are lost');
    await thread.close();
  });
  if (spool !== null && isSpoolInUse(spool)) thread.begin();
  return {
    trail,
    view: viewOf(trail, thread, new NoteSigner(seed, ORIGIN).verifier.text),
    flush: () => trail.flush(),
    onDrained: (listener) => void drained.push(listener),
    write: (records, mayBeKnown) => thread.call('write', records, mayBeKnown),
    canAudit: () => trail.isWritable || !isRequired('request'),
    totals: () => trail.totals(),
    troubles: () => [
      ...trail.troubles(),
      ...(checkpointTrouble === null
        ? []
        : [`audit checkpoints cannot be written to their file: ${checkpointTrouble}`]),
    ],
  };
}

/** @throws Error where it cannot be read: better now than when it is needed */
function isSpoolInUse(directory: string): boolean {
  try {
    return hasSpooled(directory);
  } catch (error) {
    throw new Error(
      `audit.spool cannot be read: ${(error as Error).message}; name a directory that this process owns.`,
      {
        cause: error,
      },
    );
  }
}

/** What has been told is seen: it is written first. */
function viewOf(trail: AuditQueue, thread: AuditThread, verifierKey: string): AuditView {
  return {
    verifierKey,
    entries: async (query) => {
      await trail.flush();
      return thread.call('entries', query);
    },
    checkpoints: (afterSize, limit) => thread.call('checkpoints', afterSize, limit),
    verify: async (kept) => {
      await trail.flush();
      return thread.call('verify', kept);
    },
  };
}

/** Kinds that must be recorded before they are done, as the configuration in force says. */
export function requiredKinds(config: () => AuditConfig): (kind: string) => boolean {
  let known: readonly string[] | null = null;
  let globs: readonly ((kind: string) => boolean)[] = [];
  return (kind) => {
    const { required } = config();
    if (required !== known) globs = required.map(compileGlob);
    known = required;
    return kind !== NEVER_REFUSED && globs.some((matches) => matches(kind));
  };
}
