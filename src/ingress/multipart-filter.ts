import type { Bytes } from '../core/units.ts';
import type { BodyFilter, Inspection } from './body-filter.ts';
import { fileFilter } from './file-filter.ts';
import { mediaKind } from './media-kind.ts';

/** Of all headers of a part; none that is honest comes near. */
const MOST_HEADER_BYTES: Bytes = 16 * 1024;
const CRLF = Buffer.from('\r\n');
const END_OF_HEADERS = Buffer.from('\r\n\r\n');
const DASHES = Buffer.from('--');

type State = 'body' | 'boundary' | 'headers' | 'end';

/** The boundary parameter; null where there is none that the standard allows. @source RFC 2046 section 5.1.1 */
export function boundaryOf(contentType: string): string | null {
  const [, quoted, bare] = /;\s*boundary=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i.exec(contentType) ?? [];
  const boundary = quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1');
  return boundary !== undefined && /^[\x21-\x7e ]{0,199}[\x21-\x7e]$/.test(boundary) ? boundary : null;
}

/**
 * A form with files: each part as a file of its own, all else byte for byte.
 * @source RFC 7578, RFC 2046 section 5.1
 */
export class MultipartFilter implements BodyFilter {
  readonly isRaw = false;
  private readonly inspection: Inspection;
  private readonly delimiter: Buffer;
  /** Of a form: what has no file name is a field. */
  private readonly isForm: boolean;
  private state: State = 'body';
  /** Of the part at hand. What stands before the first one is nobody's to read, and inspected all the same. */
  private part: BodyFilter;
  /** Came and was not understood yet. The first delimiter may lack the line end before it: here it has one. */
  private waiting: Buffer = CRLF;
  /** Bytes at the start of `waiting` that did not come. */
  private invented: Bytes = CRLF.length;

  constructor(inspection: Inspection, boundary: string, isForm = true) {
    this.inspection = inspection;
    this.isForm = isForm;
    this.delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
    this.part = fileFilter('unknown', true, inspection, '');
  }

  push(chunk: Buffer): readonly Buffer[] {
    this.waiting = this.waiting.length === 0 ? chunk : Buffer.concat([this.waiting, chunk]);
    const leaving: Buffer[] = [];
    while (this.step(leaving));
    return leaving;
  }

  finish(isBroken: boolean): readonly Buffer[] {
    const leaving: Buffer[] = [];
    if (this.state !== 'end' && !isBroken) {
      const { redactor, direction, log } = this.inspection;
      redactor.uninspected(direction, 'multipart', log);
    }
    this.feed(this.waiting.length, leaving);
    leaving.push(...this.part.finish(isBroken));
    return leaving;
  }

  /** False: more has to come first. */
  private step(leaving: Buffer[]): boolean {
    if (this.state === 'body') return this.readBody(leaving);
    if (this.state === 'boundary') return this.readBoundary(leaving);
    if (this.state === 'headers') return this.readHeaders(leaving);
    this.feed(this.waiting.length, leaving);
    return false;
  }

  private readBody(leaving: Buffer[]): boolean {
    const at = this.waiting.indexOf(this.delimiter);
    if (at < 0) {
      this.feed(Math.max(0, this.waiting.length - this.delimiter.length + 1), leaving);
      return false;
    }
    this.feed(at, leaving);
    this.state = 'boundary';
    return true;
  }

  /** What follows a delimiter tells whether it is one, and whether it is the last. */
  private readBoundary(leaving: Buffer[]): boolean {
    const { waiting } = this;
    const { length } = this.delimiter;
    if (waiting.length < length + 2) return false;
    const isLast = waiting.subarray(length, length + 2).equals(DASHES);
    const end = isLast ? length + 2 : endOfPadding(waiting, length);
    if (!isLast && waiting.length < end + 2 && end < MOST_HEADER_BYTES) return false;
    if (!isLast && !waiting.subarray(end, end + 2).equals(CRLF)) {
      this.feed(length, leaving);
      this.state = 'body';
      return true;
    }
    leaving.push(...this.part.finish(false));
    // Where there are no headers, this line end is the first half of their end.
    this.pass(end, leaving);
    this.part = fileFilter('unknown', true, this.inspection, '');
    this.state = isLast ? 'end' : 'headers';
    return true;
  }

  private readHeaders(leaving: Buffer[]): boolean {
    const end = this.waiting.indexOf(END_OF_HEADERS);
    if (end < 0 && this.waiting.length < MOST_HEADER_BYTES) return false;
    this.state = 'body';
    if (end < 0 || end > MOST_HEADER_BYTES) {
      // Read as the body of a part that tells nothing.
      const { redactor, direction, log } = this.inspection;
      redactor.uninspected(direction, 'multipart', log);
      return true;
    }
    this.part = this.partFilter(this.waiting.toString('utf8', 0, end));
    this.pass(end + END_OF_HEADERS.length, leaving);
    // The line end before the body is that of the next delimiter, too, where the part is empty.
    this.waiting = Buffer.concat([CRLF, this.waiting]);
    this.invented = CRLF.length;
    return true;
  }

  private partFilter(headers: string): BodyFilter {
    const { redactor, direction, log } = this.inspection;
    const unfolded = headers.replace(/\r\n[ \t]+/g, ' ');
    const disposition = header(unfolded, 'content-disposition') ?? '';
    const type = header(unfolded, 'content-type');
    const encoding = (header(unfolded, 'content-transfer-encoding') ?? 'binary').trim();
    const fileName = parameter(disposition, 'filename') ?? parameter(disposition, 'filename*');
    const kind = mediaKind(type, fileName);
    if (!/^(?:7bit|8bit|binary)$/i.test(encoding)) redactor.uninspected(direction, 'encoding', log);
    const isField = this.isForm && fileName === null;
    return fileFilter(kind, isField, this.inspection, this.placeOf(parameter(disposition, 'name') ?? ''));
  }

  /** Places are logged: a name in which a rule may match is left out. */
  private placeOf(name: string): string {
    const { redactor, direction } = this.inspection;
    return /^[\w.[\]-]{1,64}$/.test(name) && redactor.isClean(name, direction) ? name : 'a part';
  }

  /** Hands the first bytes to the part at hand. */
  private feed(length: Bytes, leaving: Buffer[]): void {
    const piece = this.take(length);
    if (piece.length > 0) leaving.push(...this.part.push(piece));
  }

  private pass(length: Bytes, leaving: Buffer[]): void {
    const piece = this.take(length);
    if (piece.length > 0) leaving.push(piece);
  }

  /** Less what was invented. */
  private take(length: Bytes): Buffer {
    const piece = this.waiting.subarray(Math.min(this.invented, length), length);
    this.waiting = this.waiting.subarray(length);
    this.invented = Math.max(0, this.invented - length);
    return piece;
  }
}

function endOfPadding(bytes: Buffer, from: number): number {
  let end = from;
  while (bytes[end] === 0x20 || bytes[end] === 0x09) end++;
  return end;
}

function header(headers: string, name: string): string | undefined {
  for (const line of headers.split('\r\n')) {
    const colon = line.indexOf(':');
    if (line.slice(0, colon).trim().toLowerCase() === name) return line.slice(colon + 1).trim();
  }
  return undefined;
}

function parameter(value: string, name: string): string | null {
  const escaped = name.replace('*', '\\*');
  const [, quoted, bare] = new RegExp(`;\\s*${escaped}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, 'i').exec(value) ?? [];
  return quoted ?? bare ?? null;
}
