import { absorbWealth, eValueOf, sharesOf, stake, startingWealth, type Wealth } from './wealth.ts';

/** For small shifts: how much is staked, as a share of what cannot ruin the bettor, and the bettors' proportions. */
const STAKES = [0.1, 0.2, 0.4, 0.8];
const STAKE_PROPORTIONS = [0.3, 1, 1, 0.7];
/** For large shifts: the canary's share below u is bet to be u^tilt. */
const TILTS = [3, 6];
const TILT_PROPORTIONS = [0.7, 0.7];

const ONE_WAY = [...STAKE_PROPORTIONS, ...TILT_PROPORTIONS];
const BETTORS = ONE_WAY.length;

type RankDirection = 'higher' | 'lower' | 'either';

export interface RankBetState {
  readonly wealth: Wealth;
  readonly scores: number;
  readonly sum: number;
}

/**
 * Bets that the canary's values rank higher (or lower) than the stable arm's, by `g`, the rank of the value among earlier
 * ones from -1 to 1: with the odds `1 + lambda (A - w) g`, and, with `u = (1 + g) / 2` and the density `q(u) = k u^(k-1)`,
 * `q / (w q + 1 - w)` for a canary's value and `1 / (w q + 1 - w)` for one of stable. If both arms have the same
 * distribution, `g` tells nothing about the arm `A`, so the bets are fair whatever the distribution is and however it
 * moves; if the canary's values are lower, they lose.
 */
export class RankBet {
  readonly wealth: Wealth;
  private readonly direction: RankDirection;
  private readonly shares: readonly number[];
  private scores: number;
  private sum: number;

  constructor(direction: RankDirection, saved?: RankBetState) {
    this.direction = direction;
    this.shares = sharesOf(direction === 'either' ? [...ONE_WAY, ...ONE_WAY] : ONE_WAY);
    this.wealth = saved === undefined ? startingWealth(this.shares.length) : [...saved.wealth];
    this.scores = saved?.scores ?? 0;
    this.sum = saved?.sum ?? 0;
  }

  get eValue(): number {
    return eValueOf(this.wealth, this.shares);
  }

  bet(arm: number, weight: number, score: number): void {
    // Around the mean of what came before, so that a segment that is slow on both arms does not add noise.
    const center = this.sum / (this.scores + 1);
    const edge = ((arm - weight) * (score - center)) / ((1 + Math.abs(center)) * Math.max(weight, 1 - weight));
    if (this.direction !== 'lower') this.betOneWay(0, arm, weight, edge, (1 + score) / 2);
    if (this.direction !== 'higher') {
      const first = this.direction === 'either' ? BETTORS : 0;
      this.betOneWay(first, arm, weight, -edge, (1 - score) / 2);
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

  private betOneWay(first: number, arm: number, weight: number, edge: number, u: number): void {
    for (let index = 0; index < STAKES.length; index++) stake(this.wealth, first + index, 1 + STAKES[index]! * edge);
    for (let index = 0; index < TILTS.length; index++) {
      const tilt = TILTS[index]!;
      let density = tilt;
      // Three times as fast as `**`.
      for (let power = 1; power < tilt; power++) density *= u;
      const odds = (arm === 1 ? density : 1) / (weight * density + 1 - weight);
      stake(this.wealth, first + STAKES.length + index, odds);
    }
  }
}
