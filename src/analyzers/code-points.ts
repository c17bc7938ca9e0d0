import type { Chars } from '../core/units.ts';

const SURROGATE = /[\ud800-\udfff]/;

/**
 * Turns places counted in characters as Python has them (Unicode code points) into places in a JavaScript text (UTF-16
 * units), all in one pass.
 */
export class CodePoints {
  /** Code points in the text. */
  readonly length: number;
  private readonly text: string;
  /** Every character is one unit, so that both count alike. */
  private readonly isPlain: boolean;

  constructor(text: string) {
    this.text = text;
    this.isPlain = !SURROGATE.test(text);
    this.length = this.isPlain ? text.length : countOf(text);
  }

  /** @param places in [0, length], in any order */
  toUnits(places: readonly number[]): ReadonlyMap<number, Chars> {
    if (this.isPlain) return new Map(places.map((place) => [place, place]));
    const units = new Map<number, Chars>();
    let at = 0;
    let unit = 0;
    for (const place of [...new Set(places)].sort((a, b) => a - b)) {
      for (; at < place; at++) unit += this.text.codePointAt(unit)! > 0xffff ? 2 : 1;
      units.set(place, unit);
    }
    return units;
  }
}

function countOf(text: string): number {
  let count = 0;
  for (let unit = 0; unit < text.length; count++) unit += text.codePointAt(unit)! > 0xffff ? 2 : 1;
  return count;
}
