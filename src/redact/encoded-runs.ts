import type { Chars } from '../core/units.ts';
import { CharSet } from './char-set.ts';

/** Shorter ones hold no value worth the false alarms. */
const SHORTEST_RUN: Chars = 20;
/** Lines of wrapped base64 are at least as long, and whole groups of four. */
const SHORTEST_LINE: Chars = 60;
const GROUP: Chars = 4;
/** Base64 and base64url; hexadecimal digits are among them. */
const RUN = new CharSet('A-Za-z0-9+/_-');
const DIGITS = new CharSet('0-9');
const HEX_DIGITS = new CharSet('A-Fa-f0-9');
const ESCAPE_LETTERS = new CharSet('nrtbf');
const PADDING = 0x3d;
const BACKSLASH = 0x5c;
const LINE_BREAK = /(?:\r|\\r)?(?:\n|\\n) {0,32}/y;
/** Of the bytes of a text one in ten at most is none of a text. */
const ODD_BYTES = 0.1;
const NOT_IN_ALPHABET = 64;
const SIX_BITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const place = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.indexOf(String.fromCharCode(code));
  if (place >= 0) return place;
  return code === 0x2d ? 62 : code === 0x5f ? 63 : NOT_IN_ALPHABET;
});

/** `text[start, end)` is base64 or hexadecimal, and of text. */
interface EncodedRun {
  readonly start: number;
  readonly end: number;
  readonly decoded: string;
}

/** Some text may be hidden as base64 or hexadecimal digits; allocates nothing. */
export function mayHaveRuns(text: string): boolean {
  return firstRun(text, 0, (start, end) => isOfText(text, start, end)) >= 0;
}

export function encodedRuns(text: string): EncodedRun[] {
  const runs: EncodedRun[] = [];
  firstRun(text, 0, (start, end) => {
    if (!isOfText(text, start, end)) return false;
    runs.push({ start, end: paddedEnd(text, end), decoded: decode(text.slice(start, end)) });
    return false;
  });
  return runs;
}

/**
 * Looks at the last character that a run may have, and from there back to the first that is none of a run: in words that
 * is near, and no run begins before it. Where `accepts` says yes; -1 if never.
 */
function firstRun(text: string, from: number, accepts: (start: number, end: number) => boolean): number {
  for (let last = from + SHORTEST_RUN - 1; last < text.length;) {
    let start = last - SHORTEST_RUN + 1;
    const gap = lastOutside(text, start, last);
    if (gap >= start) {
      last = gap + SHORTEST_RUN;
      continue;
    }
    let end = RUN.runEnd(text, last + 1, text.length);
    // The end of an escape such as `\n` is none of the run.
    if (text.charCodeAt(start - 1) === BACKSLASH && ESCAPE_LETTERS.has(text.charCodeAt(start))) start++;
    if (end - start >= SHORTEST_RUN) {
      end = wrappedEnd(text, start, end);
      if (accepts(start, end)) return start;
    }
    last = end + SHORTEST_RUN - 1;
  }
  return -1;
}

/** The last character of `text[from, to]` that is none of a run; one before `from` where all are. */
function lastOutside(text: string, from: number, to: number): number {
  let at = to;
  while (at >= from && RUN.has(text.charCodeAt(at))) at--;
  return at;
}

/** The end of the last line of base64 that begins with the line `text[start, end)`. */
function wrappedEnd(text: string, start: number, end: number): number {
  const length = end - start;
  if (length < SHORTEST_LINE || length % GROUP !== 0) return end;
  for (;;) {
    const next = lineStart(text, end);
    if (next === end) return end;
    const lineEnd = RUN.runEnd(text, next, text.length);
    if (lineEnd === next || lineEnd - next > length) return end;
    end = lineEnd;
    if (lineEnd - next < length) return end;
  }
}

/** Behind the line break at `at`, as it is or as an escape in JSON text, and the indent behind it. */
function lineStart(text: string, at: number): number {
  LINE_BREAK.lastIndex = at;
  return LINE_BREAK.test(text) ? LINE_BREAK.lastIndex : at;
}

function paddedEnd(text: string, end: number): number {
  let padded = end;
  while (padded < end + 2 && text.charCodeAt(padded) === PADDING) padded++;
  return padded;
}

function isOfText(text: string, start: number, end: number): boolean {
  // A number, whatever its digits would decode to.
  if (DIGITS.runEnd(text, start, end) === end) return false;
  const meter = new TextMeter((end - start) * ODD_BYTES);
  return isHex(text, start, end) ? isHexOfText(text, start, end, meter) : isBase64OfText(text, start, end, meter);
}

function isHex(text: string, start: number, end: number): boolean {
  return (end - start) % 2 === 0 && HEX_DIGITS.runEnd(text, start, end) === end;
}

function isHexOfText(text: string, start: number, end: number, meter: TextMeter): boolean {
  for (let at = start; at < end; at += 2) {
    if (!meter.takes(hexValue(text.charCodeAt(at)) * 16 + hexValue(text.charCodeAt(at + 1)))) return false;
  }
  return true;
}

function hexValue(code: number): number {
  return code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57;
}

function isBase64OfText(text: string, start: number, end: number, meter: TextMeter): boolean {
  let bits = 0;
  let count = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    const six = code < 128 ? SIX_BITS[code]! : NOT_IN_ALPHABET;
    if (code === BACKSLASH) at++;
    if (six === NOT_IN_ALPHABET) continue;
    bits = ((bits << 6) | six) & 0xffff;
    if (count++ % GROUP !== 0 && !meter.takes((bits >> (6 - 2 * ((count - 1) % GROUP))) & 0xff)) return false;
  }
  return true;
}

/** Counts the bytes that are none of a text in UTF-8, or of ASCII in UTF-16. */
class TextMeter {
  private odd = 0;
  private readonly most: number;
  private last = 0;
  /** Bytes of a character that are still to come. */
  private expected = 0;

  constructor(most: number) {
    this.most = most;
  }

  /** False: there were too many. */
  takes(byte: number): boolean {
    if (!this.fits(byte)) this.odd++;
    this.last = byte;
    return this.odd <= this.most;
  }

  private fits(byte: number): boolean {
    if (this.expected > 0) {
      this.expected--;
      return byte >= 0x80 && byte < 0xc0;
    }
    if (byte >= 0xc2 && byte < 0xf5) {
      this.expected = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
      return true;
    }
    if (byte === 0) return this.last !== 0;
    return (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d);
  }
}

function decode(run: string): string {
  const bytes = isHex(run, 0, run.length)
    ? Buffer.from(run, 'hex')
    : Buffer.from(run.replaceAll(/\\[nr]/g, ''), 'base64');
  return isUtf16(bytes) ? bytes.toString('utf16le') : bytes.toString('utf8');
}

/** As PowerShell takes commands: every second byte is zero, or nearly. */
function isUtf16(bytes: Buffer): boolean {
  let zeros = 0;
  for (let at = 1; at < bytes.length; at += 2) if (bytes[at] === 0) zeros++;
  return zeros > bytes.length / 4;
}
