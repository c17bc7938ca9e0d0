import {
  at,
  badFrom,
  goodFrom,
  NEUTRAL,
  quantile,
  quantiles,
  rate,
  series,
  stat,
  type Dashboard,
  type Row,
} from '../panel.ts';
import { OBJECTIVES, ratioName } from '../slo.ts';

const INSTALLATION = 'namespace=~"$namespace", job=~"$job"';
const percentOf = (target: number): number => Number((target * 100).toPrecision(4));

const AT_A_GLANCE: Row = {
  title: 'At a glance',
  panels: [
    stat({
      title: 'Alerts firing',
      unit: 'none',
      description: 'Alerts of Sluice that fire now. Each has a page in the runbook: its `runbook_url`.',
      queries: [{ expr: `count(ALERTS{alertname=~"Sluice.*", alertstate="firing", ${INSTALLATION}}) or vector(0)` }],
      thresholds: badFrom(1, 3),
    }),
    stat({
      title: 'Availability, 1 h',
      unit: 'percentunit',
      description: `Requests that neither failed nor broke off; what callers did wrong is left out. Promised: ${percentOf(OBJECTIVES[0]!.target)} %.`,
      alert: 'SluiceAvailabilityBurn',
      queries: [{ expr: `1 - max(${ratioName(OBJECTIVES[0]!, '1h')}{${INSTALLATION}})` }],
      thresholds: goodFrom(0.99, OBJECTIVES[0]!.target),
    }),
    stat({
      title: 'Requests',
      unit: 'reqps',
      description:
        'All requests that ended, denied ones too. Nothing: look at whoever calls, then at the load balancer.',
      queries: [{ expr: rate('sluice_requests_total', '') }],
      thresholds: NEUTRAL,
    }),
    stat({
      title: 'In flight',
      unit: 'short',
      description: 'Requests being served, open streams included. Each stream takes memory and two file descriptors.',
      alert: 'SluiceInflightNearLimit',
      queries: [{ expr: `sum(${at('sluice_inflight_requests')})` }],
      thresholds: NEUTRAL,
    }),
    stat({
      title: 'First token, p95',
      unit: 's',
      description:
        'What people wait for. High for one provider only: that provider. High for all: overhead and event loop below.',
      alert: 'SluiceFirstTokenBurn',
      queries: [{ expr: quantile(0.95, 'sluice_time_to_first_token_seconds') }],
      thresholds: badFrom(2.5, 5),
    }),
    stat({
      title: 'Gateways',
      unit: 'none',
      description: 'Gateways that answer their scrape.',
      alert: 'SluiceGatewayDown',
      queries: [{ expr: `count(${at('sluice_build_info')})` }],
      thresholds: goodFrom(1, 1),
    }),
  ],
};

const REQUESTS: Row = {
  title: 'Requests: rate, errors, duration',
  panels: [
    series({
      title: 'Requests by outcome',
      unit: 'reqps',
      isStacked: true,
      description:
        'error: failed; truncated: a stream that broke off; cancelled: the caller left; denied: the gateway said no.',
      queries: [{ expr: rate('sluice_requests_total', 'outcome'), legend: '{{outcome}}' }],
    }),
    series({
      title: 'Failures by type',
      unit: 'reqps',
      isStacked: true,
      description:
        'http_…: passed back from the provider. upstream_…: it could not be reached, or not in time: see Providers. overloaded, internal_error: the gateway itself.',
      alert: 'SluiceAvailabilityBurn',
      queries: [
        { expr: rate('sluice_requests_total', 'error_type', 'outcome=~"error|truncated"'), legend: '{{error_type}}' },
      ],
    }),
    series({
      title: 'Denied by type',
      unit: 'reqps',
      isStacked: true,
      description:
        'rate_limit_exceeded, insufficient_quota: limits. policy_denied: see Redaction and policy. invalid_api_key in numbers: a rotation that an app missed.',
      queries: [{ expr: rate('sluice_requests_total', 'error_type', 'outcome="denied"'), legend: '{{error_type}}' }],
    }),
    series({
      title: 'Duration',
      unit: 's',
      description: 'From the first request byte to the last reply byte. Mostly the length of what models write.',
      queries: quantiles('sluice_request_duration_seconds'),
    }),
    series({
      title: 'Time to first token',
      unit: 's',
      description: 'Of streams.',
      alert: 'SluiceFirstTokenBurn',
      queries: quantiles('sluice_time_to_first_token_seconds'),
      thresholds: badFrom(2.5, 5),
    }),
    series({
      title: 'Time per output token',
      unit: 's',
      description:
        'Of streams, after the first token. Slow for all providers at once: the event loop, or clients that read slowly.',
      queries: quantiles('sluice_time_per_output_token_seconds'),
    }),
    series({
      title: 'Requests by route',
      unit: 'reqps',
      isStacked: true,
      width: 12,
      description: 'By the name of the model that apps ask for, as configured.',
      queries: [{ expr: rate('sluice_requests_total', 'route'), legend: '{{route}}' }],
    }),
    series({
      title: 'Requests by operation',
      unit: 'reqps',
      isStacked: true,
      width: 12,
      description: 'By endpoint.',
      queries: [{ expr: rate('sluice_requests_total', 'operation'), legend: '{{operation}}' }],
    }),
  ],
};

