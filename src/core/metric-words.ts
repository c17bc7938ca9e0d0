import type { MetricAnalysis } from './analysis.ts';

const EVENTS: Readonly<Record<string, string>> = {
  error_rate: 'errors',
  refusal_rate: 'refusals',
  invalid_json: 'invalid JSON',
};

/** `no errors`; null where an arm has some, or where values are compared. */
export function missingEvents({ metric, counts }: Pick<MetricAnalysis, 'metric' | 'counts'>): string | null {
  return counts.every(({ events }) => events === 0) ? noEvents(metric) : null;
}

/** Rates of what never happens cannot be compared, however long it takes. @param missing as `missingEvents` */
export function cannotBeShown(missing: string): string {
  return `cannot be shown: ${missing} on either arm`;
}

export function noEvents(metric: string): string {
  return `no ${EVENTS[metric] ?? 'events'}`;
}
