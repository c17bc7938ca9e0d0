import { isUtf8 } from 'node:buffer';
import type { Bytes } from '../core/units.ts';
import { NOTHING, type BodyFilter, type Inspection } from './body-filter.ts';
import { tooLarge } from './read-body.ts';

const AND = 0x26;
const EQUALS = 0x3d;
const PLUS = 0x2b;
const PERCENT = 0x25;
const SPACE = 0x20;
/** Names that may be told as places. */
const PLAIN_NAME = /^[\w.[\]-]{1,64}$/;

/**
 * A form in one line, field by field: what a field says is judged decoded, and only what changes is written anew.
 * @source https://url.spec.whatwg.org/#application/x-www-form-urlencoded
 */
export class UrlencodedFilter implements BodyFilter {
  readonly isRaw = false;
  private readonly inspection: Inspection;
  private readonly prefix: string;
  /** Of the field that has not ended. */
  private pieces: Buffer[] = [];
  private size: Bytes = 0;

  constructor(inspection: Inspection, place: string) {
    this.inspection = inspection;
    this.prefix = place === '' ? '' : `${place}, `;
  }

  push(chunk: Buffer): readonly Buffer[] {
    const leaving: Buffer[] = [];
    let from = 0;
    for (let end = chunk.indexOf(AND); end >= 0; end = chunk.indexOf(AND, from)) {
      this.add(chunk.subarray(from, end));
      leaving.push(...this.endField(), chunk.subarray(end, end + 1));
      from = end + 1;
    }
    this.add(chunk.subarray(from));
    return leaving;
  }

  finish(): readonly Buffer[] {
    return this.endField();
  }

  private add(piece: Buffer): void {
    const { maxBytes } = this.inspection;
    this.size += piece.length;
    if (this.size > maxBytes) throw tooLarge(maxBytes);
    if (piece.length > 0) this.pieces.push(piece);
  }

  private endField(): readonly Buffer[] {
    if (this.size === 0) return NOTHING;
    const field = Buffer.concat(this.pieces, this.size);
    this.pieces = [];
    this.size = 0;
    const equals = field.indexOf(EQUALS);
    if (equals < 0) return [this.inspect(field, `${this.prefix}a field`)];
    const name = decoded(field.subarray(0, equals)).toString('utf8');
    const place = `${this.prefix}${this.placeOf(name)}`;
    const written = this.inspect(field.subarray(0, equals), `${this.prefix}a field`);
    return [written, field.subarray(equals, equals + 1), this.inspect(field.subarray(equals + 1), place, name)];
  }

  /** @returns the bytes that it was given where nothing changes */
  private inspect(written: Buffer, place: string, name?: string): Buffer {
    const { redactor, direction, log } = this.inspection;
    const bytes = decoded(written);
    const charset = isUtf8(bytes) ? 'utf8' : 'latin1';
    if (charset === 'latin1') redactor.uninspected(direction, 'charset', log);
    const text = bytes.toString(charset);
    const clean = redactor.redactPlain(text, direction, log, place, name);
    return clean === text ? written : encoded(Buffer.from(clean, charset));
  }

  /** Places are logged: a name in which a rule may match is left out. */
  private placeOf(name: string): string {
    const { redactor, direction } = this.inspection;
    return PLAIN_NAME.test(name) && redactor.isClean(name, direction) ? name : 'a field';
  }
}

/** What the bytes stand for; a percent sign without two digits stands for itself. */
function decoded(bytes: Buffer): Buffer {
  if (!bytes.includes(PERCENT) && !bytes.includes(PLUS)) return bytes;
  const out = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    const value = byte === PERCENT ? valueOf(bytes, at + 1) : -1;
    if (value >= 0) at += 2;
    out[length++] = value >= 0 ? value : byte === PLUS ? SPACE : byte;
  }
  return out.subarray(0, length);
}

function valueOf(bytes: Buffer, at: number): number {
  const digits = bytes.toString('latin1', at, at + 2);
  return /^[0-9A-Fa-f]{2}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
}

function encoded(bytes: Buffer): Buffer {
  let text = '';
  for (const byte of bytes) text += encodedByte(byte);
  return Buffer.from(text, 'latin1');
}

function encodedByte(byte: number): string {
  if (byte === SPACE) return '+';
  const char = String.fromCharCode(byte);
  return /[A-Za-z0-9*._-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
