import type { RegressionMetric } from '../../core/config.ts';
import type { LogEntry } from '../../core/outcome.ts';
import { BINS, SCALES, positionOf, type LogScale } from '../log-histogram.ts';
import { KINDS, type KindTable } from './kind-table.ts';

export type TrafficEntry = Extract<LogEntry, { kind: 'traffic' }>;

interface RateMetric {
  readonly kind: 'rate';
  readonly name: RegressionMetric;
  /** The accepted ratio of recent traffic to the baseline. */
  readonly ratio: number;
  readonly read: (entry: TrafficEntry) => boolean | undefined;
}

export interface ValueMetric {
  readonly kind: 'value';
  readonly name: RegressionMetric;
  readonly ratio: number;
  readonly read: (entry: TrafficEntry) => number | undefined;
  readonly scale: LogScale;
  readonly unit: 'ms' | 'USD' | 'tokens';
  /** Lower values are a change too. */
  readonly isEither: boolean;
  /** The quantile that is told of baseline and recent traffic. */
  readonly shown: number;
}

interface MixMetric {
  readonly kind: 'mix';
  readonly name: RegressionMetric;
  /** The accepted Jensen-Shannon distance. */
  readonly distance: number;
  readonly read: (entry: TrafficEntry) => string | undefined;
}

/** What is counted: whether an event happened, which bin of a logarithmic scale a value falls into, or which kind it was. */
export type MetricPlan = RateMetric | ValueMetric | MixMetric;

const TIME = { kind: 'value', scale: SCALES.milliseconds, unit: 'ms', isEither: false, shown: 0.95 } as const;
const TOKENS = { kind: 'value', scale: SCALES.tokens, unit: 'tokens', isEither: true, shown: 0.5 } as const;
const COST = { kind: 'value', scale: SCALES.dollars, unit: 'USD', isEither: false, shown: 0.5 } as const;

const METRICS: { readonly [Name in RegressionMetric]: (margin: number) => MetricPlan } = {
  error_rate: (ratio) => ({ kind: 'rate', name: 'error_rate', ratio, read: ({ error }) => error }),
  truncation_rate: (ratio) => ({ kind: 'rate', name: 'truncation_rate', ratio, read: ({ truncated }) => truncated }),
  refusal_rate: (ratio) => ({ kind: 'rate', name: 'refusal_rate', ratio, read: ({ refusal }) => refusal }),
  invalid_json: (ratio) => ({ kind: 'rate', name: 'invalid_json', ratio, read: ({ invalidJson }) => invalidJson }),
  ttft: (ratio) => ({ ...TIME, name: 'ttft', ratio, read: ({ ttftMs }) => ttftMs }),
  latency: (ratio) => ({ ...TIME, name: 'latency', ratio, read: ({ latencyMs }) => latencyMs }),
  cost: (ratio) => ({ ...COST, name: 'cost', ratio, read: ({ costUsd }) => costUsd }),
  output_tokens: (ratio) => ({ ...TOKENS, name: 'output_tokens', ratio, read: ({ outputTokens }) => outputTokens }),
  input_tokens: (ratio) => ({ ...TOKENS, name: 'input_tokens', ratio, read: ({ inputTokens }) => inputTokens }),
  finish_reason: (distance) => ({
    kind: 'mix',
    name: 'finish_reason',
    distance,
    read: ({ finishReason }) => finishReason,
  }),
  language: (distance) => ({ kind: 'mix', name: 'language', distance, read: ({ language }) => language }),
};

/** @param margin the accepted ratio, 1.5 for `+50%`; of a mix the accepted distance */
export function metricPlan(name: RegressionMetric, margin: number): MetricPlan {
  return METRICS[name](margin);
}

export function binCount({ kind }: MetricPlan): number {
  return kind === 'rate' ? 2 : kind === 'mix' ? KINDS : BINS;
}

/** The bin that a request counts in; -1 where the metric was not observed. @param kinds of the metric, if it is a mix */
export function binOf(metric: MetricPlan, entry: TrafficEntry, kinds: KindTable): number {
  const value = metric.read(entry);
  if (value === undefined) return -1;
  if (typeof value === 'string') return kinds.indexOf(value);
  if (typeof value === 'boolean') return Number(value);
  return Math.floor(positionOf((metric as ValueMetric).scale, value));
}
