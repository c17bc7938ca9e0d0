import { eValueOf, absorbWealth, stake, startingWealth, type Wealth } from './wealth.ts';

/** How boldly each bettor plays, as a share of the boldest stake that cannot ruin it. */
const STAKES = [0.1, 0.2, 0.4, 0.8];

export type RankDirection = 'higher' | 'lower' | 'either';

export interface RankBetState {
  readonly wealth: Wealth;
  readonly scores: number;
  readonly sum: number;
}

/**
 * Bets that the canary's values rank higher (or lower) than the stable arm's: `1 + lambda (A - w) g`, with `g` the
 * rank of the value among earlier ones, from -1 to 1. If both arms have the same distribution, `g` tells nothing about
 * the arm `A`, so the bet is fair whatever the distribution is and however it moves.
 */
export class RankBet {
  readonly wealth: Wealth;
  private readonly direction: RankDirection;
  private scores: number;
  private sum: number;

  constructor(direction: RankDirection, saved?: RankBetState) {
    this.direction = direction;
    const bettors = direction === 'either' ? 2 * STAKES.length : STAKES.length;
    this.wealth = saved === undefined ? startingWealth(bettors) : [...saved.wealth];
    this.scores = saved?.scores ?? 0;
    this.sum = saved?.sum ?? 0;
  }

  get eValue(): number {
    return eValueOf(this.wealth);
  }

  bet(arm: number, weight: number, score: number): void {
    // Around the mean of what came before, so that a segment that is slow on both arms does not add noise.
    const center = this.sum / (this.scores + 1);
    const edge = ((arm - weight) * (score - center)) / ((1 + Math.abs(center)) * Math.max(weight, 1 - weight));
    const sign = this.direction === 'lower' ? -1 : 1;
    for (let bettor = 0; bettor < STAKES.length; bettor++) {
      const stakes = STAKES[bettor]! * edge;
      stake(this.wealth, bettor, 1 + sign * stakes);
      if (this.direction === 'either') stake(this.wealth, STAKES.length + bettor, 1 - stakes);
    }
    this.scores++;
    this.sum += score;
  }

  absorb(other: RankBet): void {
    absorbWealth(this.wealth, other.wealth);
    this.scores += other.scores;
    this.sum += other.sum;
  }

  toJSON(): RankBetState {
    return { wealth: this.wealth, scores: this.scores, sum: this.sum };
  }
}
