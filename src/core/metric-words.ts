import type { MetricAnalysis } from './analysis.ts';

const EVENTS: Readonly<Record<string, string>> = {
  error_rate: 'errors',
  refusal_rate: 'refusals',
  invalid_json: 'invalid JSON',
};

/** `no errors`; null where an arm has some, where values are compared, or where an arm had no request yet. */
export function missingEvents({ metric, counts }: Pick<MetricAnalysis, 'metric' | 'counts'>): string | null {
  return counts.every(({ units, events }) => units > 0 && events === 0) ? noEvents(metric) : null;
}

/** `no request was judged yet`; null where both arms had some. */
export function missingRequests({ counts }: Pick<MetricAnalysis, 'counts'>): string | null {
  const silent = counts.filter(({ units }) => units === 0);
  if (silent.length === 0) return null;
  return silent.length === counts.length
    ? 'no request was judged yet'
    : `no request of "${silent[0]!.arm}" was judged yet`;
}

/** Rates of what never happens cannot be compared, however long it takes. @param missing as `missingEvents` */
export function cannotBeShown(missing: string): string {
  return `cannot be shown: ${missing} on either arm`;
}

export function noEvents(metric: string): string {
  return `no ${EVENTS[metric] ?? 'events'}`;
}
