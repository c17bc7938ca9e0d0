import type { Clock } from '../core/clock.ts';
import type { SentBatch } from '../core/stores.ts';
import type { Bytes, Milliseconds } from '../core/units.ts';
import type { LineSpool, SpooledLines } from '../spool/line-spool.ts';

/** A store that is away is not waited for at every batch. */
const REST_AFTER_FAILURE: Milliseconds = 1_000;
/** Of what waits so much is sent at once: each time costs the store a write to the disk. */
const GROUP = 50;

export interface OutboxDeps {
  /** That wait, for the log. */
  readonly what: string;
  /** Takes each batch once, however often it is sent. */
  send(batches: readonly SentBatch[]): Promise<void>;
  /** Null: there is no place for one, as with a store in memory. */
  readonly spool: LineSpool | null;
  readonly clock: Clock;
  /** For the log. */
  tell(level: 'info' | 'error', message: string, detail: Readonly<Record<string, string | number>>): void;
}

export interface OutboxState {
  /** That wait on disk. */
  readonly bytes: Bytes;
  /** Batches since the start that went to the disk first. */
  readonly spooled: number;
  /** Why they wait; null: none does. */
  readonly reason: string | null;
}

/**
 * Batches on their way to the store, in their order. While it is away they wait on disk, where the next process finds
 * those of one that was killed. Each has a number, by which the store knows one that comes again: whoever loses the
 * connection does not know whether the last one was written.
 */
export class Outbox {
  private readonly deps: OutboxDeps;
  private readonly sender: string;
  private queue: Promise<unknown> = Promise.resolve();
  private lastNumber = 0;
  /** Up to there the store has what is on disk. */
  private sentTo: Bytes = 0;
  private spooled = 0;
  private reason: string | null = null;
  private restUntil: Milliseconds = 0;
  private waitingTick: Promise<void> | null = null;

  /** @param sender no other process, before or after, has the same */
  constructor(deps: OutboxDeps, sender: string) {
    this.deps = deps;
    this.sender = sender;
  }

  state(): OutboxState {
    const bytes = this.deps.spool?.bytes ?? 0;
    return { bytes, spooled: this.spooled, reason: bytes > 0 ? this.reason : null };
  }

  /** @throws Error where neither the store nor the disk takes it */
  append(batch: string): Promise<void> {
    return this.inTurn(async () => {
      const id = { sender: this.sender, number: ++this.lastNumber };
      if (this.isFree()) {
        try {
          await this.deps.send([{ id, batch }]);
          return;
        } catch (error) {
          this.failed(error);
          if (this.deps.spool === null) throw error;
        }
      }
      if (this.deps.spool === null) throw new Error(this.reason ?? 'the store is away');
      this.deps.spool.append([`${id.number} ${batch}`]);
      this.spooled++;
    });
  }

  /** Now and then: sends what waits, here or of processes that are gone. */
  tick(): Promise<void> {
    this.waitingTick ??= this.work().finally(() => (this.waitingTick = null));
    return this.waitingTick;
  }

  /** The last try; what still waits is sent by the next process. */
  async close(): Promise<void> {
    await this.waitingTick;
    this.restUntil = 0;
    await this.tick();
  }

  private async work(): Promise<void> {
    // What comes meanwhile does not wait for it: it goes to the end of the file.
    while (await this.sendSome());
    await this.adopt();
  }

  /** Nothing is sent past it: as long as something is on disk all else goes there. @returns whether there may be more */
  private async sendSome(): Promise<boolean> {
    const { spool, tell } = this.deps;
    if (spool === null || spool.bytes === 0) return false;
    try {
      spool.touch();
      if (this.isResting()) return false;
      const some = spool.read(this.sentTo);
      await this.sendAll(this.sender, some);
      this.sentTo = some.next;
      if (this.sentTo < spool.bytes) return true;
    } catch (error) {
      this.failed(error);
      return false;
    }
    const bytes = this.sentTo;
    spool.clear();
    this.sentTo = 0;
    this.reason = null;
    tell('info', 'what waited on disk for the store is there', { bytes });
    return false;
  }

  private async adopt(): Promise<void> {
    const { spool, clock, tell } = this.deps;
    if (spool === null || this.isResting()) return;
    try {
      for (const name of spool.abandoned(clock.wall())) {
        const bytes = await this.sendAbandoned(spool, name);
        tell('info', 'what another process left on disk for the store is there', { bytes });
      }
    } catch (error) {
      this.failed(error);
    }
  }

  private async sendAbandoned(spool: LineSpool, name: string): Promise<Bytes> {
    let from = 0;
    for (;;) {
      const some = spool.readAbandoned(name, from);
      if (some === null || some.lines.length === 0) break;
      await this.sendAll(name, some);
      from = some.next;
    }
    spool.removeAbandoned(name);
    return from;
  }

  private async sendAll(sender: string, { lines }: SpooledLines): Promise<void> {
    const batches = lines.flatMap((line) => toBatch(line, sender));
    for (let from = 0; from < batches.length; from += GROUP) await this.deps.send(batches.slice(from, from + GROUP));
  }

  /** What waits goes first. */
  private isFree(): boolean {
    return !this.isResting() && (this.deps.spool?.bytes ?? 0) === 0;
  }

  private isResting(): boolean {
    return this.deps.clock.now() < this.restUntil;
  }

  private failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (this.reason === null) this.deps.tell('error', `${this.deps.what} wait for the store`, { reason });
    this.reason = reason;
    this.restUntil = this.deps.clock.now() + REST_AFTER_FAILURE;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.queue.then(work);
    this.queue = done.catch(() => {});
    return done;
  }
}

/** Whatever else somebody has put into the file is none. */
function toBatch(line: string, sender: string): readonly SentBatch[] {
  const end = line.indexOf(' ');
  const number = Number(line.slice(0, end));
  return end > 0 && Number.isSafeInteger(number) ? [{ id: { sender, number }, batch: line.slice(end + 1) }] : [];
}
