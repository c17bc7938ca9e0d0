import type { Regression } from '../core/analysis.ts';
import type { RegressionConfig } from '../core/config.ts';
import type { LogEntry } from '../core/outcome.ts';
import type { Seconds } from '../core/units.ts';
import { RegressionJudge, type RegressionSnapshot } from '../judge/regression/judge.ts';

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
  private config: RegressionConfig;

  constructor(config: RegressionConfig, saved?: string) {
    this.config = config;
    this.judge = restored(config, saved);
  }

  apply(config: RegressionConfig): void {
    if (config === this.config) return;
    const isSame = JSON.stringify(config) === JSON.stringify(this.config);
    this.config = config;
    if (!isSame) this.judge = new RegressionJudge(config);
  }

  observe(entry: Extract<LogEntry, { kind: 'traffic' }>): void {
    this.judge.observe(entry);
  }

  tick(now: Seconds): void {
    this.judge.tick(now);
    this.unsaid.push(...this.judge.takeEvents());
  }

  states(): readonly Regression[] {
    return this.judge.states();
  }

  toJSON(): RegressionSnapshot {
    return this.judge.toJSON();
  }
}

function restored(config: RegressionConfig, saved: string | undefined): RegressionJudge {
  if (saved === undefined) return new RegressionJudge(config);
  try {
    return RegressionJudge.restore(config, JSON.parse(saved) as RegressionSnapshot);
  } catch (error) {
    if (error instanceof RangeError) return new RegressionJudge(config);
    throw error;
  }
}
