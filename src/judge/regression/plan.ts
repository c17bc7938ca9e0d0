import type { RegressionConfig, RegressionMetric } from '../../core/config.ts';
import type { Seconds } from '../../core/units.ts';
import { metricPlan, type MetricPlan } from './metrics.ts';

/** What the configuration asks of the judge, in its own units. */
export interface RegressionPlan {
  readonly metrics: readonly MetricPlan[];
  /** `metadata.NAME`, `key` or `language`. */
  readonly segments: readonly string[];
  /** What is bet on as one. */
  readonly block: Seconds;
  /** How late recent traffic becomes part of the baseline. */
  readonly lag: Seconds;
  readonly baseline: Seconds;
  readonly minimum: { readonly requests: number; readonly time: Seconds };
  /** What the evidence of a metric must reach, on all traffic of a route and in one segment. */
  readonly thresholds: { readonly all: number; readonly segment: number };
}

/** Of one route, over all dimensions; values that appear later are not judged apart. */
export const MAX_SEGMENTS = 32;

const BLOCKS_IN_MINIMUM = 10;
const LONGEST_BLOCK: Seconds = 60;
/** A level that doubles within half a day moves less than a quarter within the two to three lags that this allows. */
const LAGS_IN_BASELINE = 32;
/** Of the false alarms, where there are segments: the other half is theirs. */
const SHARE_OF_ALL = 0.5;

export function regressionPlan(config: RegressionConfig): RegressionPlan {
  const time = config.minimum.time / 1000;
  const baseline = config.baseline / 1000;
  const block = Math.min(Math.max(Math.floor(time / BLOCKS_IN_MINIMUM), 1), LONGEST_BLOCK);
  const all = config.falseAlarmEvery / 1000 / block / (config.segments.length > 0 ? SHARE_OF_ALL : 1);
  return {
    metrics: Object.entries(config.guard).map(([name, margin]) => metricPlan(name as RegressionMetric, margin)),
    segments: config.segments,
    block,
    lag: Math.max(baseline / LAGS_IN_BASELINE, time),
    baseline,
    minimum: { requests: config.minimum.requests, time },
    thresholds: { all, segment: all * MAX_SEGMENTS },
  };
}
