import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

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

  /** @throws Error where they cannot be written: they wait */
  write(): void {
    if (this.path === null || this.waiting.length === 0) return;
    const descriptor = openSync(this.path, 'a', 0o644);
    try {
      // In one piece: other gateways of the store append to the same file.
      writeSync(descriptor, this.waiting.map((note) => `${note}\n`).join(''));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    this.waiting = [];
  }
}
