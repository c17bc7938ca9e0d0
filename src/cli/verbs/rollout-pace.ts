import type { MetricAnalysis } from '../../core/analysis.ts';
import { duration, table } from '../format.ts';
import type { AnalysisReply, RolloutReply } from '../rollout-reply.ts';

/** How far a comparison without steps still has to go. */
interface Pace {
  readonly metric: string;
  /** The arm compared with, and the other one. */
  readonly arms: readonly [string, string];
  readonly state: MetricAnalysis['state'];
  /** Pairs of a shadow, values of an experiment's goal; null: decided, or nothing points anywhere yet. */
  readonly toGo: number | null;
  /** At the rate of now; null for values, which nobody counts by the second. */
  readonly minutes: number | null;
}

/** Less than so much of the way, on the scale of the evidence, is chance. */
const NOTABLE_PROGRESS = 0.1;

/** Of a shadow or an experiment. Evidence grows evenly, on a logarithmic scale, as long as the traffic is as it was. */
export function pacesOf({ kind }: RolloutReply, { metrics, requestRate }: AnalysisReply): readonly Pace[] {
  const role = kind === 'shadow' ? 'shadow' : 'goal';
  return metrics
    .filter((metric) => metric.role === role)
    .map((metric) => {
      const toGo = unitsLeft(metric, kind);
      const hasRate = kind === 'shadow' && requestRate > 0;
      return {
        metric: metric.metric,
        arms: [metric.counts[0].arm, metric.counts[1].arm],
        state: metric.state,
        toGo,
        minutes: toGo === null || !hasRate ? null : Number((toGo / requestRate / 60).toFixed(1)),
      };
    });
}

function unitsLeft(metric: MetricAnalysis, kind: RolloutReply['kind']): number | null {
  const { state, eValue, threshold, harmlessness, harmlessThreshold, counts } = metric;
  if (state !== 'gathering') return null;
  const harmless =
    harmlessness === null || harmlessThreshold === null ? 0 : Math.log(harmlessness) / Math.log(harmlessThreshold);
  const done = Math.max(Math.log(eValue) / Math.log(threshold), harmless);
  if (!(done >= NOTABLE_PROGRESS)) return null;
  const units = kind === 'shadow' ? counts[0].units : counts[0].units + counts[1].units;
  return Math.ceil(units * Math.max(0, 1 / done - 1));
}

export function paceText({ name, kind }: RolloutReply, { requests }: AnalysisReply, paces: readonly Pace[]): string {
  const what = kind === 'shadow' ? 'pairs' : 'values';
  const nature =
    kind === 'shadow'
      ? `"${name}" is a shadow: it has no steps, its copies are compared pair by pair.`
      : `"${name}" is an experiment: it has no steps, its arms are compared by the values of its goal.`;
  if (paces.length === 0) {
    const none = kind === 'shadow' ? 'No pair was compared yet.' : 'It has no goal, or no value was judged yet.';
    return `${nature} ${requests === 0 ? 'No request was judged yet.' : none}`;
  }
  const rows = paces.map(({ metric, arms, state, toGo, minutes }) => [
    metric,
    `${arms[1]} against ${arms[0]}`,
    state,
    state === 'gathering' ? (toGo === null ? 'nobody can tell' : `about ${toGo}`) : 'none',
    minutes === null ? '-' : duration(minutes),
  ]);
  return [
    nature,
    `Still needed are so many ${what}, should things go on as they did:`,
    '',
    table(['METRIC', 'COMPARED', 'STATE', `${what.toUpperCase()} TO GO`, 'TIME'], rows, ['TIME']),
  ].join('\n');
}
