import { INSTALLATION, type Alert, type RuleGroup } from '../rule.ts';

function budgetAlert(subject: 'key' | 'team', remaining: string, limit: string): Alert {
  const by = `${INSTALLATION}, ${subject}`;
  return {
    name: 'SluiceBudgetNearlyUsed',
    severity: 'ticket',
    for: '5m',
    labels: { subject },
    expr: `min by (${by}) (${remaining}) / max by (${by}) (${limit}) < 0.1`,
    summary: `The budget of the ${subject} {{ $labels.${subject} }} is nearly used up`,
    description: `{{ $value | humanizePercentage }} of the budget of the ${subject} {{ $labels.${subject} }} are left; when nothing is, its requests get 429 insufficient_quota.`,
  };
}

/** Limits, budgets, and the keys that they hold for. */
export const LIMITS: RuleGroup = {
  name: 'sluice.limits',
  alerts: [
    budgetAlert('key', 'sluice_budget_remaining_usd', 'sluice_budget_limit_usd'),
    budgetAlert('team', 'sluice_team_budget_remaining_usd', 'sluice_team_budget_limit_usd'),
    {
      name: 'SluiceCountersDown',
      severity: 'page',
      for: '1m',
      expr: 'sluice_counters_up == 0',
      summary: '{{ $labels.instance }} cannot reach the shared counters',
      description:
        'Limits and budgets with `onCounterFailure: closed` refuse their requests; the others count in {{ $labels.instance }} alone. Value: {{ $value }}.',
    },
    {
      name: 'SluiceCountersLost',
      severity: 'ticket',
      expr: 'increase(sluice_counters_failed_total[15m]) > 0',
      summary: '{{ $labels.instance }} loses count of what was used',
      description:
        '{{ $value | humanize }} times in 15 minutes ({{ $labels.reason }}): budgets may let more pass than they should.',
    },
    {
      name: 'SluiceKeysUnreadable',
      severity: 'page',
      for: '1m',
      expr: `sum by (${INSTALLATION}, instance, result) (increase(sluice_key_lookups_total{result=~"unavailable|stale"}[5m])) > 0`,
      summary: '{{ $labels.instance }} cannot look up keys',
      description:
        '{{ $value | humanize }} look-ups in 5 minutes ended as {{ $labels.result }}: unavailable were answered 503, stale were let in from memory, revoked or not.',
    },
  ],
};
