import { grown, INSTALLATION, type RuleGroup } from '../rule.ts';

const webhooks = (result: string): string =>
  `sum by (${INSTALLATION}, webhook) (${grown(`sluice_webhook_deliveries_total{result="${result}"}`, '15m')})`;

export const ROLLOUTS: RuleGroup = {
  name: 'sluice.rollouts',
  alerts: [
    {
      name: 'SluiceControllerLeaderless',
      severity: 'page',
      for: '2m',
      expr: `sum by (${INSTALLATION}) (sluice_controller_leader) == 0`,
      summary: 'Nobody judges the rollouts',
      description:
        'No gateway of {{ $labels.job }} leads (value {{ $value }}): weights stay as they are, and a bad canary is not rolled back by itself.',
    },
    {
      name: 'SluiceRolloutRolledBack',
      severity: 'ticket',
      expr: `max by (${INSTALLATION}, rollout) (sluice_rollout_phase{phase="degraded"}) > 0`,
      summary: 'The rollout {{ $labels.rollout }} was rolled back',
      description: 'All traffic of {{ $labels.rollout }} is on its stable arm until `retry`. Value: {{ $value }}.',
    },
    {
      name: 'SluiceRolloutPaused',
      severity: 'ticket',
      for: '12h',
      expr: `max by (${INSTALLATION}, rollout) (sluice_rollout_phase{phase="paused"}) > 0`,
      summary: 'The rollout {{ $labels.rollout }} has waited for somebody for 12 hours',
      description:
        '{{ $labels.rollout }} stands still and waits for `resume`, `promote` or `abort`. Value: {{ $value }}.',
    },
    {
      name: 'SluiceRegression',
      severity: 'ticket',
      for: '5m',
      expr: `max by (${INSTALLATION}, route, metric) (sluice_regression_active) > 0`,
      summary: '{{ $labels.metric }} of {{ $labels.route }} is other than its own past',
      description:
        'Without any rollout: the provider changed something, or callers did. `sluice regressions` tells by how much. Value: {{ $value }}.',
    },
    {
      name: 'SluiceOutcomesDropped',
      severity: 'ticket',
      expr: 'increase(sluice_outcomes_dropped_total[15m]) > 0',
      summary: '{{ $labels.instance }} loses outcomes of requests',
      description:
        '{{ $value | humanize }} outcomes in 15 minutes were not judged: the store could not take or give them.',
    },
    {
      name: 'SluiceWebhookFailing',
      severity: 'ticket',
      // One that failed and was delivered a moment later needs nobody.
      expr: [`${webhooks('given_up')} > 0`, `or (${webhooks('retried')} > 0 unless ${webhooks('delivered')} > 0)`].join(
        '\n',
      ),
      summary: 'The webhook {{ $labels.webhook }} cannot be told of events',
      description:
        '{{ $value | humanize }} attempts to tell {{ $labels.webhook }} failed in 15 minutes, given up or without any that was delivered; those after it wait.',
    },
  ],
};
