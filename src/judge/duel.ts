import type { ArmCount } from './cell.ts';
import type { Effect } from './effect.ts';
import { MeanDifference, type MeanDifferenceState } from './mean-difference.ts';
import { DISPLAY_ALPHA } from './plan.ts';
import { RankBet, type RankBetState } from './rank-bet.ts';
import { RateEstimate, type RateState } from './rate-estimate.ts';
import { RatioBet, alternatives } from './ratio-bet.ts';
import type { Wealth } from './wealth.ts';

/** How many times the other arm's odds of the wanted value an arm may have. Goals move less than failures do. */
const BETTER = alternatives([1.1, 1], [1.2, 2], [1.4, 3], [1.7, 3], [2.2, 2], [3, 1], [6, 1]);

/** JSON knows no infinity. */
const CEILING = 1e300;

interface SideState {
  readonly odds: Wealth;
  readonly rank: RankBetState;
  readonly rate: RateState;
  readonly units: number;
  readonly wanted: number;
}

export interface DuelState {
  readonly sides: readonly [SideState, SideState];
  readonly mean: MeanDifferenceState;
}

/** One arm's case for being the better one, and what is known of its values. */
interface Side {
  readonly odds: RatioBet;
  readonly rank: RankBet;
  /** Of the wanted value on this arm. */
  readonly rate: RateEstimate;
  units: number;
  wanted: number;
}

/** A value as duels take it. */
export interface GoalScore {
  readonly value: number;
  /** Which rank among the values so far it has, the best 1 and the worst -1; null: the value is 0 or 1. */
  readonly rank: number | null;
  /** 1 for the better, 0 for the worse of the values 0 and 1. */
  readonly wanted: number;
}

/**
 * Two arms, each of which bets that it is the better one. Given a value, its arm is the second one with the chance `w`,
 * whatever the values are, where both arms have the same distribution: so the odds of a bet are those that the second arm
 * would give the value against those of both together. Of the values 0 and 1 both are bet on, by the likelihood ratio
 * against the closest equal rates (`RatioBet`); other values by their ranks. Both bets lean on a value's difference from the
 * mean, so that arms whose users are more talkative, but not more content, gain next to nothing.
 */
export class Duel {
  private readonly sides: readonly [Side, Side];
  /** The chance that a value of the two arms is the second one's. */
  private readonly weight: number;
  private readonly mean: MeanDifference;

  constructor(weight: number, saved?: DuelState) {
    this.weight = weight;
    this.sides = [newSide(saved?.sides[0]), newSide(saved?.sides[1])];
    this.mean = new MeanDifference(saved?.mean);
  }

  /** @param side 0: against "the first arm is not better than the second"; 1: the other way round */
  eValue(side: 0 | 1): number {
    const { odds, rank } = this.sides[side];
    // Once a value was other than 0 and 1 all bets are on ranks: the one went on with what the other had won.
    return Math.min(odds.eValue * rank.eValue, CEILING);
  }

  /** @param side whose value it is */
  observe(side: 0 | 1, score: GoalScore): void {
    this.betFor(0, side === 0 ? 1 : 0, 1 - this.weight, score);
    this.betFor(1, side, this.weight, score);
    this.learn(this.sides[side], score);
    this.mean.add(side, this.weight, score.value);
  }

  /** Of the mean of the second arm's values, relative to the mean size of the first one's. */
  effect(): Effect {
    return this.mean.effect(DISPLAY_ALPHA);
  }

  /** @param areEvents whether all values are 0 or 1, and which of them is better */
  counts(areEvents: 'higher' | 'lower' | null): readonly [ArmCount, ArmCount] {
    const [first, second] = this.sides.map(({ units, wanted }) => ({
      units,
      events: areEvents === null ? null : areEvents === 'higher' ? wanted : units - wanted,
    }));
    return [first!, second!];
  }

  absorb(other: Duel): void {
    for (const [index, side] of this.sides.entries()) {
      const theirs = other.sides[index]!;
      side.odds.absorb(theirs.odds);
      side.rank.absorb(theirs.rank);
      side.rate.absorb(theirs.rate);
      side.units += theirs.units;
      side.wanted += theirs.wanted;
    }
    this.mean.absorb(other.mean);
  }

  toJSON(): DuelState {
    const [first, second] = this.sides.map(({ odds, rank, rate, units, wanted }) => ({
      odds: odds.wealth,
      rank: rank.toJSON(),
      rate: rate.toJSON(),
      units,
      wanted,
    }));
    return { sides: [first!, second!], mean: this.mean.toJSON() };
  }

  /** @param own 1 where the value is the bettor's. @param weight the chance of that */
  private betFor(bettor: 0 | 1, own: 0 | 1, weight: number, { rank, wanted }: GoalScore): void {
    const { odds, rank: ranks } = this.sides[bettor];
    const rival = this.sides[bettor === 0 ? 1 : 0];
    if (rank === null) odds.bet(own, weight, wanted, rival.rate.rate);
    else ranks.bet(own, weight, rank);
  }

  private learn(side: Side, { rank, wanted }: GoalScore): void {
    side.units++;
    side.wanted += wanted;
    if (rank === null) side.rate.add(wanted, smoothed);
  }
}

function newSide(saved: SideState | undefined): Side {
  return {
    odds: new RatioBet(1, BETTER, saved?.odds),
    rank: new RankBet('higher', saved?.rank),
    rate: new RateEstimate(0.5, saved?.rate),
    units: saved?.units ?? 0,
    wanted: saved?.wanted ?? 0,
  };
}

/** Laplace's rule of succession: never 0 or 1, so that both values are always bet on. */
function smoothed({ events, trials }: RateEstimate): number {
  return (events + 1) / (trials + 2);
}
