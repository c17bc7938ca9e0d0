import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Clock } from '../core/clock.ts';
import type { RequestRecord } from '../core/recent.ts';
import type { RecordSink } from '../core/record-sink.ts';
import type { Bytes, Milliseconds } from '../core/units.ts';

export interface FileOptions {
  readonly directory: string;
  /** A file that has so much is closed. */
  readonly maxBytes: Bytes;
  /** A file that is so old is closed. */
  readonly maxAge: Milliseconds;
  readonly gzip: boolean;
  /** Closed files go so long after their last record. */
  readonly retention: Milliseconds;
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly path: string;
  readonly openedAt: Milliseconds;
  size: Bytes;
}

/** Of files that are ours: no other one is touched. */
const OURS = /^requests-\d{8}T\d{9}Z-[\w.-]+-(\d+)-\d+\.jsonl(\.open|\.gz|\.gz\.part)?$/;
const OPEN = '.open';
const LONGEST_TIMER: Milliseconds = 2 ** 31 - 1;

/** A line of JSON for each record; a file that is closed may be compressed, and goes when it is old. */
export class FileSink implements RecordSink {
  readonly name = 'files';
  private readonly options: FileOptions;
  private readonly clock: Clock;
  private file: OpenFile | null = null;
  private opened = 0;
  private compressing: Promise<unknown> = Promise.resolve();
  private rotation: NodeJS.Timeout | null = null;
  private tail: Promise<unknown> = Promise.resolve();

  constructor(options: FileOptions, clock: Clock) {
    this.options = options;
    this.clock = clock;
  }

  write(records: readonly RequestRecord[]): Promise<void> {
    const lines = records.map((record) => `${JSON.stringify(toLine(record))}\n`).join('');
    return this.inTurn(() => this.append(Buffer.from(lines, 'utf8')));
  }

  async removeOld(): Promise<void> {
    const { directory, retention } = this.options;
    const before = this.clock.wall() - retention;
    for (const { name, path } of await this.ours(directory)) {
      if (name.endsWith(OPEN)) continue;
      if ((await stat(path)).mtimeMs < before) await rm(path, { force: true });
    }
  }

  async close(): Promise<void> {
    await this.inTurn(() => this.closeFile());
    await this.compressing;
  }

  /** What a process on this machine left when it ended is closed and compressed as if it had done so itself. */
  async recover(): Promise<void> {
    for (const { name, path, pid } of await this.ours(this.options.directory)) {
      if (!name.includes(`-${safeHost()}-`) || isRunning(pid)) continue;
      if (name.endsWith(OPEN)) this.finish(await renamed(path));
      else if (name.endsWith('.jsonl')) this.finish(path);
    }
  }

  private async append(bytes: Buffer): Promise<void> {
    if (this.file !== null && this.isFull(this.file)) await this.closeFile();
    const file = (this.file ??= await this.openFile());
    try {
      await file.handle.appendFile(bytes);
      file.size += bytes.length;
    } catch (error) {
      // What was written of it ends in half a line: the batch goes to a file of its own.
      await this.closeFile().catch(() => {});
      throw error;
    }
  }

  private isFull({ size, openedAt }: OpenFile): boolean {
    return size >= this.options.maxBytes || this.clock.wall() - openedAt >= this.options.maxAge;
  }

  private async openFile(): Promise<OpenFile> {
    const { directory, maxAge } = this.options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const openedAt = this.clock.wall();
    const at = new Date(openedAt).toISOString().replaceAll(/[-:.]/g, '');
    const path = join(directory, `requests-${at}-${safeHost()}-${process.pid}-${this.opened++}.jsonl${OPEN}`);
    const handle = await open(path, 'ax', 0o600);
    // Also where nothing comes any more.
    const close = () => void this.inTurn(() => this.closeFile()).catch(() => {});
    this.rotation = setTimeout(close, Math.min(maxAge, LONGEST_TIMER)).unref();
    return { handle, path, openedAt, size: 0 };
  }

  private async closeFile(): Promise<void> {
    const { file } = this;
    if (file === null) return;
    this.file = null;
    if (this.rotation !== null) clearTimeout(this.rotation);
    await file.handle.close();
    this.finish(await renamed(file.path));
  }

  /** Compressed behind the others; a file that cannot be is left as it is. */
  private finish(path: string): void {
    if (this.options.gzip) this.compressing = this.compressing.then(() => compress(path)).catch(() => {});
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.tail.then(work, work);
    this.tail = done.catch(() => {});
    return done;
  }

  private async ours(directory: string): Promise<{ name: string; path: string; pid: number }[]> {
    const names = await readdir(directory).catch((): string[] => []);
    return names.flatMap((name) => {
      const match = OURS.exec(name);
      return match === null ? [] : [{ name, path: join(directory, name), pid: Number(match[1]) }];
    });
  }
}

/** As the API tells them. */
function toLine(record: RequestRecord): unknown {
  return { ...record, at: new Date(record.at).toISOString() };
}

async function renamed(path: string): Promise<string> {
  const closed = path.slice(0, -OPEN.length);
  await rename(path, closed);
  return closed;
}

/** Whole under its name, or not there. */
async function compress(path: string): Promise<void> {
  const part = `${path}.gz.part`;
  await pipeline(createReadStream(path), createGzip(), createWriteStream(part, { mode: 0o600 }));
  await rename(part, `${path}.gz`);
  await rm(path);
}

function safeHost(): string {
  return hostname().replaceAll(/[^\w.-]/g, '_');
}

/** In a container the process before had the same id as this one. */
function isRunning(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
