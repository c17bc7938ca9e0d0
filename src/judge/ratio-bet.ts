import { projectOnNull } from './null-projection.ts';
import { absorbWealth, eValueOf, sharesOf, stake, startingWealth, type Wealth } from './wealth.ts';

/** The alternatives that are bet on, as multiples of the null's ratio, and the share of the stake that each gets. */
interface Alternatives {
  readonly multipliers: readonly number[];
  readonly shares: readonly number[];
}

export function alternatives(...pairs: readonly (readonly [multiplier: number, proportion: number])[]): Alternatives {
  return {
    multipliers: pairs.map(([multiplier]) => multiplier),
    shares: sharesOf(pairs.map(([, proportion]) => proportion)),
  };
}

/**
 * Bets that the canary's rate of an event is more than `nullRatio` times the stable one's (multipliers above 1), or that
 * it is less (multipliers below 1). An event share between 0 and 1, such as the mean over a unit's requests, counts as
 * such: the bet is linear in it, and so is its expectation under the null.
 *
 * While the stable rate is low or unknown only events are bet on: given an event, the chance that it is the canary's is
 * `w r / (1 - w + w r)`, whatever the rates. Where it is high, requests without the event tell as much, and the bet is
 * the likelihood ratio against the closest member of the null.
 * @source Lindon, Malek, "Anytime-valid inference for multinomial count data", 2022 (events); see `null-projection.ts`
 */
export class RatioBet {
  readonly wealth: Wealth;
  private readonly nullRatio: number;
  private readonly multipliers: readonly number[];
  private readonly shares: readonly number[];
  /** By arm, then no event or event, then bettor. Made anew only when weight or rate change. */
  private readonly factors: Float64Array;
  private weight = Number.NaN;
  private rate = Number.NaN;

  constructor(nullRatio: number, { multipliers, shares }: Alternatives, saved?: Wealth) {
    this.nullRatio = nullRatio;
    this.multipliers = multipliers;
    this.shares = shares;
    this.wealth = saved === undefined ? startingWealth(multipliers.length) : [...saved];
    this.factors = new Float64Array(4 * multipliers.length);
  }

  get eValue(): number {
    return eValueOf(this.wealth, this.shares);
  }

  /**
   * @param weight the chance that this was the canary, above 0 and below 1
   * @param share 1 for an event, 0 for none
   * @param rate the stable arm's, as known before this outcome; 0 bets on events only
   */
  bet(arm: number, weight: number, share: number, rate: number): void {
    if (share === 0 && rate === 0) return;
    if (weight !== this.weight || rate !== this.rate) this.prepare(weight, rate);
    const bettors = this.wealth.length;
    const none = arm * 2 * bettors;
    for (let bettor = 0; bettor < bettors; bettor++) {
      const without = this.factors[none + bettor]!;
      stake(this.wealth, bettor, without + share * (this.factors[none + bettors + bettor]! - without));
    }
  }

  absorb(other: RatioBet): void {
    absorbWealth(this.wealth, other.wealth);
  }

  private prepare(weight: number, rate: number): void {
    this.weight = weight;
    this.rate = rate;
    for (let bettor = 0; bettor < this.multipliers.length; bettor++)
      if (rate === 0) this.prepareEventsOnly(bettor, weight);
      else this.prepareBoth(bettor, weight, rate);
  }

  private prepareEventsOnly(bettor: number, w: number): void {
    const r0 = this.nullRatio;
    const r = r0 * this.multipliers[bettor]!;
    const odds = (1 - w + w * r0) / (1 - w + w * r);
    this.set(bettor, 0, 1, odds);
    this.set(bettor, 1, 1, (odds * r) / r0);
  }

  private prepareBoth(bettor: number, w: number, q0: number): void {
    const r0 = this.nullRatio;
    // As odds, an alternative stays below 1 however high the rate is; for low rates it is the same as a ratio.
    const r = r0 * this.multipliers[bettor]!;
    const q1 = (r * q0) / (1 - q0 + r * q0);
    const isInNull = this.multipliers[bettor]! > 1 ? q1 <= r0 * q0 : q1 >= r0 * q0;
    if (isInNull || r0 * q0 >= 1) {
      for (const arm of [0, 1]) this.set(bettor, arm, 1, 1);
      return;
    }
    const p = projectOnNull(w, q0, q1, r0);
    this.set(bettor, 0, (1 - q0) / (1 - p), q0 / p);
    this.set(bettor, 1, (1 - q1) / (1 - r0 * p), q1 / (r0 * p));
  }

  private set(bettor: number, arm: number, without: number, event: number): void {
    const bettors = this.multipliers.length;
    this.factors[arm * 2 * bettors + bettor] = without;
    this.factors[(arm * 2 + 1) * bettors + bettor] = event;
  }
}
