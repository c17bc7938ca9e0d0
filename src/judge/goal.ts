import type { ArmCount } from './cell.ts';
import { Duel, type DuelState, type GoalScore } from './duel.ts';
import type { Effect } from './effect.ts';
import { BINS, RankCounter } from './log-histogram.ts';
import { SAMPLE_RATIO_ALPHA } from './plan.ts';
import { SampleRatio, type SampleRatioState } from './sample-ratio.ts';
import { SeenUnits, type SeenUnitsState } from './seen-units.ts';

const VERSION = 1;
/** The chance that an arm is ever named the best that is not. */
const GOAL_ALPHA = 0.05;

export interface GoalPlan {
  /** Their names; two at least. */
  readonly arms: readonly string[];
  /** Of the units, in any measure; an arm with 0 takes no part. */
  readonly shares: readonly number[];
  readonly better: 'higher' | 'lower';
}

/** A value that was sent for a request of an arm. */
export interface GoalValue {
  /** Index into the arms. */
  readonly arm: number;
  /** What was assigned as a whole; the request's id where it is its own unit. */
  readonly unit: string;
  readonly value: number;
}

interface GoalLeader {
  readonly arm: string;
  /** The smallest of its e-values against the other arms, at the moment when it was named. */
  readonly eValue: number;
}

/** Two arms compared. */
export interface GoalFinding {
  /** The one compared with first. */
  readonly arms: readonly [string, string];
  /** Of the second one; once it is decided it stays so, whatever comes later. */
  readonly state: 'better' | 'worse' | 'gathering';
  /** What it was decided by, then; null: it is not. */
  readonly decidedBy: number | null;
  /** Against "the second one is not better than the first". */
  readonly better: number;
  /** Against "the first one is not better than the second". */
  readonly worse: number;
  readonly threshold: number;
  /** Of the mean of the second one's values, relative to the mean size of the first one's. */
  readonly effect: Effect;
  /** Units that sent a value, and of these the ones that sent 1; null where other values than 0 and 1 are sent. */
  readonly counts: readonly [ArmCount, ArmCount];
}

/** Whether the arms' units send values as often as each other. */
interface Propensity {
  readonly eValue: number;
  readonly threshold: number;
  /** They do not: who sends a value depends on the arm, so the values may say more about who speaks than about the arm. */
  readonly differs: boolean;
}

/** All that the judge knows, as plain JSON. */
export interface GoalSnapshot {
  readonly version: typeof VERSION;
  /** The arms and shares that it is about. */
  readonly subject: string;
  readonly duels: readonly DuelState[];
  readonly units: SeenUnitsState;
  readonly propensity: SampleRatioState;
  readonly ranks: readonly number[];
  readonly hasNumbers: boolean;
  readonly values: number;
  readonly leader: GoalLeader | null;
  /** One for each duel. Not in snapshots of earlier software. */
  readonly outcomes?: readonly (DuelOutcome | null)[];
}

/** How two arms came out, and the e-value at the moment when that was shown. */
interface DuelOutcome {
  readonly state: 'better' | 'worse';
  readonly eValue: number;
}

interface Pairing {
  readonly first: number;
  readonly second: number;
  readonly duel: Duel;
  outcome: DuelOutcome | null;
}

/**
 * Compares the arms of an experiment by values that users send: every two arms with each other, as a bet on the arm
 * that chance gave to the unit. A unit's first value counts, whatever it sends later. Pure, with bounded memory; what it
 * says holds at every moment of looking.
 */
export class GoalJudge {
  readonly plan: GoalPlan;
  /** What an e-value must reach: each of the arms may be named by mistake. */
  readonly threshold: number;
  /** Values judged. */
  values: number;
  private readonly shares: readonly number[];
  private readonly pairings: readonly Pairing[];
  private readonly units: SeenUnits;
  private readonly sampleRatio: SampleRatio;
  private readonly ranks: RankCounter;
  private hasNumbers: boolean;
  private named: GoalLeader | null;

  constructor(plan: GoalPlan, saved?: GoalSnapshot) {
    this.plan = plan;
    this.threshold = plan.shares.filter((share) => share > 0).length / GOAL_ALPHA;
    const sum = plan.shares.reduce((total, share) => total + share, 0);
    this.shares = plan.shares.map((share) => share / sum);
    this.pairings = pairingsOf(this.shares, saved);
    this.units = new SeenUnits(saved?.units);
    this.sampleRatio = new SampleRatio(plan.arms.length, saved?.propensity);
    this.ranks = new RankCounter(saved?.ranks);
    this.hasNumbers = saved?.hasNumbers ?? false;
    this.values = saved?.values ?? 0;
    this.named = saved?.leader ?? null;
    if (saved !== undefined && saved.outcomes === undefined) this.decideByName();
  }

  /** @throws RangeError where the snapshot is of another version or of other arms */
  static restore(plan: GoalPlan, snapshot: GoalSnapshot): GoalJudge {
    if (snapshot.version !== VERSION || snapshot.subject !== subjectOf(plan))
      throw new RangeError('The values were gathered for another version or other arms.');
    return new GoalJudge(plan, snapshot);
  }

