import type { BudgetPeriod } from './limits.ts';
import type { Milliseconds } from './units.ts';

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
