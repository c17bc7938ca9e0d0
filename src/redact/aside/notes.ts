import { MOST_FINDINGS } from '../../core/exchange.ts';
import type { Direction, Finding, RedactionLog, RestoreResult, UninspectedReason } from '../../core/redaction.ts';

interface Found {
  readonly direction: Direction;
  readonly finding: Finding;
  readonly where: string;
}

/** One of many of a kind: the others differ in their place and value. */
interface Counted extends Found {
  count: number;
}

interface Restored {
  readonly category: Finding['category'];
  readonly result: RestoreResult;
  count: number;
}

interface Unread {
  readonly direction: Direction;
  readonly reason: UninspectedReason;
  count: number;
}

/** What a log was told: the findings that it would remember, and how many more of each kind. */
export interface Notes {
  readonly findings: readonly Found[];
  readonly more: readonly Counted[];
  readonly restorations: readonly Restored[];
  readonly unread: readonly Unread[];
}

/** Stands in for a log that is out of reach: a text may have a million findings, of which a log keeps the first few. */
export class NoteTaker implements RedactionLog {
  private readonly findings: Found[] = [];
  private readonly more: Counted[] = [];
  private readonly restorations: Restored[] = [];
  private readonly unread: Unread[] = [];

  get notes(): Notes {
    const { findings, more, restorations, unread } = this;
    return { findings, more, restorations, unread };
  }

  found(direction: Direction, finding: Finding, where: string): void {
    if (this.findings.length < MOST_FINDINGS) {
      this.findings.push({ direction, finding, where });
      return;
    }
    const { rule, action } = finding;
    for (const other of this.more) {
      if (other.finding.rule !== rule || other.finding.action !== action || other.direction !== direction) continue;
      other.count++;
      return;
    }
    this.more.push({ direction, finding, where, count: 1 });
  }

  restored(category: Finding['category'], result: RestoreResult): void {
    const known = this.restorations.find((each) => each.category === category && each.result === result);
    if (known === undefined) this.restorations.push({ category, result, count: 1 });
    else known.count++;
  }

  held(): void {
    // Only streams hold anything back.
  }

  /** Files in a document may be unreadable. */
  uninspected(direction: Direction, reason: UninspectedReason): void {
    const known = this.unread.find((each) => each.direction === direction && each.reason === reason);
    if (known === undefined) this.unread.push({ direction, reason, count: 1 });
    else known.count++;
  }
}

/** Tells the log what the other was told. @throws GatewayError what the log throws */
export function tellNotes({ findings, more, restorations, unread }: Notes, log: RedactionLog): void {
  for (const { direction, finding, where } of findings) log.found(direction, finding, where);
  for (const { direction, finding, where, count } of more)
    for (let i = 0; i < count; i++) log.found(direction, finding, where);
  for (const { category, result, count } of restorations)
    for (let i = 0; i < count; i++) log.restored(category, result);
  for (const { direction, reason, count } of unread) for (let i = 0; i < count; i++) log.uninspected(direction, reason);
}
