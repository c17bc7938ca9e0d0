import type { Chars } from '../core/units.ts';
import { detached } from './detached.ts';
import { Opening } from './opening.ts';

/** Text or arguments beyond are not judged. */
const MAX_COLLECTED: Chars = 256 * 1024;

export interface ToolCall {
  name: string;
  /** As JSON text. */
  arguments: string;
}

interface Choice {
  readonly opening: Opening;
  /** Empty where it is not judged. */
  text: string;
  /** The protocol itself says that it is a refusal, or that a filter cut it. */
  isRefused: boolean;
  readonly calls: Map<number, ToolCall>;
}

/** What a reply said, as far as it is judged. */
export class ReplyContent {
  readonly choices: Choice[] = [];
  chars: Chars = 0;
  /** There was more than is kept. */
  isOverlong = false;
  private readonly keepsText: boolean;
  private readonly keepsCalls: boolean;
  private collected: Chars = 0;

  constructor(keepsText: boolean, keepsCalls: boolean) {
    this.keepsText = keepsText;
    this.keepsCalls = keepsCalls;
  }

  /** @param from the text that the piece was cut from, if it was */
  addText(choice: number, piece: string, from = ''): void {
    if (piece === '') return;
    this.chars += piece.length;
    const into = this.choice(choice);
    into.opening.add(piece, from);
    if (this.keepsText && this.takes(piece)) into.text += detached(piece, from);
  }

  addRefusal(choice: number, text: string): void {
    this.chars += text.length;
    this.refuse(choice);
  }

  refuse(choice: number): void {
    this.choice(choice).isRefused = true;
  }

  /** @param index tells the calls of one choice apart, in any order of their pieces */
  addCall(choice: number, index: number, name: string, piece: string, from = ''): void {
    this.chars += piece.length;
    const { calls } = this.choice(choice);
    let call = calls.get(index);
    if (call === undefined) calls.set(index, (call = { name: '', arguments: '' }));
    if (!this.keepsCalls) return;
    if (call.name === '') call.name = name; // some servers repeat it with every piece
    if (this.takes(piece)) call.arguments += detached(piece, from);
  }

  /** A reply of a protocol without choices, or an empty one, has one all the same. */
  choice(index: number): Choice {
    // A provider's number: what is no place in a list must not make one.
    const place = Number.isInteger(index) && index >= 0 && index < MAX_CHOICES ? index : 0;
    while (this.choices.length <= place)
      this.choices.push({ opening: new Opening(), text: '', isRefused: false, calls: new Map() });
    return this.choices[place]!;
  }

  private takes(piece: string): boolean {
    this.collected += piece.length;
    if (this.collected > MAX_COLLECTED) this.isOverlong = true;
    return !this.isOverlong;
  }
}

/** The most that OpenAI documents for `n`. */
const MAX_CHOICES = 128;
