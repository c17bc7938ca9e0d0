import type { Seconds } from '../core/units.ts';
import type { RegressionEvent } from '../judge/regression/route-trends.ts';

/** A metric that was told of is not told of anew for so long: users who take turns may be beyond a margin every hour. */
const QUIET: Seconds = 6 * 3_600;

interface Told {
  /** Of the last event. */
  readonly at: Seconds;
  /** Found since then, and still so: told of once the time is over. */
  readonly waiting: RegressionEvent | null;
}

export type RegressionQuietState = readonly (readonly [metric: string, told: Told])[];

/**
 * Keeps regressions of one metric of one route and segment apart. Whoever heard that one opened hears when it closes; of one
 * that opens and closes in the quiet time nobody hears, and of one that outlasts it, late.
 */
export class RegressionQuiet {
  private readonly told: Map<string, Told>;

  constructor(saved: RegressionQuietState = []) {
    this.told = new Map(saved);
  }

  /** What is to be told now, of what was found and of what has waited. */
  pass(found: readonly RegressionEvent[], now: Seconds): readonly RegressionEvent[] {
    const passed = found.filter((event) => this.isTold(event, now));
    return [...passed, ...this.due(now)];
  }

  toJSON(): RegressionQuietState {
    return [...this.told];
  }

  private isTold(event: RegressionEvent, now: Seconds): boolean {
    const metric = keyOf(event);
    const last = this.told.get(metric);
    const isEarly = last !== undefined && now - last.at < QUIET;
    if (event.action === 'opened' && isEarly) {
      this.told.set(metric, { ...last, waiting: event });
      return false;
    }
    const wasHeardOf = event.action === 'opened' || last === undefined || last.waiting === null;
    this.told.set(metric, { at: wasHeardOf ? now : last.at, waiting: null });
    return wasHeardOf;
  }

  private due(now: Seconds): readonly RegressionEvent[] {
    const due: RegressionEvent[] = [];
    for (const [metric, { at, waiting }] of this.told) {
      if (now - at < QUIET) continue;
      if (waiting === null) this.told.delete(metric);
      else {
        this.told.set(metric, { at: now, waiting: null });
        due.push(waiting);
      }
    }
    return due;
  }
}

function keyOf({ regression: { route, metric, segment } }: RegressionEvent): string {
  return JSON.stringify([route, metric, segment]);
}
