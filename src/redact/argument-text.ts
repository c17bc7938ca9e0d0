import type { Chars } from '../core/units.ts';
import { EDGE } from './char-set.ts';

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const LONGEST_ESCAPE: Chars = 6;
const SIMPLE: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
/** Marks of judged text are dropped in steps. */
const PRUNE_STEP = 64;

/** From `decoded` on, raw offsets are larger by `shift`, until the next mark. */
interface Mark {
  readonly decoded: number;
  readonly shift: number;
  readonly isInString: boolean;
}

/**
 * Decodes JSON text that arrives in pieces: escapes become what they stand for, the quotes around strings become EDGE,
 * so that no match spans two strings; no other character does. Knows the raw offset of every decoded one. Text that is no JSON stays readable:
 * unknown escapes are kept as they are.
 */
export class ArgumentText {
  private decodedLength = 0;
  private shift = 0;
  private isInString = false;
  /** An escape of which the end is still to come. */
  private unfinished = '';
  private marks: Mark[] = [{ decoded: 0, shift: 0, isInString: false }];

  /** The decoded text of this piece. */
  push(piece: string): string {
    const raw = this.unfinished + piece;
    this.unfinished = '';
    let decoded = '';
    let from = 0;
    for (let at = nextSpecial(raw, 0); at >= 0; at = nextSpecial(raw, from)) {
      decoded += withoutEdges(raw.slice(from, at));
      this.decodedLength += at - from;
      from = at;
      const unit = raw.charCodeAt(at) === QUOTE ? this.quote() : this.escape(raw, at);
      if (unit === null) break;
      decoded += unit.text;
      from = at + unit.length;
    }
    if (this.unfinished !== '') return decoded;
    this.decodedLength += raw.length - from;
    return decoded + withoutEdges(raw.slice(from));
  }

  /** What an unfinished escape at the end of the text leaves: itself. */
  flush(): string {
    const rest = this.unfinished;
    this.unfinished = '';
    this.decodedLength += rest.length;
    return rest;
  }

  /** The raw offset of the first character that `decoded` stands for. */
  rawOffset(decoded: number): number {
    return decoded + this.markAt(decoded).shift;
  }

  isInsideString(decoded: number): boolean {
    return this.markAt(decoded).isInString;
  }

  /** Offsets before `decoded` will not be asked for again. */
  forget(decoded: number): void {
    if (this.marks.length < PRUNE_STEP) return;
    const first = this.marks.findLastIndex((mark) => mark.decoded <= decoded);
    if (first > 0) this.marks = this.marks.slice(first);
  }

  private markAt(decoded: number): Mark {
    const { marks } = this;
    let low = 0;
    let high = marks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (marks[middle]!.decoded <= decoded) low = middle;
      else high = middle - 1;
    }
    return marks[low]!;
  }

  private quote(): Unit {
    this.isInString = !this.isInString;
    this.advance(1, 1);
    return QUOTE_UNIT;
  }

  /** Null where the escape is cut off. */
  private escape(raw: string, at: number): Unit | null {
    const unit = readEscape(raw, at);
    if (unit === null) this.unfinished = raw.slice(at);
    else this.advance(unit.text.length, unit.length);
    return unit;
  }

  private advance(decoded: Chars, raw: Chars): void {
    this.decodedLength += decoded;
    this.shift += raw - decoded;
    this.marks.push({ decoded: this.decodedLength, shift: this.shift, isInString: this.isInString });
  }
}

/** Decoded text and the raw characters it took. */
interface Unit {
  readonly text: string;
  readonly length: Chars;
}

const QUOTE_UNIT: Unit = { text: EDGE, length: 1 };

function nextSpecial(raw: string, from: number): number {
  for (let at = from; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    if (code === BACKSLASH || code === QUOTE) return at;
  }
  return -1;
}

/** Only quotes are edges, whatever the text holds. */
function withoutEdges(text: string): string {
  return text.includes(EDGE) ? text.replaceAll(EDGE, '\ufffd') : text;
}

function readEscape(raw: string, at: number): Unit | null {
  const letter = raw[at + 1];
  if (letter === undefined) return null;
  if (letter !== 'u') return { text: SIMPLE[letter] ?? raw.slice(at, at + 2), length: 2 };
  const digits = raw.slice(at + 2, at + LONGEST_ESCAPE);
  if (/^[0-9A-Fa-f]{4}$/.test(digits))
    return { text: withoutEdges(String.fromCharCode(Number.parseInt(digits, 16))), length: 6 };
  if (/^[0-9A-Fa-f]{0,3}$/.test(digits) && at + 2 + digits.length === raw.length) return null;
  return { text: raw.slice(at, at + 2), length: 2 };
}
