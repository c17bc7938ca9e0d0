import type { Chars } from '../core/units.ts';
import { CharSet } from './char-set.ts';
import { foldOf } from './confusables.ts';
import { OffsetMap } from './offset-map.ts';
import { CharOutput } from './char-output.ts';

const ASCII_END = 0x80;
/** Ten times as fast as a loop. */
const NON_ASCII = /[^\0-\x7f]/;
const PAGE = 256;
const PAGES = 0x11_0000 / PAGE;
/** Entries of a page that are no ASCII code: the character itself; a text of another length. */
const UNCHANGED = 0xffff;
const OTHER_LENGTH = 0;
/** What placeholders are made of: where such a character was another one, it is noted. */
const OWN_CHARS = new CharSet('A-Z0-9_');

/** What becomes of the 256 code points of a page; filled when one of them is first seen. An array with holes would be read at half the speed. */
const pages: (Uint16Array | null)[] = Array.from({ length: PAGES }, () => null);
/** By code point, where that is nothing or several characters. */
const folds = new Map<number, string>();

function pageOf(codePoint: number): Uint16Array {
  const number = codePoint >> 8;
  return (pages[number] ??= Uint16Array.from({ length: PAGE }, (_, i) => entryOf(number * PAGE + i)));
}

function entryOf(codePoint: number): number {
  if (codePoint < ASCII_END || isSurrogate(codePoint)) return UNCHANGED;
  const char = String.fromCodePoint(codePoint);
  const fold = foldOf(char);
  if (fold === char) return UNCHANGED;
  if (fold.length === 1) return fold.charCodeAt(0);
  folds.set(codePoint, fold);
  return OTHER_LENGTH;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

/** The code point at `at`; a lone half of one counts as itself. */
function codePointAt(text: string, at: number, code: number): number {
  return isHighSurrogate(code) ? text.codePointAt(at)! : code;
}

/** Where the first character stands that is taken for something else; the text's length if none does. */
function firstFolded(text: string): number {
  // Of ASCII, told by native code.
  if (Buffer.byteLength(text) === text.length) return text.length;
  const from = text.search(NON_ASCII);
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < ASCII_END) continue;
    const codePoint = codePointAt(text, at, code);
    if (pageOf(codePoint)[codePoint & 0xff] !== UNCHANGED) return at;
    if (codePoint > 0xffff) at++;
  }
  return text.length;
}

/** The text holds no character that is taken for another one. */
export function isNormal(text: string): boolean {
  return firstFolded(text) === text.length;
}

/** What one character is taken for. @param char a code point */
export function foldedChar(char: string): string {
  const codePoint = char.codePointAt(0)!;
  const entry = pageOf(codePoint)[codePoint & 0xff]!;
  if (entry === UNCHANGED) return char;
  return entry === OTHER_LENGTH ? folds.get(codePoint)! : String.fromCharCode(entry);
}

/** All of a text as `NormalisedText` gives it. */
export function normalised(text: string): string {
  const whole = new NormalisedText();
  return whole.push(text) + whole.flush();
}

/**
 * The text as a reader sees it, in ASCII as far as it goes, whatever code points it was written in: so that no key passes
 * because of an invisible character in it. Takes text in pieces and knows the raw offset of every character.
 */
export class NormalisedText {
  /** Half a character whose other half is still to come. */
  unfinished = '';
  /** Some character was taken for another one. */
  isFolded = false;
  private length: Chars = 0;
  private readonly map = new OffsetMap();
  private readonly keepsText: boolean;
  private text = '';

  /** @param keepsText `original` will be asked for */
  constructor(keepsText = false) {
    this.keepsText = keepsText;
  }

  push(piece: string): string {
    if (this.keepsText) this.text += piece;
    const raw = this.unfinished + piece;
    const isCut = isHighSurrogate(raw.charCodeAt(raw.length - 1));
    this.unfinished = isCut ? raw.slice(-1) : '';
    return this.fold(isCut ? raw.slice(0, -1) : raw);
  }

  /** What an unfinished character at the end of the text leaves: itself. */
  flush(): string {
    const rest = this.unfinished;
    this.unfinished = '';
    this.length += rest.length;
    return rest;
  }

  rawStart(offset: number): number {
    return this.isFolded ? this.map.start(offset) : offset;
  }

  /** Without the invisible characters that follow. */
  rawEnd(offset: number): number {
    return this.isFolded ? this.map.end(offset) : offset;
  }

  /** Every letter, digit and underscore of the range was written as such, with nothing in between. */
  isVerbatim(start: number, end: number): boolean {
    return !this.isFolded || this.map.isVerbatim(start, end);
  }

  /** What was written there; null where text is not kept. */
  original(start: number, end: number): string | null {
    return this.keepsText ? this.text.slice(this.rawStart(start), this.rawEnd(end)) : null;
  }

  forget(offset: number): void {
    if (this.isFolded) this.map.forget(offset);
  }

  private fold(raw: string): string {
    const from = firstFolded(raw);
    if (from === raw.length) {
      this.length += raw.length;
      return raw;
    }
    this.isFolded = true;
    return this.foldFrom(raw, from);
  }

  private foldFrom(raw: string, from: number): string {
    const out = new CharOutput(raw, from);
    for (let at = from; at < raw.length; at++) {
      const code = raw.charCodeAt(at);
      if (code < ASCII_END) {
        out.add(code);
        continue;
      }
      const codePoint = codePointAt(raw, at, code);
      const width = codePoint > 0xffff ? 2 : 1;
      const entry = pageOf(codePoint)[codePoint & 0xff]!;
      if (entry === UNCHANGED) {
        out.add(code);
        if (width === 2) out.add(raw.charCodeAt(at + 1));
      } else this.addFold(entry, codePoint, width, out);
      at += width - 1;
    }
    this.length += out.length;
    return out.text();
  }

  private addFold(entry: number, codePoint: number, width: Chars, out: CharOutput): void {
    const at = this.length + out.length;
    if (entry !== OTHER_LENGTH) {
      out.add(entry);
      if (width > 1 || OWN_CHARS.has(entry)) this.map.unit(at, 1, width);
      return;
    }
    const fold = folds.get(codePoint)!;
    if (fold === '') this.map.gap(at, width);
    else this.map.unit(at, fold.length, width);
    for (let i = 0; i < fold.length; i++) out.add(fold.charCodeAt(i));
  }
}
