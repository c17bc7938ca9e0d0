import type { Milliseconds } from '../core/units.ts';

/** Something that is asked outside and may take long: nothing waits for the answer, it is picked up when it is there. */
export class Question<T> {
  private readonly every: Milliseconds;
  private nextAt: Milliseconds = -Infinity;
  private isOpen = false;
  private answer: { readonly value: T } | null = null;

  /** @param every how long after one answer it is asked again */
  constructor(every: Milliseconds) {
    this.every = every;
  }

  /** The answer since the last call, once; null: there is none yet. Asks where it is time to. */
  poll(now: Milliseconds, ask: () => Promise<T>): { readonly value: T } | null {
    const { answer } = this;
    this.answer = null;
    if (answer === null && !this.isOpen && now >= this.nextAt) this.ask(now, ask);
    return answer;
  }

  private ask(now: Milliseconds, ask: () => Promise<T>): void {
    this.isOpen = true;
    this.nextAt = now + this.every;
    void ask()
      .then((value) => (this.answer = { value }))
      .finally(() => (this.isOpen = false));
  }
}
