import { monotonicMicros } from './clock.ts';

/**
 * Calls each member once per period on a fixed grid of milliseconds. A timer per stream would slip by its own lateness
 * at every turn, and ten thousands of timers a second would cost as much as the frames that they send.
 */
export class Pacer {
  readonly #slots: Set<() => void>[];
  #turn = 0;
  readonly #startedAt = monotonicMicros();

  /** @param period in whole milliseconds */
  constructor(period: number) {
    this.#slots = Array.from({ length: period }, () => new Set<() => void>());
    setInterval(() => this.#catchUp(), 1);
  }

  /** The first call comes one period from now, to the millisecond; returns what ends the calls. */
  join(member: () => void): () => void {
    const slot = this.#slots[(this.#turn + this.#slots.length - 1) % this.#slots.length]!;
    slot.add(member);
    return () => slot.delete(member);
  }

  #catchUp(): void {
    const due = Math.floor((monotonicMicros() - this.#startedAt) / 1e3);
    for (; this.#turn < due; this.#turn++) {
      for (const member of this.#slots[this.#turn % this.#slots.length]!) member();
    }
  }
}
