import type { FeedbackEntry } from '../core/outcome.ts';

/** What people send has less room than what requests came to, and least what may be made up. */
const MAX_KNOWN = 10_000;
const MAX_UNKNOWN = 1_000;
/** So many to twice as many of the latest values are known again; those of made up requests push out no others. */
const REMEMBERED_KNOWN = 32_768;
const REMEMBERED_UNKNOWN = 4_096;

/** `repeated`: a value of the request with this name came before, and the first one counts. */
export type FeedbackLoss = 'repeated' | 'full';

/** Values on their way to the outcome log. Bounded; whoever sends much keeps out only others who do. */
export class FeedbackQueue {
  private readonly dropped: (loss: FeedbackLoss, count: number) => void;
  private readonly known = new Lane(MAX_KNOWN, REMEMBERED_KNOWN);
  private readonly unknown = new Lane(MAX_UNKNOWN, REMEMBERED_UNKNOWN);

  constructor(dropped: (loss: FeedbackLoss, count: number) => void) {
    this.dropped = dropped;
  }

  get size(): number {
    return this.known.entries.length + this.unknown.entries.length;
  }

  add(entry: FeedbackEntry): void {
    const loss = this.laneOf(entry).add(entry);
    if (loss !== null) this.dropped(loss, 1);
  }

  take(): readonly FeedbackEntry[] {
    return [...this.known.entries.splice(0), ...this.unknown.entries.splice(0)];
  }

  /** What was taken could not be written; it is older than what came since. */
  putBack(entries: readonly FeedbackEntry[]): void {
    const lost = [this.known, this.unknown].map((lane) =>
      lane.putBack(entries.filter((entry) => this.laneOf(entry) === lane)),
    );
    const count = lost[0]! + lost[1]!;
    if (count > 0) this.dropped('full', count);
  }

  private laneOf({ trials }: FeedbackEntry): Lane {
    return trials === null ? this.unknown : this.known;
  }
}

class Lane {
  entries: FeedbackEntry[] = [];
  private readonly room: number;
  private readonly remembered: number;
  private recent = new Set<string>();
  private older = new Set<string>();

  constructor(room: number, remembered: number) {
    this.room = room;
    this.remembered = remembered;
  }

  add(entry: FeedbackEntry): FeedbackLoss | null {
    const subject = subjectOf(entry);
    if (this.recent.has(subject) || this.older.has(subject)) return 'repeated';
    if (this.entries.length >= this.room) return 'full';
    this.remember(subject);
    this.entries.push(entry);
    return null;
  }

  /** @returns how many did not fit */
  putBack(older: readonly FeedbackEntry[]): number {
    const all = [...older, ...this.entries];
    this.entries = all.slice(0, this.room);
    const lost = all.slice(this.room);
    for (const entry of lost) this.forget(subjectOf(entry));
    return lost.length;
  }

  /** Whoever sends it again is heard. */
  private forget(subject: string): void {
    this.recent.delete(subject);
    this.older.delete(subject);
  }

  private remember(subject: string): void {
    if (this.recent.size >= this.remembered) {
      this.older = this.recent;
      this.recent = new Set();
    }
    this.recent.add(subject);
  }
}

/** With the key: nobody takes the place of another's value. */
function subjectOf({ requestId, key, name }: FeedbackEntry): string {
  return `${requestId} ${key} ${name}`;
}
