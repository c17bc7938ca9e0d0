import type { Outcome } from '../core/outcome.ts';
import type { Milliseconds } from '../core/units.ts';
import type { Guard } from './guard.ts';
import { SCALES, positionOf, type LogScale } from './log-histogram.ts';
import type { ValueMetric } from './plan.ts';
import { RankBet, type RankBetState } from './rank-bet.ts';
import { RatioBet, alternatives } from './ratio-bet.ts';
import { ValueCell, type ShownEffect, type ValueCellState } from './value-cell.ts';
import { P95, QUANTILES, ValueScorer, type ScorerState } from './value-scorer.ts';
import type { Wealth } from './wealth.ts';

/** How many times the odds of exceeding stable's 95th percentile the canary may have to count as harmless. */
const BETTER = alternatives([0.8, 1], [0.65, 1], [0.5, 1], [0.25, 1]);

export interface ValueGuardState {
  readonly scorer: ScorerState;
  readonly first: ValueCellState;
  readonly later: ValueCellState;
  readonly harmless: { readonly tail: Wealth; readonly rank: RankBetState };
}

interface Reading {
  readonly read: (outcome: Outcome) => number | undefined;
  readonly scale: LogScale;
  readonly shown: ShownEffect;
}

const READINGS: Readonly<Record<ValueMetric, Reading>> = {
  ttft_p95: { read: ({ ttftMs }) => ttftMs, scale: SCALES.milliseconds, shown: 'p95' },
  latency_p95: { read: ({ latencyMs }) => latencyMs, scale: SCALES.milliseconds, shown: 'p95' },
  cost: { read: ({ costUsd }) => costUsd, scale: SCALES.dollars, shown: 'mean' },
};

/** Guards a value: the canary's, divided by `ratio`, are not higher than the stable arm's. */
export class ValueGuard implements Guard {
  readonly metric: ValueMetric;
  readonly scores: number[] = Array.from({ length: 1 + QUANTILES.length }, () => 0);
  readonly first: ValueCell;
  readonly later: ValueCell;
  private readonly reading: Reading;
  private readonly scorer: ValueScorer;
  /** For a 95th percentile: fewer of the canary's values exceed stable's. */
  private readonly lighterTail: RatioBet;
  /** For a cost: the canary's values rank lower. */
  private readonly lowerRank: RankBet;
  private value = 0;
  private position = 0;

  constructor(metric: ValueMetric, ratio: number, saved?: ValueGuardState) {
    this.metric = metric;
    this.reading = READINGS[metric];
    this.scorer = new ValueScorer(this.reading.scale, ratio, saved?.scorer);
    this.first = this.newCell(saved?.first);
    this.later = this.newCell(saved?.later);
    this.lighterTail = new RatioBet(1, BETTER, saved?.harmless.tail);
    this.lowerRank = new RankBet('lower', saved?.harmless.rank);
  }

  get harmlessness(): number {
    return this.reading.shown === 'p95' ? this.lighterTail.eValue : this.lowerRank.eValue;
  }

  get patienceMs(): Milliseconds | null {
    return this.metric === 'cost' ? null : this.scorer.topThreshold;
  }

  read(outcome: Outcome): boolean {
    const value = this.reading.read(outcome);
    if (value === undefined) return false;
    this.value = value;
    this.position = positionOf(this.reading.scale, value);
    this.scorer.score(outcome.arm, this.position, this.scores);
    return true;
  }

  bet(arm: number, weight: number): void {
    if (this.reading.shown === 'mean') this.lowerRank.bet(arm, weight, this.scores[0]!);
    else if (this.scorer.isFrozen) this.lighterTail.bet(arm, weight, this.scores[P95 + 1]!, this.first.rateAbove(P95));
    this.betInSegment(this.first, arm, weight);
  }

  betInSegment(cell: ValueCell, arm: number, weight: number): void {
    cell.bet(arm, weight, this.scores);
    if (this.scorer.isFrozen) cell.betOnExcess(arm, weight, this.scores);
    cell.record(arm, weight, this.value, this.position);
  }

  betOnFollowUps(arm: number, weight: number, meanScores: readonly number[]): void {
    this.later.bet(arm, weight, meanScores);
    if (this.scorer.isFrozen) this.later.betOnExcess(arm, weight, meanScores);
  }

  learn(arm: number): void {
    this.scorer.learn(arm, this.position);
  }

  newCell(saved?: unknown): ValueCell {
    return new ValueCell(this.reading.scale, this.reading.shown, saved as ValueCellState | undefined);
  }

  absorb(other: ValueGuard): void {
    this.scorer.absorb(other.scorer);
    this.first.absorb(other.first);
    this.later.absorb(other.later);
    this.lighterTail.absorb(other.lighterTail);
    this.lowerRank.absorb(other.lowerRank);
  }

  toJSON(): ValueGuardState {
    return {
      scorer: this.scorer.toJSON(),
      first: this.first.toJSON(),
      later: this.later.toJSON(),
      harmless: { tail: this.lighterTail.wealth, rank: this.lowerRank.toJSON() },
    };
  }
}
