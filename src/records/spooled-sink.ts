import type { Clock } from '../core/clock.ts';
import type { RequestRecord } from '../core/recent.ts';
import type { RecordSink } from '../core/record-sink.ts';
import type { Bytes, Milliseconds } from '../core/units.ts';
import type { LineSpool, SpooledLines } from '../spool/line-spool.ts';

const LOOK_EVERY: Milliseconds = 1_000;
const FIRST_REST: Milliseconds = 1_000;
const LAST_REST: Milliseconds = 30_000;
/** Of what waits so much is sent at once. */
const BATCH = 1_000;

interface SpooledSinkOptions {
  readonly sink: RecordSink;
  readonly spool: LineSpool;
  readonly clock: Clock;
  /** Whether it sends what processes have left that are gone. */
  readonly takesOthers: boolean;
  /** For metrics: so many went to the disk first. */
  spooled(count: number): void;
  /** For the log. */
  tell(level: 'info' | 'warn', message: string, detail: Readonly<Record<string, unknown>>): void;
}

/**
 * A sink that may be away: what it does not take waits on disk, where the next process finds what one has left that was
 * killed. Records may be sent twice; the sink knows them.
 */
export class SpooledSink implements RecordSink {
  readonly name: string;
  private readonly options: SpooledSinkOptions;
  private tail: Promise<unknown> = Promise.resolve();
  /** Up to there the sink has what is on disk. */
  private sentTo: Bytes = 0;
  private restUntil: Milliseconds = -Infinity;
  private rest: Milliseconds = FIRST_REST;
  private isDown = false;
  private isClosed = false;
  private looking: Promise<void> | null = null;
  private readonly timer: NodeJS.Timeout;

  constructor(options: SpooledSinkOptions) {
    this.options = options;
    this.name = options.sink.name;
    this.timer = setInterval(() => void this.look(), LOOK_EVERY).unref();
  }

  /** Rejects where neither the sink nor the disk takes them. */
  async write(records: readonly RequestRecord[]): Promise<void> {
    if (await this.isTaken(records)) return;
    this.options.spool.append(records.map((record) => JSON.stringify(record)));
    this.options.spooled(records.length);
  }

  removeOld(): Promise<void> {
    return this.options.sink.removeOld();
  }

  /** What still waits is sent by the next process. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    this.isClosed = true;
    await this.looking;
    await this.options.sink.close();
  }

  /** Now and then: sends what waits, of this process or of those that are gone. Never rejects. */
  look(): Promise<void> {
    this.looking ??= this.sendAll().finally(() => (this.looking = null));
    return this.looking;
  }

  private async sendAll(): Promise<void> {
    const { spool, clock, takesOthers } = this.options;
    try {
      spool.touch();
      while (spool.bytes > this.sentTo && (await this.sendSome(spool.read(this.sentTo))));
      if (spool.bytes > 0 && this.sentTo === spool.bytes) this.allSent();
      if (!takesOthers) return;
      for (const name of spool.abandoned(clock.wall())) if (!(await this.sendAbandoned(name))) return;
    } catch (error) {
      this.options.tell('warn', 'records that wait on disk cannot be read', { err: error });
    }
  }

  private allSent(): void {
    const { spool, tell } = this.options;
    tell('info', 'records that waited on disk are written', { sink: this.name, bytes: this.sentTo });
    spool.clear();
    this.sentTo = 0;
  }

  /** @returns whether the sink takes more */
  private async sendSome({ lines, next }: SpooledLines): Promise<boolean> {
    if (!(await this.areTaken(lines))) return false;
    this.sentTo = next;
    return lines.length > 0;
  }

  private async sendAbandoned(name: string): Promise<boolean> {
    const { spool, tell } = this.options;
    for (let from = 0; ;) {
      const some = spool.readAbandoned(name, from);
      if (some === null || some.lines.length === 0) break;
      if (!(await this.areTaken(some.lines))) return false;
      from = some.next;
    }
    spool.removeAbandoned(name);
    tell('info', 'records that another process left on disk are written', { sink: this.name, process: name });
    return true;
  }

  private async areTaken(lines: readonly string[]): Promise<boolean> {
    const records = lines.flatMap(toRecord);
    for (let from = 0; from < records.length; from += BATCH)
      if (this.isClosed || !(await this.isTaken(records.slice(from, from + BATCH)))) return false;
    return true;
  }

  /** A sink that is away is left alone for a while, ever longer. */
  private isTaken(records: readonly RequestRecord[]): Promise<boolean> {
    return this.inTurn(async () => {
      const { sink, clock } = this.options;
      if (clock.now() < this.restUntil) return false;
      try {
        await sink.write(records);
      } catch (error) {
        this.failed(error);
        return false;
      }
      this.isDown = false;
      this.rest = FIRST_REST;
      return true;
    });
  }

  private failed(error: unknown): void {
    if (!this.isDown) this.options.tell('warn', 'records wait on disk', { sink: this.name, err: error });
    this.isDown = true;
    this.restUntil = this.options.clock.now() + this.rest;
    this.rest = Math.min(2 * this.rest, LAST_REST);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.tail.then(work, work);
    this.tail = done.catch(() => {});
    return done;
  }
}

/** Whatever else somebody has put into the file is none: a sink that fails at it would never get any further. */
function toRecord(line: string): readonly RequestRecord[] {
  try {
    const told = JSON.parse(line) as RequestRecord | null;
    return Number.isNaN(new Date(told?.at ?? NaN).getTime()) ? [] : [told!];
  } catch {
    return [];
  }
}
