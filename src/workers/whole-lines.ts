import type { Chars } from '../core/units.ts';

/** A line that never ends must not fill the memory. */
const LONGEST: Chars = 1024 * 1024;

/** Hands on whole lines only: those of several processes on one output must not run into each other. */
export class WholeLines {
  private readonly write: (lines: string) => void;
  private rest = '';

  constructor(write: (lines: string) => void) {
    this.write = write;
  }

  push(text: string): void {
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) {
      this.write(this.rest + text.slice(0, end));
      this.rest = '';
    }
    this.rest += text.slice(end);
    if (this.rest.length <= LONGEST) return;
    this.write(`${this.rest}\n`);
    this.rest = '';
  }
}
