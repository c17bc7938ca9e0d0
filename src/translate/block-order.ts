import type { Block, StreamPart } from './completion.ts';
import type { EmitPart } from './format.ts';

/** A block that waits until those before it have ended. */
interface Waiting {
  readonly key: string;
  readonly parts: StreamPart[];
  isEnded: boolean;
}

/** Puts the blocks of one choice one after the other, however their vendor mixes their fragments. Loses and invents nothing. */
export class BlockOrder {
  private readonly choice: number;
  private open: string | null = null;
  private waiting: Waiting[] = [];

  constructor(choice: number) {
    this.choice = choice;
  }

  /** The block whose parts go through at once. */
  get current(): string | null {
    return this.open;
  }

  has(key: string): boolean {
    return this.open === key || this.waiting.some((each) => each.key === key);
  }

  start(key: string, block: Block, emit: EmitPart): void {
    const start: StreamPart = { kind: 'block_start', choice: this.choice, block };
    if (this.open === null) {
      this.open = key;
      emit(start);
    } else this.waiting.push({ key, parts: [start], isEnded: false });
  }

  /** A part of a block that has started and not ended. */
  push(key: string, part: StreamPart, emit: EmitPart): void {
    if (this.open === key) emit(part);
    else this.waiting.find((each) => each.key === key)?.parts.push(part);
  }

  end(key: string, emit: EmitPart): void {
    if (this.open !== key) {
      const waiting = this.waiting.find((each) => each.key === key);
      if (waiting !== undefined) waiting.isEnded = true;
      return;
    }
    emit({ kind: 'block_end', choice: this.choice });
    this.open = null;
    this.next(emit);
  }

  endAll(emit: EmitPart): void {
    for (const each of this.waiting) each.isEnded = true;
    if (this.open !== null) this.end(this.open, emit);
  }

  /** The first that waits, and all that have ended while they did. */
  private next(emit: EmitPart): void {
    while (this.open === null && this.waiting.length > 0) {
      const { key, parts, isEnded } = this.waiting.shift()!;
      for (const part of parts) emit(part);
      if (isEnded) emit({ kind: 'block_end', choice: this.choice });
      else this.open = key;
    }
  }
}
