import type { Percent, Seconds } from '../core/units.ts';

/** The chance that a rollout whose canary is within its margins is ever rolled back, over all its guards and time. */
export const ROLLBACK_ALPHA = 0.01;
/** The chance that a canary beyond a margin is ever shown to be within it, per guard. */
export const ADVANCE_ALPHA = 0.05;
/** Of the bounds that are shown beside a decision. */
export const DISPLAY_ALPHA = 0.05;
/** Of a hold for another share of the units than the weight says. */
export const SAMPLE_RATIO_ALPHA = 0.001;
/** Of a hold for a watched distribution, over all of them. */
export const WATCH_ALPHA = 0.01;
/** Units that the canary must have had in a step before it may leave it. */
export const MIN_CANARY_UNITS = 50;

const EVENT_METRICS = ['error_rate', 'refusal_rate', 'invalid_json'] as const;
const VALUE_METRICS = ['ttft_p95', 'latency_p95', 'cost'] as const;
export type EventMetric = (typeof EVENT_METRICS)[number];
export type ValueMetric = (typeof VALUE_METRICS)[number];
export type GuardMetric = EventMetric | ValueMetric;
export type WatchMetric = 'finish_reason' | 'output_tokens';
export type DoubtAction = 'hold' | 'rollback' | 'warn';

export interface GuardPlan {
  readonly metric: GuardMetric;
  /** The largest ratio of canary to stable that is accepted: 1.25 for `+25%`. */
  readonly ratio: number;
}

/** What a rollout's declaration asks of the judge, in numbers. */
export interface JudgePlan {
  readonly guards: readonly GuardPlan[];
  readonly watch: readonly WatchMetric[];
  /** `metadata.NAME`, `key` or `language`. */
  readonly segments: readonly string[];
  readonly steps: readonly Percent[];
  /** False: neither guards nor steps are declared, so weights change by hand only. */
  readonly isAutomatic: boolean;
  readonly minSeconds: Seconds;
  /** Null: a step may take as long as it needs. */
  readonly maxSeconds: Seconds | null;
  readonly inconclusive: 'pause' | 'advance' | 'rollback';
  readonly onSampleRatio: DoubtAction;
  readonly onNoTraffic: DoubtAction;
  /** The chance of a false rollback that this judge may use up. */
  readonly alpha: number;
}

/** The part of a checked rollout declaration that the judge reads: margins as written, times in milliseconds. */
export interface DeclaredJudgement {
  readonly guard?: { readonly [Metric in GuardMetric]?: string | undefined } | undefined;
  readonly watch?: readonly WatchMetric[] | undefined;
  readonly segments?: readonly string[] | undefined;
  readonly step?:
    | {
        readonly min?: number | null | undefined;
        readonly max?: number | null | undefined;
        readonly inconclusive?: JudgePlan['inconclusive'] | undefined;
      }
    | null
    | undefined;
  readonly on?: { readonly srm?: DoubtAction | undefined; readonly no_traffic?: DoubtAction | undefined } | undefined;
}

/**
 * @param steps the weights that the canary climbs, in percent
 * @param rivals how many judges share the chance of a false rollback: one for each arm that is compared with the first
 * @throws RangeError where a margin is -100 % or less
 */
export function judgePlan(declared: DeclaredJudgement, steps: readonly Percent[], rivals = 1): JudgePlan {
  const { guard = {}, step, on } = declared;
  return {
    guards: [...EVENT_METRICS, ...VALUE_METRICS].flatMap((metric) => {
      const margin = guard[metric];
      return margin === undefined ? [] : [{ metric, ratio: ratioOf(metric, margin) }];
    }),
    watch: declared.watch ?? [],
    segments: declared.segments ?? [],
    steps,
    isAutomatic: Object.keys(guard).length > 0 || (step !== undefined && step !== null),
    minSeconds: (step?.min ?? 0) / 1000,
    maxSeconds: secondsOf(step?.max ?? null),
    inconclusive: step?.inconclusive ?? 'pause',
    onSampleRatio: on?.srm ?? 'hold',
    onNoTraffic: on?.no_traffic ?? 'hold',
    alpha: ROLLBACK_ALPHA / rivals,
  };
}

function secondsOf(milliseconds: number | null): Seconds | null {
  return milliseconds === null ? null : milliseconds / 1000;
}

export function isEventMetric(metric: GuardMetric): metric is EventMetric {
  return (EVENT_METRICS as readonly GuardMetric[]).includes(metric);
}

function ratioOf(metric: GuardMetric, margin: string): number {
  const ratio = 1 + Number.parseFloat(margin) / 100;
  if (ratio > 0) return ratio;
  throw new RangeError(`The margin of ${metric} is ${margin}: it must be more than -100 %.`);
}