  observe({ arm, unit, value }: GoalValue): void {
    if (this.shares[arm] === 0 || !this.units.add(unit)) return;
    this.values++;
    this.sampleRatio.count(arm, this.shares);
    const score = this.score(value);
    for (const { first, second, duel } of this.pairings)
      if (arm === first || arm === second) duel.observe(arm === second ? 1 : 0, score);
    if (this.hasNumbers) this.ranks.add(Math.floor(rankPosition(value)));
    this.name();
  }

  /** The arm that was shown to be better than every other one; it stays so whatever comes later. */
  leader(): GoalLeader | null {
    return this.named;
  }

  /** Every two arms, the earlier one first. */
  pairs(): readonly GoalFinding[] {
    const { arms, better } = this.plan;
    return this.pairings.map(({ first, second, duel, outcome }) => {
      return {
        better: duel.eValue(1),
        worse: duel.eValue(0),
        threshold: this.threshold,
        arms: [arms[first]!, arms[second]!],
        state: outcome?.state ?? 'gathering',
        decidedBy: outcome?.eValue ?? null,
        effect: duel.effect(),
        counts: duel.counts(this.hasNumbers ? null : better),
      };
    });
  }

  propensity(): Propensity {
    const eValue = Math.exp(Math.min(this.sampleRatio.logE, 690));
    const threshold = 1 / SAMPLE_RATIO_ALPHA;
    return { eValue, threshold, differs: eValue >= threshold };
  }

  /** Takes in what another judge of the same plan has seen, of other units. */
  absorb(other: GoalJudge): void {
    for (const [index, pairing] of this.pairings.entries()) {
      pairing.duel.absorb(other.pairings[index]!.duel);
      pairing.outcome ??= other.pairings[index]!.outcome;
    }
    this.units.absorb(other.units);
    this.sampleRatio.absorb(other.sampleRatio);
    this.ranks.absorb(other.ranks);
    this.hasNumbers ||= other.hasNumbers;
    this.values += other.values;
    this.named ??= other.named;
    this.name();
  }

  /** Parts of it are still in use: to be written out before the next value. */
  toJSON(): GoalSnapshot {
    return {
      version: VERSION,
      subject: subjectOf(this.plan),
      duels: this.pairings.map(({ duel }) => duel.toJSON()),
      units: this.units.toJSON(),
      propensity: this.sampleRatio.toJSON(),
      ranks: this.ranks.toJSON(),
      hasNumbers: this.hasNumbers,
      values: this.values,
      leader: this.named,
      outcomes: this.pairings.map(({ outcome }) => outcome),
    };
  }

  private score(value: number): GoalScore {
    this.hasNumbers ||= value !== 0 && value !== 1;
    const sign = this.plan.better === 'higher' ? 1 : -1;
    const rank = this.hasNumbers ? sign * (2 * this.ranks.shareBelow(rankPosition(value)) - 1) : null;
    return { value, rank, wanted: sign === 1 ? value : 1 - value };
  }

  private name(): void {
    for (const pairing of this.pairings) pairing.outcome ??= outcomeOf(pairing.duel, this.threshold);
    if (this.named !== null) return;
    for (const [index, arm] of this.plan.arms.entries()) {
      const eValue = this.leastEValue(index);
      if (eValue < this.threshold || eValue === Infinity) continue;
      this.named = { arm, eValue };
      return;
    }
  }

  /** Earlier software kept the leader alone. */
  private decideByName(): void {
    if (this.named === null) return;
    const { arm, eValue } = this.named;
    const leader = this.plan.arms.indexOf(arm);
    for (const pairing of this.pairings) {
      if (pairing.first === leader) pairing.outcome = { state: 'worse', eValue };
      if (pairing.second === leader) pairing.outcome = { state: 'better', eValue };
    }
  }

  /** Against "the arm is not better than every other one": as strong as against the strongest; Infinity: it has no rival. */
  private leastEValue(arm: number): number {
    let least = Infinity;
    for (const { first, second, duel } of this.pairings)
      if (arm === first || arm === second) least = Math.min(least, duel.eValue(arm === second ? 1 : 0));
    return least;
  }
}

function pairingsOf(shares: readonly number[], saved: GoalSnapshot | undefined): readonly Pairing[] {
  const pairings: Pairing[] = [];
  for (let first = 0; first < shares.length; first++)
    for (let second = first + 1; second < shares.length; second++) {
      if (shares[first] === 0 || shares[second] === 0) continue;
      const weight = shares[second]! / (shares[first]! + shares[second]!);
      const index = pairings.length;
      const duel = new Duel(weight, saved?.duels[index]);
      pairings.push({ first, second, duel, outcome: saved?.outcomes?.[index] ?? null });
    }
  return pairings;
}

function outcomeOf(duel: Duel, threshold: number): DuelOutcome | null {
  const [worse, better] = [duel.eValue(0), duel.eValue(1)];
  if (better >= threshold) return { state: 'better', eValue: better };
  return worse >= threshold ? { state: 'worse', eValue: worse } : null;
}

/** Values of any size and sign on a scale that is even around 0 and logarithmic further out. */
const FINEST = 1e-3;
const OCTAVES = 40;

/** In bins of a `RankCounter`; 0 is in the middle. */
function rankPosition(value: number): number {
  const octaves = Math.min(Math.log2(1 + Math.abs(value) / FINEST), OCTAVES - 1e-9);
  return (BINS / 2) * (1 + (Math.sign(value) * octaves) / OCTAVES);
}

function subjectOf({ arms, shares, better }: GoalPlan): string {
  return JSON.stringify({ arms, shares, better });
}
