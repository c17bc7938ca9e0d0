import type { Outcome } from '../core/outcome.ts';
import type { Counts } from './cell.ts';
import type { Effect } from './effect.ts';
import { SCALES, positionOf } from './log-histogram.ts';
import { MeanDifference, type MeanDifferenceState } from './mean-difference.ts';
import { MixBet, type MixBetState } from './mix-bet.ts';
import { DISPLAY_ALPHA, type WatchMetric } from './plan.ts';
import { RankBet, type RankBetState } from './rank-bet.ts';
import { ValueScorer, type ScorerState } from './value-scorer.ts';

/** With much traffic every difference is certain; smaller ones than these are not worth a hold. */
const NOTABLE_DISTANCE = 0.1;
const NOTABLE_CHANGE = 0.1;

/** A distribution whose change, up or down, holds the rollout. */
export interface Watch {
  readonly metric: WatchMetric;
  readonly eValue: number;
  /** Whether the difference is large enough to matter, however certain it is. */
  isNotable(): boolean;
  observe(outcome: Outcome, weight: number): void;
  effect(): Effect;
  counts(): Counts;
  absorb(other: Watch): void;
  toJSON(): unknown;
}

/** @param saved what the watch of the same metric gave by `toJSON` */
export function createWatch(metric: WatchMetric, saved?: unknown): Watch {
  return metric === 'finish_reason'
    ? new FinishReasonWatch(saved as MixBetState | undefined)
    : new OutputTokensWatch(saved as OutputTokensState | undefined);
}

class FinishReasonWatch implements Watch {
  readonly metric = 'finish_reason';
  private readonly mix: MixBet;

  constructor(saved?: MixBetState) {
    this.mix = new MixBet(saved);
  }

  get eValue(): number {
    return this.mix.eValue;
  }

  isNotable(): boolean {
    return this.mix.distance() >= NOTABLE_DISTANCE;
  }

  observe({ arm, finishReason }: Outcome, weight: number): void {
    if (finishReason !== undefined) this.mix.bet(arm, weight, finishReason);
  }

  /** The estimate is the Jensen-Shannon distance of the two mixes. */
  effect(): Effect {
    return { estimate: this.mix.distance(), low: null, high: null };
  }

  counts(): Counts {
    return unitCounts(this.mix.total(0), this.mix.total(1));
  }

  absorb(other: FinishReasonWatch): void {
    this.mix.absorb(other.mix);
  }

  toJSON(): MixBetState {
    return this.mix.toJSON();
  }
}

interface OutputTokensState {
  readonly scorer: ScorerState;
  readonly rank: RankBetState;
  readonly mean: MeanDifferenceState;
  readonly units: readonly [number, number];
}

class OutputTokensWatch implements Watch {
  readonly metric = 'output_tokens';
  private readonly scorer: ValueScorer;
  private readonly rank: RankBet;
  private readonly mean: MeanDifference;
  private readonly units: [number, number];
  private readonly scores: number[] = [];

  constructor(saved?: OutputTokensState) {
    this.scorer = new ValueScorer(SCALES.tokens, 1, saved?.scorer);
    this.rank = new RankBet('either', saved?.rank);
    this.mean = new MeanDifference(saved?.mean);
    this.units = saved === undefined ? [0, 0] : [...saved.units];
  }

  get eValue(): number {
    return this.rank.eValue;
  }

  isNotable(): boolean {
    return Math.abs(this.effect().estimate ?? 0) >= NOTABLE_CHANGE;
  }

  observe({ arm, outputTokens }: Outcome, weight: number): void {
    if (outputTokens === undefined) return;
    const position = positionOf(SCALES.tokens, outputTokens);
    this.scorer.score(arm, position, this.scores);
    this.rank.bet(arm, weight, this.scores[0]!);
    this.scorer.learn(arm, position);
    this.mean.add(arm, weight, outputTokens);
    this.units[arm]!++;
  }

  effect(): Effect {
    return this.mean.effect(DISPLAY_ALPHA);
  }

  counts(): Counts {
    return unitCounts(...this.units);
  }

  absorb(other: OutputTokensWatch): void {
    this.scorer.absorb(other.scorer);
    this.rank.absorb(other.rank);
    this.mean.absorb(other.mean);
    for (const arm of [0, 1] as const) this.units[arm] += other.units[arm];
  }

  toJSON(): OutputTokensState {
    const { scorer, rank, mean, units } = this;
    return { scorer: scorer.toJSON(), rank: rank.toJSON(), mean: mean.toJSON(), units };
  }
}

function unitCounts(stable: number, canary: number): Counts {
  return { stable: { units: stable, events: null }, canary: { units: canary, events: null } };
}
