import type { AuditRecord } from '../core/audit.ts';
import type { Bytes, Milliseconds } from '../core/units.ts';
import { LineSpool, type SpooledLines, type SpoolOwner } from '../spool/line-spool.ts';

const OPTIONS = { maxBytes: 64 * 1024 * 1024, isDurable: true } as const;

/** What a process that is gone has left. */
export interface AbandonedSpool {
  readonly name: string;
  readonly records: readonly AuditRecord[];
  /** Of a last line that was not written to its end. */
  readonly cutBytes: Bytes;
  /** Whole lines that are no entries. */
  readonly unreadable: number;
}

/** Where entries wait for a store that is away, on the disk before they are acknowledged. */
export class Spool {
  private readonly lines: LineSpool;

  constructor(directory: string, owner: SpoolOwner) {
    this.lines = new LineSpool(directory, owner, OPTIONS);
  }

  get isEmpty(): boolean {
    return this.lines.bytes === 0;
  }

  /** All of them or none. @throws Error where they cannot be written */
  append(records: readonly AuditRecord[]): void {
    this.lines.append(records.map((record) => JSON.stringify(record)));
  }

  read(): readonly AuditRecord[] {
    return readAll((from) => this.lines.read(from)).records;
  }

  /** Once they are in the chain. */
  clear(): void {
    this.lines.clear();
  }

  /** @throws Error where that cannot be done */
  touch(): void {
    this.lines.touch();
  }

  /** Of processes that are gone. @param now wall clock */
  abandoned(now: Milliseconds): readonly AbandonedSpool[] {
    return this.lines.abandoned(now).map((name) => {
      const { end, ...read } = readAll((from) => this.lines.readAbandoned(name, from) ?? { lines: [], next: from });
      return { name, ...read, cutBytes: this.lines.tornBytes(name, end) };
    });
  }

  /** Once what it held is in the chain. */
  remove({ name }: AbandonedSpool): void {
    this.lines.removeAbandoned(name);
  }
}

function readAll(read: (from: Bytes) => SpooledLines) {
  const records: AuditRecord[] = [];
  let unreadable = 0;
  let end = 0;
  for (let { lines, next } = read(0); lines.length > 0; { lines, next } = read(next)) {
    for (const line of lines) {
      const record = parseRecord(line);
      if (record === null) unreadable++;
      else records.push(record);
    }
    end = next;
  }
  return { records, unreadable, end };
}

function parseRecord(line: string): AuditRecord | null {
  try {
    const record = JSON.parse(line) as AuditRecord;
    const { id, kind, phase, actor, subject, at } = record;
    const isWhole = [id, kind, phase, actor, subject].every((text) => typeof text === 'string');
    return isWhole && !Number.isNaN(new Date(at).getTime()) ? record : null;
  } catch {
    return null;
  }
}
