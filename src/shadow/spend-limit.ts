import type { ShadowBudget } from '../core/analysis.ts';
import type { Clock } from '../core/clock.ts';
import type { BudgetPeriod, ShadowSpec } from '../core/rollout.ts';
import type { CounterStore } from '../core/stores.ts';
import type { Milliseconds } from '../core/units.ts';

type Budget = NonNullable<ShadowSpec['budget']>;

/** A spent budget is not asked for again so soon: each question is two writes. */
const REMEMBERED: Milliseconds = 5_000;

/** Money set aside for one copy. */
export interface Reservation {
  /** What the copy really cost; what was set aside beyond that is free again. */
  settle(usd: number): Promise<void>;
}

/** Budgets of money by the calendar, shared by all gateways of a store. */
export class SpendLimit {
  private readonly counters: CounterStore;
  private readonly clock: Clock;
  /** By the counter's name: an amount that was refused, and until when it need not be tried again. */
  private readonly refused = new Map<string, { readonly usd: number; readonly until: Milliseconds }>();
  /** The counters of rollouts whose last copy did not fit. */
  private readonly spent = new Map<string, string>();

  constructor(counters: CounterStore, clock: Clock) {
    this.counters = counters;
    this.clock = clock;
  }

  /**
   * Sets the amount aside before it is spent, so that any number of gateways together stay within the budget.
   * @returns null where it does not fit any more. @throws what the store throws
   */
  async reserve(rollout: string, budget: Budget, usd: number): Promise<Reservation | null> {
    const name = counterName(rollout, budget, this.clock.wall());
    const refused = this.refused.get(rollout);
    if (refused !== undefined && this.clock.now() < refused.until && usd >= refused.usd) return null;
    const total = await this.counters.add(name, usd);
    if (total <= budget.usd) {
      this.spent.delete(rollout);
      return { settle: async (actual) => void (await this.counters.add(name, actual - usd)) };
    }
    this.spent.set(rollout, name);
    this.refused.set(rollout, { usd, until: this.clock.now() + REMEMBERED });
    await this.counters.add(name, -usd);
    return null;
  }

  /** As it stands now. @throws what the store throws */
  async state(rollout: string, budget: Budget): Promise<ShadowBudget> {
    const wall = this.clock.wall();
    const name = counterName(rollout, budget, wall);
    const spentUsd = Math.max(0, await this.counters.value(name));
    const remainingUsd = Math.max(0, budget.usd - spentUsd);
    const isSpent = remainingUsd === 0 || this.spent.get(rollout) === name;
    return { usd: budget.usd, spentUsd, remainingUsd, resetsAt: periodEnd(budget.per, wall), isSpent };
  }
}

function counterName(rollout: string, { per }: Budget, wall: Milliseconds): string {
  return `shadow:${rollout}:${periodName(per, wall)}`;
}

/** The period that a moment belongs to, in UTC: `2026-11-21T13`, `2026-11-21`, `2026-W47`, `2026-11`. */
export function periodName(per: BudgetPeriod, wall: Milliseconds): string {
  if (per === 'week') return isoWeek(new Date(wall));
  return new Date(wall).toISOString().slice(0, { hour: 13, day: 10, month: 7 }[per]);
}

/** When the period that a moment belongs to is over, in UTC. */
export function periodEnd(per: BudgetPeriod, wall: Milliseconds): Milliseconds {
  const date = new Date(wall);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  if (per === 'hour') return Date.UTC(year, month, day, date.getUTCHours() + 1);
  if (per === 'month') return Date.UTC(year, month + 1);
  return Date.UTC(year, month, day + (per === 'day' ? 1 : 8 - (date.getUTCDay() || 7)));
}

const DAY: Milliseconds = 86_400_000;

/** A week belongs to the year that its Thursday lies in. @source ISO 8601 */
function isoWeek(date: Date): string {
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  const thursday = midnight + (4 - (date.getUTCDay() || 7)) * DAY;
  const year = new Date(thursday).getUTCFullYear();
  const week = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * DAY));
  return `${year}-W${String(week).padStart(2, '0')}`;
}
