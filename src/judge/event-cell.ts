import type { Cell, Counts } from './cell.ts';
import type { Effect } from './effect.ts';
import { DISPLAY_ALPHA } from './plan.ts';
import { RateEstimate, type RateState } from './rate-estimate.ts';
import { RatioBet, alternatives } from './ratio-bet.ts';
import { RatioLikelihood } from './ratio-likelihood.ts';
import type { Wealth } from './wealth.ts';

/** How many times what is accepted the canary's rate may be. Most is staked on what is worth finding fast. */
const WORSE = alternatives([1.25, 1], [1.5, 2], [2, 6], [3, 7], [5, 7], [10, 7]);
/** Below this stable rate, requests without the event tell next to nothing. */
const HIGH_RATE = 0.05;
/** Stable units before its rate is trusted as a bet. */
const KNOWN_AFTER = 100;

export interface EventCellState {
  readonly worse: Wealth;
  readonly stable: RateState;
  readonly canary: readonly [number, number];
  readonly likelihood: readonly number[];
}

export class EventCell implements Cell {
  /** Shared with the bet in the other direction. */
  readonly stable: RateEstimate;
  private readonly worse: RatioBet;
  /** Units, events. */
  private readonly canary: [number, number];
  private readonly likelihood: RatioLikelihood;

  constructor(ratio: number, saved?: EventCellState) {
    this.worse = new RatioBet(ratio, WORSE, saved?.worse);
    this.stable = new RateEstimate(0, saved?.stable);
    this.canary = saved === undefined ? [0, 0] : [...saved.canary];
    this.likelihood = new RatioLikelihood(saved?.likelihood);
  }

  get eValue(): number {
    return this.worse.eValue;
  }

  bet(arm: number, weight: number, scores: readonly number[]): void {
    const share = scores[0]!;
    this.worse.bet(arm, weight, share, this.stable.rate);
    if (share === 1) this.likelihood.addEvent(arm, weight);
    if (arm === 0) {
      this.stable.add(share, highRate);
      return;
    }
    this.canary[0]++;
    this.canary[1] += share;
  }

  effect(): Effect {
    return this.likelihood.effect(DISPLAY_ALPHA);
  }

  counts(): Counts {
    const { trials, events } = this.stable;
    return { stable: { units: trials, events }, canary: { units: this.canary[0], events: this.canary[1] } };
  }

  absorb(other: EventCell): void {
    this.worse.absorb(other.worse);
    this.stable.absorb(other.stable);
    this.canary[0] += other.canary[0];
    this.canary[1] += other.canary[1];
    this.likelihood.absorb(other.likelihood);
  }

  toJSON(): EventCellState {
    return {
      worse: this.worse.wealth,
      stable: this.stable.toJSON(),
      canary: this.canary,
      likelihood: this.likelihood.toJSON(),
    };
  }
}

/** 0, which bets on events only, while the rate is low or not yet known. */
function highRate({ events, trials }: RateEstimate): number {
  const rate = (events + 0.5) / (trials + 1);
  return trials < KNOWN_AFTER || rate < HIGH_RATE ? 0 : rate;
}