const GATEWAYS: Row = {
  title: 'Gateways',
  panels: [
    series({
      title: 'Overhead',
      unit: 's',
      description:
        'What the gateway itself adds. Rising with the event loop lag: CPU. Alone: large bodies, policies, redaction.',
      alert: 'SluiceOverheadBurn',
      queries: quantiles('sluice_overhead_seconds'),
      thresholds: badFrom(0.01, 0.05),
    }),
    series({
      title: 'Event loop lag, p99',
      unit: 's',
      description: 'How late the loop runs. Above 100 ms for minutes: more gateways, or more cores.',
      alert: 'SluiceEventLoopLag',
      queries: [{ expr: at('sluice_event_loop_lag_seconds', 'quantile="0.99"'), legend: '{{instance}}' }],
      thresholds: badFrom(0.05, 0.1),
    }),
    series({
      title: 'In flight of what is allowed',
      unit: 'percentunit',
      description: 'Of gateway.maxInflight. At 100 % requests get 503.',
      alert: 'SluiceInflightNearLimit',
      queries: [{ expr: `${at('sluice_inflight_requests')} / ${at('sluice_inflight_limit')}`, legend: '{{instance}}' }],
      thresholds: badFrom(0.6, 0.8),
    }),
    series({
      title: 'CPU',
      unit: 'percentunit',
      description:
        'Of one core. A process serves with one thread: near 100 % it is at its end, whatever the machine has; with gateway.workers near 100 % for each.',
      alert: 'SluiceEventLoopLag',
      queries: [{ expr: `rate(${at('process_cpu_seconds_total')}[$__rate_interval])`, legend: '{{instance}}' }],
      thresholds: badFrom(0.7, 0.9),
    }),
    series({
      title: 'Memory',
      unit: 'bytes',
      description: 'Resident. Rises with open streams, and comes down again a while after them.',
      queries: [{ expr: at('process_resident_memory_bytes'), legend: '{{instance}}' }],
    }),
    series({
      title: 'File descriptors',
      unit: 'percentunit',
      description: 'Of what a process may open; of several the one that has most open.',
      alert: 'SluiceFileDescriptors',
      queries: [{ expr: `${at('process_open_fds')} / ${at('process_max_fds')}`, legend: '{{instance}}' }],
      thresholds: badFrom(0.6, 0.8),
    }),
  ],
};

const BUDGETS: Row = {
  title: 'Error budgets',
  panels: OBJECTIVES.map((objective) =>
    series({
      title: `Burn rate: ${objective.name.replace('_', ' ')}`,
      unit: 'none',
      description: `1 uses up the budget of ${percentOf(1 - objective.target)} % in exactly the time that it is for. 14.4 over 1 h, or 6 over 6 h, pages.`,
      alert: objective.alert,
      queries: ['5m', '1h', '6h', '3d'].map((window) => ({
        expr: `max by (namespace, job) (${ratioName(objective, window)}{${INSTALLATION}}) / ${Number((1 - objective.target).toPrecision(4))}`,
        legend: `{{job}} ${window}`,
      })),
      thresholds: badFrom(1, 6),
    }),
  ),
};

export const OVERVIEW: Dashboard = {
  uid: 'sluice-overview',
  title: 'Sluice: overview',
  about: 'Whether all is well, and where to look when it is not.',
  variables: [],
  rows: [AT_A_GLANCE, REQUESTS, GATEWAYS, BUDGETS],
};
