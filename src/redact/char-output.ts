import type { Chars } from '../core/units.ts';
import { LONGEST_FOLD } from './confusables.ts';

/** Characters written one by one: joining strings of one character each would cost ten times as much. */
export class CharOutput {
  length: Chars;
  private codes: Uint16Array;

  /** Begins with the first `from` characters of `raw`. */
  constructor(raw: string, from: number) {
    this.codes = new Uint16Array(raw.length + LONGEST_FOLD);
    for (let i = 0; i < from; i++) this.codes[i] = raw.charCodeAt(i);
    this.length = from;
  }

  add(code: number): void {
    if (this.length === this.codes.length) {
      const longer = new Uint16Array(2 * this.length);
      longer.set(this.codes);
      this.codes = longer;
    }
    this.codes[this.length++] = code;
  }

  text(): string {
    return Buffer.from(this.codes.buffer, 0, 2 * this.length).toString('utf16le');
  }
}
