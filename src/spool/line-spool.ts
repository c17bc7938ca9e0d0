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
import type { Bytes, Milliseconds } from '../core/units.ts';

/** Read at once; a line that is longer is read in one piece all the same. */
const CHUNK: Bytes = 1024 * 1024;
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

interface SpoolOptions {
  /** A store that is away for days must not fill the disk. */
  readonly maxBytes: Bytes;
  /** What is acknowledged is there after a power failure as well, and not only after the end of the process. */
  readonly isDurable: boolean;
}

/** Lines from a place on, and where the next ones begin. */
export interface SpooledLines {
  readonly lines: readonly string[];
  readonly next: Bytes;
}

/** Where lines of text wait for a store that is away: one file a process, written before they are acknowledged. */
export class LineSpool {
  /** Whose lines they are: no other start of any process has the same. */
  readonly name: string;
  private readonly directory: string;
  private readonly owner: SpoolOwner;
  private readonly options: SpoolOptions;
  private readonly path: string;
  private descriptor: number | null = null;
  private size: Bytes = 0;

  constructor(directory: string, owner: SpoolOwner, options: SpoolOptions) {
    this.directory = directory;
    this.owner = owner;
    this.options = options;
    this.name = `${owner.host}_${owner.pid}_${owner.start}`;
    this.path = join(directory, `${this.name}${SUFFIX}`);
    this.takeUp();
  }

  get bytes(): Bytes {
    return this.size;
  }

  /** All of them or none. @param lines none has a line break in it @throws Error where they cannot be written */
  append(lines: readonly string[]): void {
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8');
    const { maxBytes } = this.options;
    if (this.size + bytes.length > maxBytes) throw new Error(`the spool is full (${maxBytes} bytes)`);
    this.descriptor ??= this.create();
    this.write(this.descriptor, bytes);
  }

  /** Some of the lines; none where there is none any more. */
  read(from: Bytes): SpooledLines {
    return this.descriptor === null ? { lines: [], next: from } : readLines(this.descriptor, from);
  }

  /** Once they are where they belong. */
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

  /** Names of processes that are gone and have left lines. @param now wall clock */
  abandoned(now: Milliseconds): readonly string[] {
    const files = listFiles(this.directory).filter((name) => this.isAbandoned(name, now));
    return files.map((file) => file.slice(0, -SUFFIX.length));
  }

  /** Of one that is gone; null: another process has taken them over. */
  readAbandoned(name: string, from: Bytes): SpooledLines | null {
    return unlessGone(() => {
      const descriptor = openSync(join(this.directory, `${name}${SUFFIX}`), 'r');
      try {
        return readLines(descriptor, from);
      } finally {
        closeSync(descriptor);
      }
    });
  }

  /** Bytes behind the last whole line: of one that was not written to its end, and never acknowledged. */
  tornBytes(name: string, end: Bytes): Bytes {
    return Math.max(0, (unlessGone(() => statSync(join(this.directory, `${name}${SUFFIX}`)).size) ?? 0) - end);
  }

  /** Once they are where they belong. */
  removeAbandoned(name: string): void {
    remove(join(this.directory, `${name}${SUFFIX}`));
  }

  /** After a thread that wrote it has died: its lines were acknowledged, but for a torn end. */
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
      if (this.options.isDurable) fsyncSync(descriptor);
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
    if (this.options.isDurable) fsyncDirectory(this.directory);
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

/** The name too must be there after a power failure. */
function fsyncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  fsyncSync(directory);
  closeSync(directory);
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

function readLines(descriptor: number, from: Bytes): SpooledLines {
  for (let length = CHUNK; ; length *= 2) {
    const bytes = Buffer.alloc(length);
    const read = readSync(descriptor, bytes, 0, length, from);
    const end = bytes.lastIndexOf(0x0a, read - 1) + 1;
    if (read > 0 && end > 0) return { lines: bytes.toString('utf8', 0, end - 1).split('\n'), next: from + end };
    if (read < length) return { lines: [], next: from };
  }
}
