import type { Outcome } from '../core/outcome.ts';
import type { Cell } from './cell.ts';
import { EventCell, type EventCellState } from './event-cell.ts';
import type { Guard } from './guard.ts';
import type { EventMetric } from './plan.ts';
import { RatioBet, alternatives } from './ratio-bet.ts';
import type { Wealth } from './wealth.ts';

/** How many times the margin the canary's rate may be to count as harmless. */
const BETTER = alternatives([0.8, 1], [0.65, 1], [0.5, 1], [0.25, 1]);

export interface EventGuardState {
  readonly first: EventCellState;
  readonly later: EventCellState;
  readonly harmless: Wealth;
}

/** Guards the rate of an event: the canary's is at most `ratio` times the stable one's. */
export class EventGuard implements Guard {
  readonly metric: EventMetric;
  readonly scores = [0];
  readonly patienceMs = null;
  readonly first: EventCell;
  readonly later: EventCell;
  private readonly ratio: number;
  private readonly harmless: RatioBet;

  constructor(metric: EventMetric, ratio: number, saved?: EventGuardState) {
    this.metric = metric;
    this.ratio = ratio;
    this.first = new EventCell(ratio, saved?.first);
    this.later = new EventCell(ratio, saved?.later);
    this.harmless = new RatioBet(ratio, BETTER, saved?.harmless);
  }

  get harmlessness(): number {
    return this.harmless.eValue;
  }

  read(outcome: Outcome): boolean {
    const happened = READ[this.metric](outcome);
    this.scores[0] = happened === true ? 1 : 0;
    return happened !== undefined;
  }

  bet(arm: number, weight: number): void {
    this.harmless.bet(arm, weight, this.scores[0]!, this.first.stable.rate);
    this.first.bet(arm, weight, this.scores);
  }

  betInSegment(cell: Cell, arm: number, weight: number): void {
    cell.bet(arm, weight, this.scores);
  }

  betOnFollowUps(arm: number, weight: number, meanScores: readonly number[]): void {
    this.later.bet(arm, weight, meanScores);
  }

  learn(): void {}

  newCell(saved?: unknown): EventCell {
    return new EventCell(this.ratio, saved as EventCellState | undefined);
  }

  absorb(other: EventGuard): void {
    this.first.absorb(other.first);
    this.later.absorb(other.later);
    this.harmless.absorb(other.harmless);
  }

  toJSON(): EventGuardState {
    return { first: this.first.toJSON(), later: this.later.toJSON(), harmless: this.harmless.wealth };
  }
}

/** A reply that broke off is an error to the caller, whatever its status was. */
const READ: Readonly<Record<EventMetric, (outcome: Outcome) => boolean | undefined>> = {
  error_rate: ({ error, truncated }) => (truncated === true ? true : error),
  refusal_rate: ({ refusal }) => refusal,
  invalid_json: ({ invalidJson }) => invalidJson,
};
