/** `page`: somebody gets up. `ticket`: somebody looks at it in working hours. */
export type Severity = 'page' | 'ticket';

export interface Alert {
  /** Begins with `Sluice`; its page in docs/runbook is named after it. */
  readonly name: string;
  readonly severity: Severity;
  readonly expr: string;
  /** How long it must hold; left out: at once. */
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly summary: string;
  /** With figures: Prometheus' templates are filled in. */
  readonly description: string;
}

export interface Recording {
  readonly record: string;
  readonly expr: string;
}

export interface RuleGroup {
  readonly name: string;
  readonly alerts: readonly Alert[];
  readonly recordings?: readonly Recording[];
}

/** What one installation is: gateways of one job, in one namespace where there are any. */
export const INSTALLATION = 'namespace, job';

/** A second: ten in five minutes; of fewer a share says nothing. */
export const ENOUGH = 0.033;

/** Scrape jobs of gateways, for what is told of targets that do not answer: they have no metric of ours. */
export const JOBS = 'job=~".*sluice.*"';

/**
 * That a counter has grown, also where its series is younger than the window: one that first appears as 1 has no increase.
 */
export function grown(series: string, window: string): string {
  return `(increase(${series}[${window}]) > 0 or (${series} unless ${series} offset ${window}) > 0)`;
}
