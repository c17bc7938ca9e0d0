import type { Rollout } from './rollout.ts';
import type { Milliseconds } from './units.ts';

/** What the evidence of a rollout asks for. */
export type Decision = 'none' | 'hold' | 'advance' | 'promote' | 'rollback';

/** Relative to the arm that is compared with: 0.25 is 25 % more. Null: not known, or no bound yet. */
export interface EffectBounds {
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Which quantile is compared, where it is another than the metric is named after. */
  readonly quantile?: number;
}

export interface ArmCounts {
  readonly arm: string;
  readonly units: number;
  /** Null for metrics that are not events. */
  readonly events: number | null;
}

/**
 * `crossed`: worse than its margin, for sure. `harmless`: shown to be within it. `changed`: a watched distribution is
 * another. `better`: a goal is reached. `gathering`: not enough is known yet.
 */
export type MetricState = 'crossed' | 'harmless' | 'changed' | 'better' | 'gathering';

/** One metric, on all traffic or in one segment, of two arms. */
export interface MetricAnalysis {
  readonly role: 'guard' | 'watch' | 'goal' | 'shadow' | 'srm';
  readonly metric: string;
  /** `metadata.language=fr`; null: all traffic. */
  readonly segment: string | null;
  readonly state: MetricState;
  /** The accepted ratio to the first of `counts`, 1.25 for `+25%`; null without a margin. */
  readonly margin: number | null;
  readonly eValue: number;
  readonly threshold: number;
  /** The e-value against "beyond its margin"; null where nothing has to be shown harmless. */
  readonly harmlessness: number | null;
  readonly harmlessThreshold: number | null;
  readonly effect: EffectBounds;
  /** The arm compared with first. */
  readonly counts: readonly [ArmCounts, ArmCounts];
  /** Units, both arms together, that are still missing until it is decided, by the median; null: not known. */
  readonly unitsToGo: number | null;
  /** Recent requests of the second arm that show it; of a shadow, those whose copies do. */
  readonly samples: readonly string[];
}

/** What the controller knows of a rollout and makes of it. */
export interface Analysis {
  readonly rollout: string;
  readonly revision: number;
  readonly epoch: number;
  readonly at: Milliseconds;
  readonly decision: Decision;
  /** Stable words: guard, harmless, inconclusive, srm, no_traffic, watch, gathering, manual, gate, goal, paired. */
  readonly reason: string;
  /** One sentence: what is so, and why. */
  readonly summary: string;
  /** One sentence: what has to happen next; null where nothing is to come by itself. */
  readonly next: string | null;
  /** By the median, at the rate of now; null: not known, or never. */
  readonly minutesToGo: number | null;
  readonly requests: number;
  readonly units: readonly { readonly arm: string; readonly units: number }[];
  /** Matching requests a second, over the last minutes. */
  readonly requestRate: number;
  /** New units a second, over the last minutes: what evidence is gathered from. Null where units are not told apart. */
  readonly unitRate: number | null;
  readonly warnings: readonly string[];
  readonly metrics: readonly MetricAnalysis[];
}

/** A metric of a route, compared with its own past. */
export interface Regression {
  readonly route: string;
  readonly metric: string;
  readonly segment: string | null;
  readonly isActive: boolean;
  /** When it was found; null where it is not active. */
  readonly since: Milliseconds | null;
  /** The evidence that it is another now, 0 at least, and what opens it; natural logarithms of both. */
  readonly logE: number;
  readonly threshold: number;
  /** A share of requests; the 95th percentile of times; the median of tokens and costs. Null: not known yet. */
  readonly baseline: number | null;
  readonly recent: number | null;
  /** Of a mix: the kind whose share `baseline` and `recent` are. */
  readonly kind?: string;
  /** Of a mix the estimate is the Jensen-Shannon distance. */
  readonly effect: EffectBounds;
  readonly samples: readonly string[];
}

/** One sampled request and its copy. */
export interface ShadowPair {
  readonly at: Milliseconds;
  readonly primary: ShadowSide;
  readonly shadow: ShadowSide;
}

export interface ShadowSide {
  readonly requestId: string;
  readonly model: string | null;
  readonly error: boolean;
  readonly refusal: boolean | null;
  readonly invalidJson: boolean | null;
  readonly latencyMs: Milliseconds | null;
  readonly outputTokens: number | null;
  readonly costUsd: number | null;
  readonly finishReason: string | null;
}

/** What the copies of a shadow may cost in the period of now, in US dollars. */
export interface ShadowBudget {
  readonly usd: number;
  /** With what is set aside for copies under way. */
  readonly spentUsd: number;
  readonly remainingUsd: number;
  /** The end of the period: wall clock. */
  readonly resetsAt: Milliseconds;
  /** No copies are sent: what is left did not pay for the one that was wanted last. */
  readonly isSpent: boolean;
}

/** What the control plane asks the controller, on whatever gateway it runs. */
export interface AnalysisView {
  /** Null: nothing was judged yet. */
  analysis(rollout: string): Analysis | null;
  regressions(): readonly Regression[];
  /** Newest first; of this gateway. */
  pairs(rollout: string, limit: number): readonly ShadowPair[] | Promise<readonly ShadowPair[]>;
  /** Null: it is no shadow, or one without a budget. @throws what the store throws */
  budget(rollout: Rollout): Promise<ShadowBudget | null>;
}
