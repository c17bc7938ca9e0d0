import type { Chars } from '../core/units.ts';
import { detached } from './detached.ts';

/** As much of a text as tells a refusal. */
const OPENING: Chars = 300;
const THOUGHT = /^\s*<think>/;
const THOUGHT_END = '</think>';

/**
 * How a text begins, behind what some open models think first and servers leave in the text: what is weighed there is not
 * said to the user.
 */
export class Opening {
  text = '';
  private isThinking = false;
  private hasThought = false;
  /** The end of a thought may come in two pieces. */
  private tail = '';

  /** @param from the text that the piece was cut from, if it was */
  add(piece: string, from: string): void {
    if (this.isThinking) {
      this.skip(piece);
      return;
    }
    if (this.text.length >= OPENING) return;
    const room = OPENING - this.text.length;
    this.text += detached(piece.slice(0, room), from);
    if (!this.hasThought && THOUGHT.test(this.text)) this.startThought(piece.slice(room));
  }

  private startThought(rest: string): void {
    const thought = this.text.slice(this.text.indexOf('>') + 1) + rest;
    this.hasThought = true;
    this.isThinking = true;
    this.text = '';
    this.skip(thought);
  }

  private skip(piece: string): void {
    const thought = this.tail + piece;
    const end = thought.indexOf(THOUGHT_END);
    this.tail = end < 0 ? thought.slice(1 - THOUGHT_END.length) : '';
    if (end < 0) return;
    this.isThinking = false;
    this.add(thought.slice(end + THOUGHT_END.length), thought);
  }
}
