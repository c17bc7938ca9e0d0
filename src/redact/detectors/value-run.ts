import type { Chars } from '../../core/units.ts';
import { CharSet } from '../char-set.ts';
import { KnownRun, NextPlace } from '../last-text.ts';

/** A class, and how often: `[A-F0-9]{16,32}`. */
const ONE_CLASS = /^\[([^\]\\]+)\]\{(\d+)(,\d*)?\}$/;

/** A value's characters and the regular expression of it; most are one class of characters, and no more than counted. */
export class ValueRun {
  readonly chars: CharSet;
  private readonly run: KnownRun;
  private readonly value: RegExp;
  private readonly needed: NextPlace | null;
  /** Of a value that is one run of `chars`; null of others. */
  private readonly lengths: { readonly least: Chars; readonly most: Chars } | null;

  /** @param needs a literal in every value: where it is not, the regular expression would have to go back and forth in vain */
  constructor(chars: string, value: string, longest: Chars, needs: string | null = null) {
    this.chars = new CharSet(chars);
    this.run = new KnownRun(this.chars);
    this.value = new RegExp(value, 'y');
    this.needed = needs === null ? null : new NextPlace(needs);
    this.lengths = lengthsOf(chars, value, longest);
  }

  /** The end of the characters that a value has, at most `limit`. */
  charsEnd(text: string, from: number, limit: number): number {
    return this.run.end(text, from, limit);
  }

  /** The end of the value that starts at `start`; -1 where none does. @param charsEnd at least as far as a value reaches */
  end(text: string, start: number, charsEnd: number): number {
    const { lengths, value } = this;
    if (lengths !== null) return charsEnd - start < lengths.least ? -1 : Math.min(charsEnd, start + lengths.most);
    if (this.needed?.isIn(text, start, charsEnd) === false) return -1;
    value.lastIndex = start;
    return value.test(text) ? value.lastIndex : -1;
  }
}

function lengthsOf(chars: string, value: string, longest: Chars): { least: Chars; most: Chars } | null {
  const parts = ONE_CLASS.exec(value);
  if (parts === null || parts[1] !== chars) return null;
  const least = Number(parts[2]);
  if (parts[3] === undefined) return { least, most: least };
  return parts[3] === ',' ? null : { least, most: Math.min(longest, Number(parts[3].slice(1))) };
}
