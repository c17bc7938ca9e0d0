import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { AuditRecord } from '../core/audit.ts';
import type { Bytes, Milliseconds } from '../core/units.ts';

/** A store that is away for days must not fill the disk. */
const MAX_BYTES: Bytes = 64 * 1024 * 1024;
/** A process on another machine that has not touched its file for so long is gone. */
const ABANDONED_AFTER: Milliseconds = 60_000;
const SUFFIX = '.jsonl';

/** Whose file it is; stands in its name. */
export interface SpoolOwner {
  readonly host: string;
  readonly pid: number;
  /** Of this start: a process number is used again. */
  readonly start: string;
}

/** What a process that is gone has left. */
export interface AbandonedSpool {
  readonly path: string;
  readonly records: readonly AuditRecord[];
  /** Of a last line that was not written to its end. */
  readonly cutBytes: Bytes;
  /** Whole lines that are no entries. */
  readonly unreadable: number;
}

/** Where entries wait for a store that is away: one file a process, a line an entry, on the disk before it is acknowledged. */
export class Spool {
  private readonly directory: string;
  private readonly owner: SpoolOwner;
  private readonly path: string;
  private descriptor: number | null = null;
  private size: Bytes = 0;

  constructor(directory: string, owner: SpoolOwner) {
    this.directory = directory;
    this.owner = owner;
    this.path = join(directory, `${owner.host}_${owner.pid}_${owner.start}${SUFFIX}`);
    this.takeUp();
  }

  get isEmpty(): boolean {
    return this.size === 0;
  }

  /** All of them or none. @throws Error where they cannot be written */
  append(records: readonly AuditRecord[]): void {
    const bytes = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''), 'utf8');
    if (this.size + bytes.length > MAX_BYTES) throw new Error(`the spool is full (${MAX_BYTES} bytes)`);
    this.descriptor ??= this.create();
    this.write(this.descriptor, bytes);
  }

  read(): readonly AuditRecord[] {
    return this.descriptor === null ? [] : parseLines(readAll(this.descriptor)).records;
  }

  /** Once they are in the chain. */
  clear(): void {
    if (this.descriptor === null) return;
    closeSync(this.descriptor);
    this.descriptor = null;
    this.size = 0;
    remove(this.path);
  }

  /**
   * Shows processes on other machines that this one lives, and writes the file again where somebody has removed it.
   * @throws Error where that cannot be done
   */
  touch(): void {
    if (this.descriptor === null) return;
    if (fstatSync(this.descriptor).nlink === 0) this.writeAgain(this.descriptor);
    const now = new Date();
    futimesSync(this.descriptor, now, now);
  }

  /** Files of processes that are gone. @param now wall clock */
  abandoned(now: Milliseconds): readonly AbandonedSpool[] {
    const paths = listFiles(this.directory).filter((name) => this.isAbandoned(name, now));
    return paths.flatMap((name) => {
      const path = join(this.directory, name);
      const bytes = unlessGone(() => readFileSync(path));
      return bytes === null ? [] : [{ path, ...parseLines(bytes) }];
    });
  }

  /** After the thread that wrote it has died: its entries were acknowledged, but for a torn end. */
  private takeUp(): void {
    const bytes = unlessGone(() => readFileSync(this.path));
    if (bytes === null) return;
    this.descriptor = this.create();
    this.size = bytes.lastIndexOf(0x0a) + 1;
    ftruncateSync(this.descriptor, this.size);
  }

  private write(descriptor: number, bytes: Buffer): void {
    try {
      for (let from = 0; from < bytes.length;) from += writeSync(descriptor, bytes, from);
      fsyncSync(descriptor);
    } catch (error) {
      ftruncateSync(descriptor, this.size);
      throw error;
    }
    this.size += bytes.length;
  }

  private writeAgain(gone: number): void {
    const bytes = readAll(gone);
    const descriptor = this.create();
    this.size = 0;
    this.descriptor = descriptor;
    this.write(descriptor, bytes);
    closeSync(gone);
  }

  private create(): number {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const descriptor = openSync(this.path, 'a+', 0o600);
    // The name too must be there after a power failure.
    const directory = openSync(this.directory, 'r');
    fsyncSync(directory);
    closeSync(directory);
    return descriptor;
  }

  private isAbandoned(name: string, now: Milliseconds): boolean {
    const [, host, pid, start] = /^(.+)_(\d+)_([^_]+)\.jsonl$/.exec(name) ?? [];
    if (host === undefined || start === this.owner.start) return false;
    // In a container that was started anew the process has its number again.
    if (host === this.owner.host) return Number(pid) === this.owner.pid || !isAlive(Number(pid));
    const stat = unlessGone(() => statSync(join(this.directory, name)));
    return stat !== null && now - stat.mtimeMs > ABANDONED_AFTER;
  }
}

/** Once what it held is in the chain. */
export function removeSpool({ path }: AbandonedSpool): void {
  remove(path);
}

function remove(path: string): void {
  unlessGone(() => unlinkSync(path));
}

/** Null: there is no such file; another process may have taken it over. */
function unlessGone<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function readAll(descriptor: number): Buffer {
  const bytes = Buffer.alloc(fstatSync(descriptor).size);
  let read = 0;
  while (read < bytes.length) {
    const more = readSync(descriptor, bytes, read, bytes.length - read, read);
    if (more === 0) break;
    read += more;
  }
  return bytes.subarray(0, read);
}

/** Whether anything waits in the directory. */
export function hasSpooled(directory: string): boolean {
  return listFiles(directory).length > 0;
}

function listFiles(directory: string): readonly string[] {
  return (unlessGone(() => readdirSync(directory)) ?? []).filter((name) => name.endsWith(SUFFIX));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function parseLines(bytes: Buffer): Omit<AbandonedSpool, 'path'> {
  const end = bytes.lastIndexOf(0x0a) + 1;
  const records: AuditRecord[] = [];
  let unreadable = 0;
  for (const line of bytes.toString('utf8', 0, end).split('\n').slice(0, -1)) {
    const record = parseRecord(line);
    if (record === null) unreadable++;
    else records.push(record);
  }
  return { records, cutBytes: bytes.length - end, unreadable };
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
