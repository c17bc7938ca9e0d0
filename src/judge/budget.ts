import { guardThresholds } from './alarms.ts';
import { projectOnNull } from './null-projection.ts';
import { ADVANCE_ALPHA, isEventMetric, type GuardMetric, type GuardPlan, type JudgePlan } from './plan.ts';

/** A canary so many times beyond its margin is what the budget of catching it is for. */
const EVENT_HARM = 3;
const VALUE_HARM = 1.5;
/** Of scores between -1 and 1 that are spread evenly. */
const SCORE_VARIANCE = 1 / 3;

export interface GuardBudget {
  readonly metric: GuardMetric;
  /** Accepted ratio of canary to stable. */
  readonly ratio: number;
  /** Units until a canary that equals stable is shown to be within the margin; null: never, there is no margin. */
  readonly clear: number | null;
  /** A canary with this ratio to stable ... */
  readonly harm: number;
  /** ... is rolled back after so many units; null: never, as it has nothing more of an event that stable never has. */
  readonly catch: number | null;
}

/** The stable arm's rate of an event, or the standard deviation of the logarithm of its values. */
export type Baselines = Readonly<Record<GuardMetric, number>>;

/**
 * How many units, on both arms together, each guard needs at a weight: the logarithm of what the e-value must reach over
 * what it gains per unit in the mean, by the bettor that knew the rates. Bettors that do not know them need up to
 * about a third more in the median.
 * @param weight of the canary, above 0 and below 1
 */
export function guardBudgets(plan: JudgePlan, weight: number, baselines: Baselines): readonly GuardBudget[] {
  const { first } = guardThresholds(plan);
  return plan.guards.map((guard) => {
    const { metric, ratio } = guard;
    const harm = ratio * (isEventMetric(metric) ? EVENT_HARM : VALUE_HARM);
    const gain = growth(guard, weight, baselines[metric], harm);
    const clearing = ratio > 1 ? growth(guard, weight, baselines[metric], 1) : 0;
    return {
      metric,
      ratio,
      harm,
      catch: gain > 0 ? Math.ceil(Math.log(first) / gain) : null,
      clear: clearing > 0 ? Math.ceil(-Math.log(ADVANCE_ALPHA) / clearing) : null,
    };
  });
}

/** In logarithms per unit, where the canary's true ratio to stable is `truth`. */
function growth({ metric, ratio }: GuardPlan, weight: number, baseline: number, truth: number): number {
  if (isEventMetric(metric)) return eventGrowth(weight, baseline, Math.min(baseline * truth, 0.999), ratio);
  const shift = Math.log(truth / ratio) / baseline;
  const isTail = metric !== 'cost' && truth < ratio;
  return isTail ? eventGrowth(weight, 0.05, 1 - normalShare(P95_DEVIATIONS - shift), 1) : rankGrowth(weight, shift);
}

const P95_DEVIATIONS = 1.644854;

/**
 * What one unit tells against "the canary's rate is at most `ratio` times stable's" (or at least, where it is less).
 * With a ratio of 1 it is the weighted Jensen-Shannon divergence of the two rates.
 */
export function eventGrowth(weight: number, stable: number, canary: number, ratio: number): number {
  const p = projectOnNull(weight, stable, canary, ratio);
  return weight * divergence(canary, ratio * p) + (1 - weight) * divergence(stable, p);
}

/** Kullback-Leibler, of two chances. */
function divergence(p: number, q: number): number {
  const yes = p > 0 ? p * Math.log(p / q) : 0;
  return yes + (1 - p) * Math.log((1 - p) / (1 - q));
}

/** Half the squared signal of a rank over its noise. @param shift in standard deviations of the logarithm */
function rankGrowth(weight: number, shift: number): number {
  const difference = 2 * normalShare(shift / Math.SQRT2) - 1;
  return (weight * (1 - weight) * difference * difference) / (2 * SCORE_VARIANCE);
}

/** The share of a normal distribution below a deviation. @source Abramowitz, Stegun, 7.1.26; error below 1e-7 */
function normalShare(deviations: number): number {
  const x = Math.abs(deviations) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const above = (series * Math.exp(-x * x)) / 2;
  return deviations > 0 ? 1 - above : above;
}
