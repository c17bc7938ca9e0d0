import { closeSync, existsSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { Bytes } from '../core/units.ts';
import { ORIGIN, splitNotes } from './checkpoint.ts';

/** Of the end of the file as much as is looked at: some thousand checkpoints. */
const TAIL: Bytes = 1024 * 1024;
/** The end of a note: a signature that is whole; the bytes of its dash, each as a character. */
const SIGNATURE = /^\xe2\x80\x94 \S+ [A-Za-z0-9+/]+={0,2}\n/gm;
const LONGEST_NOTE: Bytes = 1_000;

/** Appends checkpoints to a file that is best kept on another machine: what cannot be written now is tried again. */
export class CheckpointFile {
  private readonly path: string | null;
  private waiting: string[] = [];

  /** @param path null: they are kept in the store only */
  constructor(path: string | null) {
    this.path = path;
  }

  add(note: string): void {
    if (this.path !== null) this.waiting.push(note);
  }

  /** @returns bytes of a last note that was not written to its end, and is cut. @throws Error where they cannot be written: they wait */
  write(): Bytes {
    if (this.path === null || this.waiting.length === 0) return 0;
    const descriptor = openSync(this.path, 'a+', 0o644);
    try {
      const cut = cutTorn(descriptor);
      // In one piece: other gateways of the store append to the same file.
      append(descriptor, this.waiting.map((note) => `${note}\n`).join(''));
      this.waiting = [];
      return cut;
    } finally {
      closeSync(descriptor);
    }
  }

  /** The newest in the file that are of this log; of other logs there may be some, too. @throws Error where it cannot be read */
  newest(log: string): readonly string[] {
    if (this.path === null || !existsSync(this.path)) return [];
    const descriptor = openSync(this.path, 'r');
    try {
      return splitNotes(readTail(descriptor).toString('utf8')).filter((note) => note.startsWith(`${log}\n`));
    } finally {
      closeSync(descriptor);
    }
  }
}

/** All of it or nothing. */
function append(descriptor: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  const { size } = fstatSync(descriptor);
  try {
    for (let from = 0; from < bytes.length;) from += writeSync(descriptor, bytes, from);
    fsyncSync(descriptor);
  } catch (error) {
    ftruncateSync(descriptor, size);
    throw error;
  }
}

/** A full disk or a power failure may leave a part of a note, with which the next one could not be read. */
function cutTorn(descriptor: number): Bytes {
  const tail = readTail(descriptor).toString('latin1');
  const whole = [...tail.matchAll(SIGNATURE)].at(-1);
  const rest = whole === undefined ? tail : tail.slice(whole.index + whole[0].length);
  const torn = rest.trimStart();
  // Whatever else somebody has in such a file is left alone.
  const isNote = torn.length < LONGEST_NOTE && (torn.startsWith(ORIGIN) || ORIGIN.startsWith(torn));
  if (torn === '' || !isNote) return 0;
  ftruncateSync(descriptor, fstatSync(descriptor).size - torn.length);
  return torn.length;
}

function readTail(descriptor: number): Buffer {
  const { size } = fstatSync(descriptor);
  const bytes = Buffer.alloc(Math.min(size, TAIL));
  const read = readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
  return bytes.subarray(0, read);
}
