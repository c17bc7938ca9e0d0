import type { EffectBounds, Regression } from '../../core/analysis.ts';
import { quantileOf } from '../log-histogram.ts';
import { jensenShannonDistance } from '../mix-bet.ts';
import { sumOf } from './counts.ts';
import type { KindTable } from './kind-table.ts';
import type { MetricPlan, ValueMetric } from './metrics.ts';
import { shareBounds } from './share-bounds.ts';
import type { Trend } from './trend.ts';

/** Of the bounds shown: 95 % that both sides hold, at one moment, for independent requests. */
const DEVIATIONS = 2.24;
const UNKNOWN: EffectBounds = { estimate: null, low: null, high: null };

/** Where a trend belongs. */
export interface Place {
  readonly route: string;
  readonly segment: string | null;
  readonly threshold: number;
  readonly kinds: KindTable;
}

interface Comparison {
  readonly baseline: number | null;
  readonly recent: number | null;
  readonly effect: EffectBounds;
  readonly kind?: string;
}

/** A trend as it is shown. */
export function describe(trend: Trend, { route, segment, threshold, kinds }: Place): Regression {
  return {
    route,
    metric: trend.metric.name,
    segment,
    isActive: trend.since !== null,
    since: trend.since === null ? null : trend.since * 1000,
    logE: Math.log(Math.max(trend.evidence, 1)),
    threshold: Math.log(threshold),
    ...compare(trend, kinds),
    samples: trend.recent.samples,
  };
}

function compare(trend: Trend, kinds: KindTable): Comparison {
  const recent = trend.recent.counts();
  if (!trend.baseline.isKnown || totalOf(recent) === 0) return { baseline: null, recent: null, effect: UNKNOWN };
  const { metric } = trend;
  if (metric.kind === 'mix') return compareMixes(trend.baseline.slow.bins, recent, trend.strongest!.from, kinds);
  const bounds = [trend.baseline.slow.bins, recent].map((counts) => levelBounds(metric, counts)) as [Level, Level];
  return { baseline: bounds[0].level, recent: bounds[1].level, effect: relativeEffect(...bounds) };
}

interface Level {
  readonly level: number;
  readonly low: number;
  readonly high: number;
}

function levelBounds(metric: Exclude<MetricPlan, { kind: 'mix' }>, counts: readonly number[]): Level {
  const trials = totalOf(counts);
  return metric.kind === 'value' ? quantileLevel(metric, counts, trials) : rateLevel(counts[1]! / trials, trials);
}

function rateLevel(level: number, trials: number): Level {
  return { level, ...shareBounds(level, trials, DEVIATIONS) };
}

function quantileLevel({ scale, shown }: ValueMetric, counts: readonly number[], trials: number): Level {
  const { low, high } = shareBounds(shown, trials, DEVIATIONS);
  const at = (share: number) => quantileOf(scale, counts, share)!;
  return { level: at(shown), low: at(low), high: at(high) };
}

function relativeEffect(baseline: Level, recent: Level): EffectBounds {
  const change = (now: number, before: number) => (before > 0 ? now / before - 1 : null);
  return {
    estimate: change(recent.level, baseline.level),
    low: change(recent.low, baseline.high),
    high: change(recent.high, baseline.low),
  };
}

/** The kind that grew most stands for the mix; the effect is the Jensen-Shannon distance. */
function compareMixes(
  baseline: readonly number[],
  recent: readonly number[],
  kind: number,
  kinds: KindTable,
): Comparison {
  return {
    baseline: baseline[kind]! / totalOf(baseline),
    recent: recent[kind]! / totalOf(recent),
    effect: { estimate: jensenShannonDistance(baseline, recent), low: null, high: null },
    kind: kinds.nameOf(kind),
  };
}

/** Baseline and recent level in words: `refusal_rate: 1 % before, 4.2 % now`. */
export function levelsInWords({ metric: name, baseline, recent, kind }: Regression, metric: MetricPlan): string {
  const what = kind === undefined ? name : `${name}, share of ${kind}`;
  const quantile = metric.kind === 'value' ? ` (${Math.round(metric.shown * 100)}th percentile)` : '';
  return `${what}${quantile}: ${inWords(baseline, metric)} before, ${inWords(recent, metric)} now`;
}

function inWords(level: number | null, metric: MetricPlan): string {
  if (level === null) return 'not known';
  if (metric.kind !== 'value') return `${Number((100 * level).toPrecision(2))} %`;
  return `${Number(level.toPrecision(3))} ${metric.unit}`;
}

function totalOf(counts: readonly number[]): number {
  return sumOf(counts, 0, counts.length);
}
