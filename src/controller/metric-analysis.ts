import type { MetricAnalysis, MetricState } from '../core/analysis.ts';
import { segmentThreshold, type Alarm, type Finding } from '../judge/alarms.ts';
import type { Counts } from '../judge/cell.ts';
import type { Guard } from '../judge/guard.ts';
import type { Judge } from '../judge/judge.ts';
import { ADVANCE_ALPHA, SAMPLE_RATIO_ALPHA, WATCH_ALPHA } from '../judge/plan.ts';
import type { Watch } from '../judge/watch.ts';
import type { Samples } from './samples.ts';

/** Segments that are told of beside those that were crossed: what fits on a screen. */
const SHOWN_SEGMENTS = 5;
const WORTH_A_LOOK = 2;

/** What is compared, and what is known of it beside the judge. */
interface Comparison {
  readonly judge: Judge;
  /** The arm compared with first. */
  readonly arms: readonly [string, string];
  readonly samples: Samples;
  readonly unitsToGo: ReadonlyMap<string, number | null>;
}

/** Every metric of a judge: guards on all traffic, alarms, the segments that stand out, watches, the shares of the arms. */
export function metricsOf(comparison: Comparison): readonly MetricAnalysis[] {
  const { judge } = comparison;
  return [
    ...judge.guards.map((guard) => guardAnalysis(comparison, guard)),
    ...judge.alarms.filter(({ segment }) => segment !== null).map((alarm) => alarmAnalysis(comparison, alarm)),
    ...suspectSegments(comparison),
    ...judge.watches.map((watch) => watchAnalysis(comparison, watch)),
    sampleRatioAnalysis(comparison),
  ];
}

function guardAnalysis(comparison: Comparison, guard: Guard): MetricAnalysis {
  const { judge, unitsToGo } = comparison;
  const alarm = judge.alarms.find(({ metric, segment }) => metric === guard.metric && segment === null);
  const isHarmless = guard.harmlessness >= 1 / ADVANCE_ALPHA;
  const state = alarm !== undefined ? 'crossed' : isHarmless ? 'harmless' : 'gathering';
  const { first } = guard;
  const finding = alarm ?? {
    metric: guard.metric,
    segment: null,
    eValue: first.eValue,
    threshold: judge.thresholds.first,
    effect: first.effect(),
    counts: first.counts(),
  };
  return {
    ...fromFinding(comparison, finding, state),
    harmlessness: guard.harmlessness,
    harmlessThreshold: 1 / ADVANCE_ALPHA,
    unitsToGo: unitsToGo.get(guard.metric) ?? null,
  };
}

function alarmAnalysis(comparison: Comparison, alarm: Alarm): MetricAnalysis {
  return fromFinding(comparison, alarm, 'crossed');
}

/** The segments whose evidence against the canary is the strongest. */
function suspectSegments(comparison: Comparison): readonly MetricAnalysis[] {
  const { judge } = comparison;
  const isCrossed = (metric: string, segment: string) =>
    judge.alarms.some((alarm) => alarm.metric === metric && alarm.segment === segment);
  return judge.segments.all
    .filter(
      ({ cell, guard, segment }) => cell.eValue >= WORTH_A_LOOK && !isCrossed(judge.guards[guard]!.metric, segment),
    )
    .toSorted((a, b) => b.cell.eValue - a.cell.eValue)
    .slice(0, SHOWN_SEGMENTS)
    .map(({ cell, guard, segment, weight }) => {
      const { metric } = judge.guards[guard]!;
      const threshold = segmentThreshold(judge.plan, weight);
      const finding = { metric, segment, eValue: cell.eValue, threshold, effect: cell.effect(), counts: cell.counts() };
      return fromFinding(comparison, finding, 'gathering');
    });
}

function watchAnalysis(comparison: Comparison, watch: Watch): MetricAnalysis {
  const threshold = comparison.judge.watches.length / WATCH_ALPHA;
  const isChanged = watch.eValue >= threshold && watch.isNotable();
  const { metric, eValue } = watch;
  const finding = { metric, segment: null, eValue, threshold, effect: watch.effect(), counts: watch.counts() };
  return { ...fromFinding(comparison, finding, isChanged ? 'changed' : 'gathering'), role: 'watch' };
}

function sampleRatioAnalysis(comparison: Comparison): MetricAnalysis {
  const { sampleRatioEValue: eValue, unitsByArm } = comparison.judge;
  const threshold = 1 / SAMPLE_RATIO_ALPHA;
  const [stable, canary] = unitsByArm.map((units) => ({ units, events: null }));
  const effect = { estimate: null, low: null, high: null };
  const finding = {
    metric: 'srm',
    segment: null,
    eValue,
    threshold,
    effect,
    counts: { stable: stable!, canary: canary! },
  };
  return { ...fromFinding(comparison, finding, eValue >= threshold ? 'changed' : 'gathering'), role: 'srm' };
}

function fromFinding(comparison: Comparison, finding: Finding, state: MetricState): MetricAnalysis {
  const { judge, arms, samples } = comparison;
  const { metric, segment, eValue, threshold, effect, counts } = finding;
  return {
    role: 'guard',
    metric,
    segment,
    state,
    margin: judge.plan.guards.find((guard) => guard.metric === metric)?.ratio ?? null,
    eValue: finite(eValue),
    threshold,
    harmlessness: null,
    harmlessThreshold: null,
    effect,
    counts: countsOf(arms, counts),
    unitsToGo: null,
    samples: samples.of(metric, segment),
  };
}

function countsOf([first, second]: Comparison['arms'], { stable, canary }: Counts): MetricAnalysis['counts'] {
  return [
    { arm: first, ...stable },
    { arm: second, ...canary },
  ];
}

/** JSON knows no infinity. */
function finite(value: number): number {
  return Math.min(value, Number.MAX_VALUE);
}
