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

  constructor(counters: CounterStore, clock: Clock) {
    this.counters = counters;
    this.clock = clock;
  }

  /**
   * Sets the amount aside before it is spent, so that any number of gateways together stay within the budget.
   * @returns null where it does not fit any more. @throws what the store throws
   */
  async reserve(rollout: string, budget: Budget, usd: number): Promise<Reservation | null> {
    const name = `shadow:${rollout}:${periodName(budget.per, this.clock.wall())}`;
    const refused = this.refused.get(rollout);
    if (refused !== undefined && this.clock.now() < refused.until && usd >= refused.usd) return null;
    const total = await this.counters.add(name, usd);
    if (total <= budget.usd) return { settle: async (actual) => void (await this.counters.add(name, actual - usd)) };
    this.refused.set(rollout, { usd, until: this.clock.now() + REMEMBERED });
    await this.counters.add(name, -usd);
    return null;
  }
}

/** The period that a moment belongs to, in UTC: `2026-11-21T13`, `2026-11-21`, `2026-W47`, `2026-11`. */
export function periodName(per: BudgetPeriod, wall: Milliseconds): string {
  if (per === 'week') return isoWeek(new Date(wall));
  return new Date(wall).toISOString().slice(0, { hour: 13, day: 10, month: 7 }[per]);
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
