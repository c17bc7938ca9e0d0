import {
  at,
  badFrom,
  goodFrom,
  quantile,
  rate,
  series,
  shareOf,
  states,
  table,
  type Dashboard,
  type Row,
} from '../panel.ts';
import { BAD, COUNTS, OBJECTIVES } from '../slo.ts';

const OF = 'provider=~"$provider", model=~"$model"';
const LEGEND = '{{provider}}/{{model}}';
const FAILED =
  'result!~"ok|hedged|client_gone|request_timeout|shutdown|untranslatable|unsendable|http_4(0[0-79]|[13-9].|2[0-8])"';
/** In the time shown. */
const requests = (labels: string): string =>
  `sum by (provider, model) (increase(${at('sluice_requests_total', `${OF}, ${labels}`)}[$__range]))`;
const byTarget = (metric: string, labels = ''): string =>
  rate(metric, 'provider, model', labels === '' ? OF : `${OF}, ${labels}`);

const HEALTH: Row = {
  title: 'Health',
  panels: [
    states({
      title: 'Circuit breakers',
      unit: 'none',
      width: 12,
      description:
        'open: left alone after failures in a row; half-open: one request tries it. Its fallbacks serve meanwhile, where it has any.',
      alert: 'SluiceCircuitOpen',
      queries: [{ expr: `max by (provider, model) (${at('sluice_circuit_state', OF)})`, legend: LEGEND }],
      words: { 0: 'closed', 1: 'open', 2: 'half-open' },
      thresholds: [
        { from: null, colour: 'green' },
        { from: 1, colour: 'red' },
        { from: 2, colour: 'yellow' },
      ],
    }),
    series({
      title: 'Cool-down of keys',
      unit: 's',
      width: 12,
      description:
        'For how long a key of `apiKeys` is left alone, by its place in the list. All of a provider at once: none can be used.',
      alert: 'SluiceProviderKeysCooling',
      queries: [
        {
          expr: `max by (provider, key) (${at('sluice_provider_key_cooldown', 'provider=~"$provider"')})`,
          legend: '{{provider}} key {{key}}',
        },
      ],
    }),
    series({
      title: 'Share of attempts that fail',
      unit: 'percentunit',
      description: 'Before retries and fallbacks: what apps see is on the overview.',
      alert: 'SluiceProviderErrors',
      queries: [
        {
          expr: shareOf(byTarget('sluice_upstream_attempts_total', FAILED), byTarget('sluice_upstream_attempts_total')),
          legend: LEGEND,
        },
      ],
      thresholds: badFrom(0.05, 0.2),
    }),
    series({
      title: 'Attempts by result',
      unit: 'ops',
      isStacked: true,
      description:
        'http_429: ask for more, or spread. http_401, http_403: the key. connect_…, reset: the network. …_timeout: the provider, or `upstream.timeouts`.',
      alert: 'SluiceProviderRefusesKey',
      queries: [
        { expr: rate('sluice_upstream_attempts_total', 'provider, result', OF), legend: '{{provider}} {{result}}' },
      ],
    }),
    series({
      title: 'Attempts per request',
      unit: 'none',
      description: '1: nothing is retried. Above 1.2 the retry budget is nearly used up, and failures reach apps.',
      queries: [
        {
          expr: `${rate('sluice_upstream_attempts_total', '')} / ${rate('sluice_requests_total', '', 'provider!=""')}`,
          legend: 'attempts per request',
        },
      ],
      thresholds: badFrom(1.1, 1.5),
    }),
  ],
};

const SPEED: Row = {
  title: 'Speed',
  panels: [
    series({
      title: 'First token, p95',
      unit: 's',
      description: 'Of streams.',
      alert: 'SluiceFirstTokenBurn',
      queries: [{ expr: quantile(0.95, 'sluice_time_to_first_token_seconds', 'provider, model', OF), legend: LEGEND }],
    }),
    series({
      title: 'Time per output token, p95',
      unit: 's',
      description: 'Of streams, after the first token.',
      queries: [
        { expr: quantile(0.95, 'sluice_time_per_output_token_seconds', 'provider, model', OF), legend: LEGEND },
      ],
    }),
    series({
      title: 'Duration, p95',
      unit: 's',
      description: 'From the first request byte to the last reply byte.',
      queries: [{ expr: quantile(0.95, 'sluice_request_duration_seconds', 'provider, model', OF), legend: LEGEND }],
    }),
  ],
};

const TRAFFIC: Row = {
  title: 'Traffic',
  panels: [
    series({
      title: 'Requests by target',
      unit: 'reqps',
      isStacked: true,
      description: 'By who served them in the end.',
      queries: [{ expr: byTarget('sluice_requests_total', 'provider!=""'), legend: LEGEND }],
    }),
    series({
      title: 'Tokens',
      unit: 'ops',
      description: 'A second. What limits of providers count.',
      queries: [{ expr: rate('sluice_tokens_total', 'provider, type', OF), legend: '{{provider}} {{type}}' }],
    }),
    series({
      title: 'Finish reasons',
      unit: 'reqps',
      description: 'length rising: replies are cut off by their cap.',
      queries: [
        { expr: rate('sluice_finish_reason_total', 'provider, reason', OF), legend: '{{provider}} {{reason}}' },
      ],
    }),
  ],
};

const OBJECTIVES_BY_PROVIDER: Row = {
  title: 'Objectives, by target',
  panels: [
    table({
      title: 'Requests that went well, in the time shown',
      unit: 'percentunit',
      width: 12,
      description: `Promised to apps: ${OBJECTIVES[0]!.target * 100} %. A target below it uses up the error budget.`,
      alert: 'SluiceAvailabilityBurn',
      queries: [
        {
          expr: `1 - ${shareOf(requests(BAD), requests(COUNTS))}`,
        },
      ],
      thresholds: goodFrom(0.99, OBJECTIVES[0]!.target),
    }),
    table({
      title: 'First token within 5 s, in the time shown',
      unit: 'percentunit',
      width: 12,
      description: `Promised to apps: ${OBJECTIVES[1]!.target * 100} %.`,
      alert: 'SluiceFirstTokenBurn',
      queries: [
        {
          expr: `sum by (provider, model) (increase(${at('sluice_time_to_first_token_seconds_bucket', `${OF}, le=~"5|5[.]0"`)}[$__range]))
/ sum by (provider, model) (increase(${at('sluice_time_to_first_token_seconds_count', OF)}[$__range]))`,
        },
      ],
      thresholds: goodFrom(0.95, OBJECTIVES[1]!.target),
    }),
  ],
};

export const PROVIDERS: Dashboard = {
  uid: 'sluice-providers',
  title: 'Sluice: providers and objectives',
  about: 'Who of the providers is slow, fails, or refuses; what is promised to apps.',
  variables: [
    { name: 'provider', label: 'Provider', of: 'sluice_upstream_attempts_total' },
    { name: 'model', label: 'Model', of: 'sluice_upstream_attempts_total' },
  ],
  rows: [HEALTH, SPEED, TRAFFIC, OBJECTIVES_BY_PROVIDER],
};
