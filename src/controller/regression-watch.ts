import type { Regression } from '../core/analysis.ts';
import type { RegressionConfig } from '../core/config.ts';
import type { LogEntry } from '../core/outcome.ts';
import type { Seconds } from '../core/units.ts';
import { RegressionJudge, type RegressionSnapshot } from '../judge/regression/judge.ts';
import { RegressionQuiet, type RegressionQuietState } from './regression-quiet.ts';

/** What is known of the routes, and what was told of them lately. */
interface RegressionWatchState extends RegressionSnapshot {
  /** Not in snapshots of earlier software. */
  readonly quiet?: RegressionQuietState;
}

/** What is to be told of a route. */
export interface RegressionNote {
  readonly action: 'opened' | 'closed';
  readonly reason: string;
  readonly regression: Regression;
}

/** The routes against their own past. Another declaration begins anew: its margins would be judged by other bets. */
export class RegressionWatch {
  /** Found and not yet told, oldest first. */
  readonly unsaid: RegressionNote[] = [];
  private judge: RegressionJudge;
  private quiet: RegressionQuiet;
  private config: RegressionConfig;

  constructor(config: RegressionConfig, saved?: string) {
    this.config = config;
    const state = saved === undefined ? undefined : (JSON.parse(saved) as RegressionWatchState);
    const judge = restored(config, state);
    this.judge = judge ?? new RegressionJudge(config);
    this.quiet = new RegressionQuiet(judge === null ? [] : state?.quiet);
  }

  apply(config: RegressionConfig): void {
    if (config === this.config) return;
    const isSame = JSON.stringify(config) === JSON.stringify(this.config);
    this.config = config;
    if (isSame) return;
    this.judge = new RegressionJudge(config);
    this.quiet = new RegressionQuiet();
  }

  observe(entry: Extract<LogEntry, { kind: 'traffic' }>): void {
    this.judge.observe(entry);
  }

  tick(now: Seconds): void {
    this.judge.tick(now);
    this.unsaid.push(...this.quiet.pass(this.judge.takeEvents(), now));
  }

  states(): readonly Regression[] {
    return this.judge.states();
  }

  toJSON(): RegressionWatchState {
    return { ...this.judge.toJSON(), quiet: this.quiet.toJSON() };
  }
}

/** Null: nothing was saved, or for another declaration. */
function restored(config: RegressionConfig, saved: RegressionSnapshot | undefined): RegressionJudge | null {
  if (saved === undefined) return null;
  try {
    return RegressionJudge.restore(config, saved);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
