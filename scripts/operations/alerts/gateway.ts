import { ENOUGH, grown, INSTALLATION, JOBS, type RuleGroup } from '../rule.ts';

/** The processes themselves, their configuration and their store. */
export const GATEWAY: RuleGroup = {
  name: 'sluice.gateway',
  alerts: [
    {
      name: 'SluiceAbsent',
      severity: 'page',
      for: '2m',
      // Each installation by itself: others that are well must not hide that one is gone, its targets included.
      expr: [
        `(group by (${INSTALLATION}) (max_over_time(up{${JOBS}}[1d]) == 1)`,
        `unless group by (${INSTALLATION}) (up{${JOBS}} == 1))`,
        `or on () absent(up{${JOBS}} == 1)`,
      ].join('\n'),
      summary: 'No gateway answers',
      description:
        'Not one target of a scrape job named *sluice*{{ with $labels.job }} ({{ . }}){{ end }} answers: apps get nothing, or nobody sees what they get.',
    },
    {
      name: 'SluiceGatewayDown',
      severity: 'ticket',
      for: '5m',
      expr: `up{${JOBS}} == 0`,
      summary: 'The gateway {{ $labels.instance }} does not answer',
      description:
        '{{ $labels.instance }} of {{ $labels.job }} has not answered its scrapes for 5 minutes. The others carry its load.',
    },
    {
      name: 'SluiceStoreDown',
      severity: 'page',
      for: '1m',
      expr: 'sluice_store_up == 0',
      summary: '{{ $labels.instance }} has lost its store',
      description:
        'It cannot be read, or its file was removed or replaced; /readyz says which. Requests are served on; keys of the store go stale, rollouts stand still. Value: {{ $value }}.',
    },
    {
      name: 'SluiceConfigReloadFailed',
      severity: 'ticket',
      for: '5m',
      expr: 'sluice_config_last_reload_success == 0',
      summary: 'The configuration of {{ $labels.instance }} is refused',
      description:
        'The file on {{ $labels.instance }} has a mistake; the last good one stays in force. A restart would not come up. Value: {{ $value }}.',
    },
    {
      name: 'SluiceEventLoopLag',
      severity: 'ticket',
      for: '10m',
      expr: 'sluice_event_loop_lag_seconds{quantile="0.99"} > 0.1',
      summary: '{{ $labels.instance }} is short of CPU',
      description:
        'The event loop of {{ $labels.instance }} runs {{ $value | humanizeDuration }} late in one case of a hundred; every request waits for it.',
    },
    {
      name: 'SluiceWorkerReplaced',
      severity: 'ticket',
      expr: grown('sluice_worker_restarts_total{reason=~"died|hung"}', '15m'),
      summary: 'A worker of {{ $labels.instance }} has {{ $labels.reason }}',
      description:
        'Another one took its place; its open requests were cut. Within 15 minutes: {{ $value | printf "%.0f" }}.',
    },
    {
      name: 'SluiceInflightNearLimit',
      severity: 'ticket',
      for: '5m',
      expr: 'sluice_inflight_requests / sluice_inflight_limit > 0.8',
      summary: '{{ $labels.instance }} has nearly as many requests in flight as it may',
      description:
        '{{ $value | humanizePercentage }} of gateway.maxInflight are taken on {{ $labels.instance }}; above all of it requests get 503.',
    },
    {
      name: 'SluiceOverloaded',
      severity: 'page',
      for: '5m',
      expr: [
        `sum by (${INSTALLATION}) (rate(sluice_requests_total{error_type="overloaded"}[5m]))`,
        `/ (sum by (${INSTALLATION}) (rate(sluice_requests_total[5m])) > ${ENOUGH}) > 0.01`,
      ].join('\n'),
      summary: 'The gateway turns requests away',
      description: '{{ $value | humanizePercentage }} of the requests get 503 overloaded.',
    },
    {
      name: 'SluiceFileDescriptors',
      severity: 'ticket',
      for: '5m',
      expr: 'process_open_fds / process_max_fds > 0.8 and on (namespace, job, instance) sluice_build_info',
      summary: '{{ $labels.instance }} runs out of file descriptors',
      description:
        '{{ $value | humanizePercentage }} of them are open on {{ $labels.instance }}; without one no connection can be taken. A stream needs two.',
    },
  ],
};
