/** A new estimate is taken when the trials have grown by this factor, so that tables made from it last. */
const GROWTH = 1.1;

export interface RateState {
  readonly trials: number;
  readonly events: number;
  readonly rate: number;
  readonly takenAt: number;
}

/** The stable arm's rate of an event, as bets use it: an estimate that is renewed ever more seldom. */
export class RateEstimate {
  rate: number;
  trials: number;
  events: number;
  private takenAt: number;

  /** @param initial the rate that is used before anything was counted */
  constructor(initial: number, saved?: RateState) {
    this.rate = saved?.rate ?? initial;
    this.trials = saved?.trials ?? 0;
    this.events = saved?.events ?? 0;
    this.takenAt = saved?.takenAt ?? 0;
  }

  /** @param estimate what the rate is now, from trials and events */
  add(share: number, estimate: (rate: this) => number): void {
    this.trials++;
    this.events += share;
    if (this.trials < GROWTH * this.takenAt) return;
    this.takenAt = this.trials;
    this.rate = estimate(this);
  }

  absorb(other: RateEstimate): void {
    if (other.trials > this.trials) [this.rate, this.takenAt] = [other.rate, other.takenAt];
    this.trials += other.trials;
    this.events += other.events;
  }

  toJSON(): RateState {
    return { trials: this.trials, events: this.events, rate: this.rate, takenAt: this.takenAt };
  }
}
