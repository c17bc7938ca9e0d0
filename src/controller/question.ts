import type { Clock } from '../core/clock.ts';
import type { Milliseconds } from '../core/units.ts';

/** Something that is asked outside and may take long: nothing waits for the answer, it is picked up when it is there. */
export class Question<T> {
  private readonly clock: Clock;
  private readonly every: Milliseconds;
  private nextAt: Milliseconds = -Infinity;
  private isOpen = false;
  private answer: { readonly value: T; readonly at: Milliseconds } | null = null;

  /** @param every how long after one answer it is asked again; an answer that nobody picked up for so long is void */
  constructor(clock: Clock, every: Milliseconds) {
    this.clock = clock;
    this.every = every;
  }

  /** The answer since the last call, once; null: there is none yet. Asks where it is time to. */
  poll(ask: () => Promise<T>): { readonly value: T } | null {
    const now = this.clock.now();
    const answer = this.answer !== null && now - this.answer.at <= this.every ? this.answer : null;
    this.answer = null;
    if (answer === null && !this.isOpen && now >= this.nextAt) this.ask(now, ask);
    return answer;
  }

  private ask(now: Milliseconds, ask: () => Promise<T>): void {
    this.isOpen = true;
    this.nextAt = now + this.every;
    void ask()
      .then((value) => (this.answer = { value, at: this.clock.now() }))
      .finally(() => (this.isOpen = false));
  }
}
