import type { Bytes } from '../core/units.ts';

/** Of all headers of a part; none that is honest comes near. */
const MOST_HEADER_BYTES: Bytes = 16 * 1024;
/** No name of a model is longer. */
const MOST_NAME_BYTES: Bytes = 512;
const CRLF = Buffer.from('\r\n');
const END_OF_HEADERS = Buffer.from('\r\n\r\n');
const DASHES = Buffer.from('--');

/** The field `model` of a form, and where its value stands in the body. */
export interface FormModel {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Looks for the field `model` in a form while it passes; keeps nothing of it but that. @source RFC 7578, RFC 2046 section 5.1 */
export class FormModelScanner {
  model: FormModel | null = null;
  /** The field stands there twice, or its value cannot be read: a provider may take another one than we do. */
  isAmbiguous = false;
  private readonly delimiter: Buffer;
  private state: 'body' | 'boundary' | 'headers' | 'end' = 'body';
  private isModel = false;
  /** Not understood yet. The first delimiter may lack the line end before it: here it has one. */
  private waiting: Buffer = CRLF;
  /** Where `waiting` begins in the body. */
  private offset = -CRLF.length;

  constructor(boundary: string) {
    this.delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  }

  push(chunk: Buffer): void {
    if (this.state === 'end') return;
    this.waiting = this.waiting.length === 0 ? chunk : Buffer.concat([this.waiting, chunk]);
    while (this.step());
  }

  /** False: more has to come first. */
  private step(): boolean {
    if (this.state === 'body') return this.readBody();
    if (this.state === 'boundary') return this.readBoundary();
    return this.state === 'headers' && this.readHeaders();
  }

  private readBody(): boolean {
    const at = this.waiting.indexOf(this.delimiter);
    if (this.isModel && (at < 0 ? this.waiting.length : at) > MOST_NAME_BYTES + this.delimiter.length) {
      this.isAmbiguous = true;
      this.isModel = false;
    }
    if (at < 0) {
      if (!this.isModel) this.skip(Math.max(0, this.waiting.length - this.delimiter.length + 1));
      return false;
    }
    if (this.isModel) this.found(at);
    this.skip(at);
    this.state = 'boundary';
    return true;
  }

  /** @param end of the value in `waiting`, which begins with the line end before it */
  private found(end: number): void {
    const start = CRLF.length;
    this.isModel = false;
    if (this.model !== null || end < start) {
      this.isAmbiguous = true;
      return;
    }
    const name = this.waiting.toString('utf8', start, end);
    this.model = { name, start: this.offset + start, end: this.offset + end };
  }

  /** What follows a delimiter tells whether it is one, and whether it is the last. */
  private readBoundary(): boolean {
    const { waiting } = this;
    const { length } = this.delimiter;
    if (waiting.length < length + 2) return false;
    if (waiting.subarray(length, length + 2).equals(DASHES)) {
      this.state = 'end';
      this.skip(waiting.length);
      return false;
    }
    const end = endOfPadding(waiting, length);
    if (waiting.length < end + 2 && end < MOST_HEADER_BYTES) return false;
    const isDelimiter = waiting.subarray(end, end + 2).equals(CRLF);
    this.skip(isDelimiter ? end : length);
    this.state = isDelimiter ? 'headers' : 'body';
    return true;
  }

  private readHeaders(): boolean {
    const end = this.waiting.indexOf(END_OF_HEADERS);
    if (end < 0 && this.waiting.length < MOST_HEADER_BYTES) return false;
    this.state = 'body';
    if (end < 0) return true;
    this.isModel = isModelField(this.waiting.toString('utf8', 0, end));
    // The line end before the value stays: where the value is empty, it is that of the next delimiter.
    this.skip(end + CRLF.length);
    return true;
  }

  private skip(length: Bytes): void {
    this.waiting = this.waiting.subarray(length);
    this.offset += length;
  }
}

function endOfPadding(bytes: Buffer, from: number): number {
  let end = from;
  while (bytes[end] === 0x20 || bytes[end] === 0x09) end++;
  return end;
}

/** By any way to write it that some parser understands. */
function isModelField(headers: string): boolean {
  const unfolded = headers.replace(/\r\n[ \t]+/g, ' ');
  return /(?:^|\r\n)content-disposition:[^\r\n]*;\s*name\*?=(?:"model"|model(?=[;\s]|$)|utf-8'[^']*'model(?=[;\s]|$))/i.test(
    unfolded,
  );
}
