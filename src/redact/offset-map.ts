import type { Chars } from '../core/units.ts';

/** Marks of judged text are dropped in steps. */
const PRUNE_STEP = 64;

interface Mark {
  readonly decoded: number;
  /** What is to be added to the offset of a character from here on, until the next mark. */
  shift: Chars;
  /** What is to be added to `decoded` itself where it is the end of a range: less, if characters without meaning follow. */
  readonly endShift: Chars;
  /** Only characters that were left out make the difference. */
  readonly isGap: boolean;
}

/** Where the characters of a decoded text stand in the text it was decoded from. */
export class OffsetMap {
  private marks: Mark[] = [{ decoded: 0, shift: 0, endShift: 0, isGap: true }];

  /** `length` decoded characters at `decoded` stand for `rawLength` characters. */
  unit(decoded: number, length: Chars, rawLength: Chars): void {
    const { shift } = this.last;
    for (let i = 1; i < length; i++) this.add(decoded + i, shift - i, shift + rawLength - i, false);
    const after = shift + rawLength - length;
    this.add(decoded + length, after, after, false);
  }

  /** `rawLength` characters that stand for nothing come before the character at `decoded`. */
  gap(decoded: number, rawLength: Chars): void {
    const { last } = this;
    if (last.decoded === decoded) last.shift += rawLength;
    else this.add(decoded, last.shift + rawLength, last.shift, true);
  }

  /** Where the character at `decoded` starts. */
  start(decoded: number): number {
    return decoded + this.at(decoded).shift;
  }

  /** Where the character before `decoded` ends. */
  end(decoded: number): number {
    const mark = this.at(decoded);
    return decoded + (mark.decoded === decoded ? mark.endShift : mark.shift);
  }

  /** Every character of the range stands for itself, and none was left out among them. */
  isVerbatim(start: number, end: number): boolean {
    const { decoded, isGap } = this.at(end);
    if (decoded <= start) return true;
    return decoded === end && isGap && this.at(end - 1).decoded <= start;
  }

  /** Offsets before `decoded` will not be asked for again. */
  forget(decoded: number): void {
    if (this.marks.length < PRUNE_STEP) return;
    const first = this.marks.findLastIndex((mark) => mark.decoded < decoded);
    if (first > 0) this.marks = this.marks.slice(first);
  }

  private get last(): Mark {
    return this.marks[this.marks.length - 1]!;
  }

  private add(decoded: number, shift: Chars, endShift: Chars, isGap: boolean): void {
    this.marks.push({ decoded, shift, endShift, isGap });
  }

  private at(decoded: number): Mark {
    return lastUpTo(this.marks, decoded);
  }
}

/** The last of the sorted marks that is not behind `decoded`; the first where all are. */
function lastUpTo<M extends { readonly decoded: number }>(marks: readonly M[], decoded: number): M {
  let low = 0;
  let high = marks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (marks[middle]!.decoded <= decoded) low = middle;
    else high = middle - 1;
  }
  return marks[low]!;
}
