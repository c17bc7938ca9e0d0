/** A process that holds leases. */
interface LeaseHolder {
  holds(counter: string): boolean;
  /** What it has left of them comes back before this resolves. One that does not answer keeps it. */
  giveBack(counters: readonly string[]): Promise<void>;
}

/** Calls back what processes have leased, before anybody is refused for the want of it. */
export class LeaseRecalls {
  private readonly holders = new Set<LeaseHolder>();
  /** Those of the round under way, and those that wait for the next one. */
  private asking: ReadonlySet<string> = new Set();
  private waiting = new Set<string>();
  private round: Promise<void> = Promise.resolve();
  private next: Promise<void> | null = null;

  join(holder: LeaseHolder): void {
    this.holders.add(holder);
  }

  leave(holder: LeaseHolder): void {
    this.holders.delete(holder);
  }

  /** Nobody may lease of it now: whoever waits for it comes first. */
  isRecalled(counter: string): boolean {
    return this.asking.has(counter) || this.waiting.has(counter);
  }

  /** Those of which anybody may have something to give back. */
  held(counters: readonly string[]): readonly string[] {
    return counters.filter((counter) => [...this.holders].some((holder) => holder.holds(counter)));
  }

  /**
   * Resolves when all who hold any of these have given back what they had left after this was called. One that does not
   * answer keeps what it has. A round for all who wait: however many are refused, there is one at a time.
   */
  recall(counters: readonly string[]): Promise<void> {
    for (const counter of counters) this.waiting.add(counter);
    return (this.next ??= this.round.then(() => (this.round = this.ask())));
  }

  private async ask(): Promise<void> {
    this.next = null;
    this.asking = this.waiting;
    this.waiting = new Set();
    const counters = [...this.asking];
    const holders = [...this.holders].filter((holder) => counters.some((counter) => holder.holds(counter)));
    await Promise.all(holders.map((holder) => holder.giveBack(counters)));
    this.asking = new Set();
  }
}
