import { PART } from './grammar.ts';

/** Letters between what was found and what takes the edge off it: about a sentence or two. */
const REACH = 120;
const FIRST = PART.mention;
const FAR = -1_000_000;

/** What kinds of talk stand near what was found: far from it, it says nothing about it. */
export class Surroundings {
  private readonly near = new Uint8Array(PART.task - FIRST + 1);
  /** Where each kind stood last, and before that. */
  private readonly last = new Int32Array(this.near.length).fill(FAR);
  private readonly before = new Int32Array(this.near.length).fill(FAR);
  private foundAt = FAR;

  /** 0, 1, or 2 for more. */
  count(kind: number): number {
    return this.near[kind - FIRST]!;
  }

  /** Talk of this kind stands at this letter. */
  take(kind: number, letter: number): void {
    const place = kind - FIRST;
    this.before[place] = this.last[place]!;
    this.last[place] = letter;
    if (letter - this.foundAt <= REACH) this.near[place] = Math.min(2, this.near[place]! + 1);
  }

  /** A sign of an attack was found at this letter. */
  find(letter: number): void {
    this.foundAt = letter;
    for (let place = 0; place < this.near.length; place++) {
      const isNear = letter - this.last[place]! <= REACH;
      const isTwice = letter - this.before[place]! <= REACH;
      this.near[place] = Math.max(this.near[place]!, isTwice ? 2 : isNear ? 1 : 0);
    }
  }
}
