import { isUtf8 } from 'node:buffer';

/** A byte that is none of UTF-8 is read as this plus the byte: half a character, which no UTF-8 stands for. */
const STRAY = 0xdc00;
/** The first code point that needs so many bytes: a longer form of it is none. */
const SMALLEST = [0, 0, 0x80, 0x800, 0x10000];

/**
 * UTF-8 in which any byte may stand: what is written in ASCII is read whatever is around it, Latin-1, Windows-1252 or
 * another set. `encodeLoose` gives the same bytes back.
 */
export function decodeLoose(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const units = new Uint16Array(bytes.length);
  let count = 0;
  for (let at = 0; at < bytes.length;) {
    const code = codePointAt(bytes, at);
    if (code > 0xffff) {
      units[count++] = 0xd7c0 + (code >> 10);
      units[count++] = 0xdc00 + (code & 0x3ff);
    } else units[count++] = code < 0 ? STRAY + bytes[at]! : code;
    at += code < 0x80 ? 1 : lengthOf(bytes[at]!);
  }
  return Buffer.from(units.buffer, 0, count * 2).toString('utf16le');
}

/** Text of `decodeLoose`, whole or in pieces that hold whole characters. */
export function encodeLoose(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8');
  const bytes = Buffer.allocUnsafe(text.length * 3);
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at)!;
    if (code < 0x80 || (code >= STRAY && code <= STRAY + 0xff)) bytes[count++] = code & 0xff;
    else count += bytes.write(String.fromCodePoint(code), count, 'utf8');
    if (code > 0xffff) at++;
  }
  return bytes.subarray(0, count);
}

/** Up to where the bytes hold no beginning of a character that is not complete. */
export function wholeCharacters(bytes: Buffer): number {
  const { length } = bytes;
  for (let back = 1; back <= Math.min(3, length); back++) {
    const byte = bytes[length - back]!;
    if (byte < 0x80) return length;
    if (byte >= 0xc0) return back < lengthOf(byte) ? length - back : length;
  }
  return length;
}

/** Of the character that begins with this byte. */
function lengthOf(lead: number): number {
  return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** Negative where there is none. */
function codePointAt(bytes: Buffer, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return lead;
  const length = lengthOf(lead);
  if (length === 1 || lead > 0xf4 || at + length > bytes.length) return -1;
  let code = lead & (0x7f >> length);
  for (let next = at + 1; next < at + length; next++) {
    const byte = bytes[next]!;
    if ((byte & 0xc0) !== 0x80) return -1;
    code = (code << 6) | (byte & 0x3f);
  }
  const isHalf = code >= 0xd800 && code <= 0xdfff;
  return code < SMALLEST[length]! || code > 0x10ffff || isHalf ? -1 : code;
}
