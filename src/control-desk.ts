import { CountersUnavailableError } from './core/counters.ts';
import { countingCalls, type CountingCalls } from './counters/remote-counters.ts';
import type { FeedbackEntry } from './core/outcome.ts';
import type { Stores } from './core/stores.ts';
import type { TranslatedItem } from './core/translation.ts';
import type { Milliseconds } from './core/units.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { Beginning, ControlCalls, WorkerReport } from './worker-calls.ts';
import type { WorkerHandle } from './worker-handle.ts';

/** A sibling that is busy is not waited for. */
const SIBLING_WITHIN: Milliseconds = 250;

/** What a worker's calls come to. */
export interface DeskParts {
  readonly stores: Pick<Stores, 'keys' | 'objects' | 'counters'>;
  readonly outbox: Pick<Outbox, 'append'>;
  readonly audit: { readonly write: ControlCalls['writeAudit'] };
  beginning(handle: WorkerHandle): Beginning;
  /** Resolves when it is on the configuration in force. */
  catchUp(handle: WorkerHandle): Promise<void>;
  leaving(handle: WorkerHandle): void;
  reported(handle: WorkerHandle, report: WorkerReport): void;
  takePlaces(handle: WorkerHandle): Promise<number>;
  others(handle: WorkerHandle): readonly WorkerHandle[];
}

/** The control process, as one worker may call it: what it needs, and no more. */
export function controlDesk(parts: DeskParts, handle: WorkerHandle): ControlCalls {
  const { stores, outbox, audit } = parts;
  return {
    ...countingDesk(handle),
    begin: () => parts.beginning(handle),
    prepared: () => parts.catchUp(handle),
    listening: () => handle.isListening(),
    failed: (message) => handle.hasFailed(message),
    leaving: () => parts.leaving(handle),
    report: (report) => parts.reported(handle, report),
    takePlaces: () => parts.takePlaces(handle),
    keysWithDigests: (digests) => stores.keys.withDigests(digests),
    keysChangedAfter: (change, limit) => stores.keys.changedAfter(change, limit),
    newestKeyChange: () => stores.keys.newestChange(),
    findObjects: (ids, now) => stores.objects.find(ids, now),
    addObjects: (objects) => stores.objects.add(objects),
    removeObjects: (ids) => stores.objects.remove(ids),
    addToCounter: (name, amount) => stores.counters.add(name, amount),
    counterValue: (name) => stores.counters.value(name),
    raiseCounter: (name, value) => stores.counters.raise(name, value),
    appendOutcomes: (batch) => outbox.append(batch),
    writeAudit: (records, mayBeKnown) => audit.write(records, mayBeKnown),
    siblingFeedback: (entry) => feedbackOf(parts.others(handle), entry),
    siblingItems: (caller, ids) => itemsOf(parts.others(handle), caller, ids),
  };
}

function countingDesk(handle: WorkerHandle): CountingCalls {
  const { counting } = handle;
  if (counting !== null)
    return countingCalls(counting.desk, counting.leases, (answers) => handle.channel.tell('leaseAnswers', answers));
  const elsewhere = (): never => {
    throw new CountersUnavailableError(new Error('limits are not counted in this process'));
  };
  return { reserve: elsewhere, settle: elsewhere, renew: elsewhere, peek: elsewhere, tellLeases: elsewhere };
}

async function feedbackOf(others: readonly WorkerHandle[], entry: FeedbackEntry): Promise<FeedbackEntry | null> {
  const asked = others.map(({ channel }) => channel.callWithin(SIBLING_WITHIN, 'feedbackFor', entry));
  for (const answer of await Promise.allSettled(asked))
    if (answer.status === 'fulfilled' && answer.value !== undefined) return answer.value;
  return entry;
}

async function itemsOf(
  others: readonly WorkerHandle[],
  caller: string,
  ids: readonly string[],
): Promise<readonly TranslatedItem[]> {
  const asked = others.map(({ channel }) => channel.callWithin(SIBLING_WITHIN, 'itemsOf', caller, ids));
  const answers = await Promise.allSettled(asked);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
}
