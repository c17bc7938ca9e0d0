import type { Analysis, Decision, MetricAnalysis } from '../core/analysis.ts';
import type { LogEntry } from '../core/outcome.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Milliseconds, Seconds } from '../core/units.ts';
import type { Patience } from './outcome-buffer.ts';

/** What the evidence asks for now. */
export interface Conclusion {
  readonly decision: Decision;
  readonly reason: string;
  /** An experiment's arm that is to take all. */
  readonly arm: string | null;
  /** What decided, or is furthest from deciding. */
  readonly metric: MetricAnalysis | null;
  readonly warnings: readonly string[];
  /** The arms that get no traffic, where that is what it is about. */
  readonly silent?: readonly string[];
}

/** Why the controller waits although the evidence asks it to go on. */
export interface Veto {
  readonly by: string;
  readonly because: string;
}

/** All that is known of one start of a rollout. */
export interface Evidence {
  readonly epoch: number;
  observe(entry: LogEntry): void;
  /** Takes over where the rollout stands now. To be called before `conclude`. */
  follow(rollout: Rollout): void;
  conclude(rollout: Rollout, now: Seconds): Conclusion;
  analyse(rollout: Rollout, conclusion: Conclusion, now: Milliseconds, veto: Veto | null): Analysis;
  /** Null where no time is guarded, or before it is known what is slow. */
  patience(): Patience | null;
  /** To be written out before the next entry. */
  toJSON(): unknown;
}
