import { isUtf8 } from 'node:buffer';

export type Utf16 = 'utf16le' | 'utf16be';

/** So many bytes are looked at. */
const HEAD = 512;
/** Of the characters of a text in UTF-16 one in five at least is ASCII, if only blanks and line ends. */
const LEAST_ASCII = 0.2;

/** Told by its mark, or by NULs in every second byte; null where the bytes are no text in UTF-16. */
export function utf16Of(bytes: Buffer): Utf16 | null {
  if (bytes.length < 2) return null;
  const isLong = bytes.length >= 4 && bytes[2] === 0 && bytes[3] === 0;
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return isLong ? null : 'utf16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf16be';
  if (isWithNuls(bytes, 1)) return 'utf16le';
  return isWithNuls(bytes, 0) ? 'utf16be' : null;
}

/** @param high which byte of a character is NUL where it is ASCII */
function isWithNuls(bytes: Buffer, high: 0 | 1): boolean {
  const end = Math.min(bytes.length, HEAD) & ~1;
  let nuls = 0;
  for (let at = 0; at < end; at += 2) {
    if (bytes[at + high] !== 0) continue;
    if (!isOfText(bytes[at + 1 - high]!)) return false;
    nuls++;
  }
  return nuls > 0 && nuls >= (end / 2) * LEAST_ASCII;
}

/** A printable character of Latin-1, a blank, a line end, or what switches colours. */
function isOfText(code: number): boolean {
  return (code >= 0x20 && code < 0x7f) || code >= 0xa0 || (code >= 0x09 && code <= 0x0d) || code === 0x1b;
}

/** Half a character becomes the three bytes that it would have, so that `fromUtf8` gives the same bytes back. */
export function toUtf8(bytes: Buffer, charset: Utf16): Buffer {
  const text = (charset === 'utf16le' ? bytes : Buffer.from(bytes).swap16()).toString('utf16le');
  if (text.isWellFormed()) return Buffer.from(text, 'utf8');
  const pieces = text.split(/(\p{Cs})/u);
  return Buffer.concat(pieces.map((piece, i) => (i % 2 === 0 ? Buffer.from(piece, 'utf8') : half(piece))));
}

export function fromUtf8(bytes: Buffer, charset: Utf16): Buffer {
  const encoded = Buffer.from(isUtf8(bytes) ? bytes.toString('utf8') : withHalves(bytes), 'utf16le');
  return charset === 'utf16le' ? encoded : encoded.swap16();
}

/** What `inspect` makes of text in UTF-8, for text in UTF-16; the bytes that came where nothing changes. */
export function asUtf8(bytes: Buffer, inspect: (text: Buffer) => Buffer): Buffer {
  const charset = utf16Of(bytes);
  if (charset === null) return inspect(bytes);
  const end = bytes.length & ~1;
  const text = toUtf8(bytes.subarray(0, end), charset);
  const inspected = inspect(text);
  return inspected === text ? bytes : Buffer.concat([fromUtf8(inspected, charset), bytes.subarray(end)]);
}

function half(unit: string): Buffer {
  const code = unit.charCodeAt(0);
  return Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]);
}

function withHalves(bytes: Buffer): string {
  const pieces = bytes.toString('latin1').split(/(\xed[\xa0-\xbf][\x80-\xbf])/);
  return pieces.map((piece, i) => (i % 2 === 0 ? Buffer.from(piece, 'latin1').toString('utf8') : unit(piece))).join('');
}

function unit(three: string): string {
  return String.fromCharCode(
    ((three.charCodeAt(0) & 0x0f) << 12) | ((three.charCodeAt(1) & 0x3f) << 6) | (three.charCodeAt(2) & 0x3f),
  );
}
