import { ENOUGH, grown, INSTALLATION, type RuleGroup } from '../rule.ts';

const BY = `${INSTALLATION}, provider`;
/** Attempts that say nothing about the provider: the caller left, another target was faster, the gateway stops, or the caller's own fault. */
const SAYS_NOTHING = 'client_gone|request_timeout|hedged|shutdown|untranslatable|unsendable';
const FAILED =
  'http_(429|408|5..)|connect_error|connect_timeout|reset|first_byte_timeout|idle_timeout|total_timeout|malformed_reply|no_token|no_connection|refused';

const share = (result: string): string =>
  [
    `sum by (${BY}) (rate(sluice_upstream_attempts_total{result=~"${result}"}[5m]))`,
    `/ (sum by (${BY}) (rate(sluice_upstream_attempts_total{result!~"${SAYS_NOTHING}"}[5m])) > ${ENOUGH})`,
  ].join('\n');

export const PROVIDERS: RuleGroup = {
  name: 'sluice.providers',
  alerts: [
    {
      name: 'SluiceProviderErrors',
      severity: 'ticket',
      for: '10m',
      expr: `${share(FAILED)} > 0.2`,
      summary: 'The provider {{ $labels.provider }} fails often',
      description:
        '{{ $value | humanizePercentage }} of the attempts at {{ $labels.provider }} fail. Retries and fallbacks may hide it from apps: the burn alerts tell.',
    },
    {
      name: 'SluiceProviderRefusesKey',
      severity: 'page',
      for: '5m',
      expr: `${share('http_40[13]')} > 0.05`,
      summary: 'The provider {{ $labels.provider }} refuses our key',
      description:
        '{{ $value | humanizePercentage }} of the attempts at {{ $labels.provider }} are answered 401 or 403: the key is revoked, spent, or may not use the model.',
    },
    {
      name: 'SluiceCircuitOpen',
      severity: 'ticket',
      for: '5m',
      // Without requests it stays as it is: nobody has to look at a target that nobody asks for.
      expr: [
        `max by (${BY}, model) (sluice_circuit_state) > 0`,
        `and sum by (${BY}, model) (${grown('sluice_upstream_attempts_total{result!="ok"}', '30m')}) > 0`,
      ].join('\n'),
      summary: 'The circuit breaker of {{ $labels.provider }}/{{ $labels.model }} is open',
      description:
        '{{ $labels.provider }}/{{ $labels.model }} failed so often in a row that it is left alone (state {{ $value }}: 1 open, 2 tried again). Its fallbacks serve, where it has any.',
    },
    {
      name: 'SluiceProviderKeysCooling',
      severity: 'page',
      for: '1m',
      expr: `min by (${BY}, instance) (sluice_provider_key_cooldown) > 0`,
      summary: 'No key of the provider {{ $labels.provider }} is fit for use',
      description:
        'All keys of {{ $labels.provider }} are left alone on {{ $labels.instance }}; the first is tried again in {{ $value | humanizeDuration }}.',
    },
  ],
};
