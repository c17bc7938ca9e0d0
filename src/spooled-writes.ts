import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from './core/clock.ts';
import type { Config } from './core/config.ts';
import type { OwnedObject } from './core/object-ids.ts';
import type { BatchId, SentBatch, Stores } from './core/stores.ts';
import type { Milliseconds } from './core/units.ts';
import { Outbox, type OutboxState } from './outbox/outbox.ts';
import { LineSpool } from './spool/line-spool.ts';
import { thisProcess } from './spool/this-process.ts';

const TICK: Milliseconds = 1_000;
const FOLDER = 'writes';
const WHAT = 'spent sums and owners of objects';

interface SpooledWritesParts {
  readonly stores: Stores;
  readonly config: Pick<Config, 'spool'>;
  readonly clock: Clock;
  readonly log: Logger;
}

interface SpooledWrites {
  readonly stores: Stores;
  /** What waits on disk. */
  state(): OutboxState;
}

const NONE: OutboxState = { bytes: 0, spooled: 0, reason: null };

/** A line of the spool; to apply it once more changes nothing. */
type Write =
  | { readonly kind: 'spent'; readonly id: BatchId; readonly amounts: readonly (readonly [string, number])[] }
  | { readonly kind: 'objects'; readonly objects: readonly OwnedObject[] };

/**
 * A shared store whose writes of what was spent and of whose objects are wait on disk while it is away: nobody can make them
 * again once this process is gone. What an earlier process left is in the store when this resolves, as far as that is there.
 */
export async function withSpooledWrites(
  { stores, config, clock, log }: SpooledWritesParts,
  opened: AsyncDisposableStack,
): Promise<SpooledWrites> {
  const { directory, maxBytes } = config.spool;
  if (!stores.isShared || directory === null) return { stores, state: () => NONE };
  const spool = new LineSpool(join(directory, FOLDER), thisProcess(), { maxBytes, isDurable: false });
  const send = async (batches: readonly SentBatch[]): Promise<void> => {
    for (const { batch } of batches) await apply(stores, batch);
  };
  const tell = (level: 'info' | 'error', message: string, detail: object): void => log[level](detail, message);
  const outbox = new Outbox({ what: WHAT, send, spool, clock, tell }, spool.name);
  const timer = setInterval(() => void outbox.tick(), TICK).unref();
  opened.defer(async () => {
    clearInterval(timer);
    await outbox.close();
  });
  await outbox.tick();
  const write = (what: Write): Promise<void> => outbox.append(JSON.stringify(what));
  return { stores: overlaid(stores, write), state: () => outbox.state() };
}

function overlaid(stores: Stores, write: (what: Write) => Promise<void>): Stores {
  const { counters, objects } = stores;
  return {
    ...stores,
    counters: {
      add: (name, amount) => counters.add(name, amount),
      value: (name) => counters.value(name),
      raise: (name, value) => counters.raise(name, value),
      list: (prefix) => counters.list(prefix),
      remove: (names) => counters.remove(names),
      addAll: (amounts, id) => write({ kind: 'spent', id, amounts: [...amounts] }),
    },
    objects: {
      find: (ids, now) => objects.find(ids, now),
      remove: (ids) => objects.remove(ids),
      removeExpired: (now) => objects.removeExpired(now),
      add: (made) => write({ kind: 'objects', objects: made }),
    },
  };
}

async function apply({ counters, objects }: Stores, line: string): Promise<void> {
  const write = parsed(line);
  if (write?.kind === 'spent') await counters.addAll(new Map(write.amounts), write.id);
  else if (write?.kind === 'objects') await objects.add(write.objects);
}

/** Null: whatever somebody else has put into the file. */
function parsed(line: string): Write | null {
  try {
    return JSON.parse(line) as Write;
  } catch {
    return null;
  }
}
