import { stringify } from 'yaml';
import { GATEWAY } from './alerts/gateway.ts';
import { LIMITS } from './alerts/limits.ts';
import { PROVIDERS } from './alerts/providers.ts';
import { ROLLOUTS } from './alerts/rollouts.ts';
import { AUDIT, RECORDS, REDACTION, REPLIES } from './alerts/safety.ts';
import type { Alert, Recording, RuleGroup } from './rule.ts';
import type { Runbook } from './runbook.ts';
import { objectiveGroups } from './slo.ts';

export const GROUPS: readonly RuleGroup[] = [
  ...objectiveGroups(),
  GATEWAY,
  PROVIDERS,
  ROLLOUTS,
  LIMITS,
  REDACTION,
  AUDIT,
  RECORDS,
  REPLIES,
];

/** Names of alerts, each once. */
export const ALERTS: readonly string[] = [...new Set(GROUPS.flatMap(({ alerts }) => alerts.map(({ name }) => name)))];

/** A rule file of Prometheus; `groups` is also the `spec` of a PrometheusRule. */
export function rulesYaml(note: string, runbook: Runbook): string {
  const groups = GROUPS.map(({ name, recordings = [], alerts }) => ({
    name,
    rules: [...recordings.map(toRecording), ...alerts.map((alert) => toAlert(alert, runbook))],
  }));
  return `# ${note}\n${stringify({ groups }, { lineWidth: 0 })}`;
}

const toRecording = ({ record, expr }: Recording) => ({ record, expr });

function toAlert({ name, severity, expr, labels, summary, description, ...alert }: Alert, runbook: Runbook) {
  return {
    alert: name,
    expr,
    ...(alert.for === undefined ? {} : { for: alert.for }),
    labels: { severity, ...labels },
    annotations: { summary, description, runbook_url: runbook.page(name) },
  };
}
