import type { BudgetWindow, CalendarWindow } from '../core/counters.ts';
import type { BudgetConfig, BudgetPeriod } from '../core/limits.ts';
import { periodEnd, periodName } from '../core/period.ts';
import type { Milliseconds } from '../core/units.ts';

const HOUR: Milliseconds = 3_600_000;

/** A rolling window leaves part by part: one part longer than it says, never shorter. */
const ROLLING = {
  hour: { kind: 'rolling', length: HOUR, parts: 60 },
  day: { kind: 'rolling', length: 24 * HOUR, parts: 96 },
  week: { kind: 'rolling', length: 7 * 24 * HOUR, parts: 84 },
  month: { kind: 'rolling', length: 30 * 24 * HOUR, parts: 120 },
} as const satisfies Record<BudgetPeriod, BudgetWindow>;

/** The window of a budget as it is now; made anew only when its calendar period ends. */
export class OpenWindow {
  private readonly config: BudgetConfig;
  private window: BudgetWindow | null = null;
  private until: Milliseconds = 0;

  constructor(config: BudgetConfig) {
    this.config = config;
  }

  at(wall: Milliseconds): BudgetWindow {
    if (this.window === null || wall >= this.until) this.window = this.open(wall);
    return this.window;
  }

  private open(wall: Milliseconds): BudgetWindow {
    const { per, isRolling } = this.config;
    this.until = isRolling ? Infinity : periodEnd(per, wall);
    return isRolling ? ROLLING[per] : { kind: 'calendar', windows: around(per, wall) };
  }
}

/** The former, the present and the next one: the clock of shared counters may be another. */
function around(per: BudgetPeriod, wall: Milliseconds): readonly CalendarWindow[] {
  const window = (at: Milliseconds): CalendarWindow => ({ name: periodName(per, at), end: periodEnd(per, at) });
  const present = window(wall);
  const next = window(present.end);
  // A month ends at most 31 days after it began, an hour one hour.
  let before = wall - 1;
  while (periodEnd(per, before) === present.end) before -= HOUR;
  return [window(before), present, next];
}
