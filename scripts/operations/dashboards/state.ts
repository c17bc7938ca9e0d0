import {
  at,
  badFrom,
  goodFrom,
  NEUTRAL,
  rate,
  series,
  stat,
  states,
  table,
  type Dashboard,
  type Row,
} from '../panel.ts';

const UP = { 0: 'down', 1: 'up' };
const UP_COLOURS = [
  { from: null, colour: 'red' },
  { from: 1, colour: 'green' },
] as const;

const PARTS: Row = {
  title: 'What it stands on',
  panels: [
    states({
      title: 'Store',
      unit: 'none',
      description: 'Whether each gateway can read it. `sluice rollout list` and /readyz tell more.',
      alert: 'SluiceStoreDown',
      queries: [{ expr: at('sluice_store_up'), legend: '{{instance}}' }],
      words: UP,
      thresholds: UP_COLOURS,
    }),
    states({
      title: 'Shared counters',
      unit: 'none',
      description: 'Redis, where `counters` names one.',
      alert: 'SluiceCountersDown',
      queries: [{ expr: at('sluice_counters_up'), legend: '{{instance}}' }],
      words: UP,
      thresholds: UP_COLOURS,
    }),
    states({
      title: 'Last load of the configuration',
      unit: 'none',
      description: '`sluice check FILE` tells line, column and fix.',
      alert: 'SluiceConfigReloadFailed',
      queries: [{ expr: at('sluice_config_last_reload_success'), legend: '{{instance}}' }],
      words: { 0: 'refused', 1: 'in force' },
      thresholds: UP_COLOURS,
    }),
    table({
      title: 'Versions',
      unit: 'none',
      description: 'More than one for long: an upgrade that stopped halfway.',
      queries: [{ expr: `count by (instance, version) (${at('sluice_build_info')})` }],
    }),
    series({
      title: 'Running since',
      unit: 's',
      description: 'A line that falls to 0 is a restart.',
      queries: [
        {
          expr: `time() - ${at('process_start_time_seconds')} and on (namespace, job, instance) ${at('sluice_build_info')}`,
          legend: '{{instance}}',
        },
      ],
    }),
    series({
      title: 'Workers replaced',
      unit: 'ops',
      description: 'Died or hung: their open requests were cut. Left: sent SIGTERM, nothing was cut.',
      alert: 'SluiceWorkerReplaced',
      queries: [{ expr: rate('sluice_worker_restarts_total', 'instance, reason'), legend: '{{instance}} {{reason}}' }],
    }),
    series({
      title: 'Counting that failed',
      unit: 'ops',
      description: 'What requests used could not be counted (failed), or the shared counters never heard of it (lost).',
      alert: 'SluiceCountersLost',
      queries: [{ expr: rate('sluice_counters_failed_total', 'instance, reason'), legend: '{{instance}} {{reason}}' }],
    }),
  ],
};

const AUDIT: Row = {
  title: 'Audit trail',
  panels: [
    series({
      title: 'Entries, by where they went',
      unit: 'ops',
      description: 'chain: as it should be. spool: they wait for the store on disk. lost: the queue was full.',
      alert: 'SluiceAuditSpooling',
      queries: [{ expr: rate('sluice_audit_entries_total', 'result'), legend: '{{result}}' }],
    }),
    series({
      title: 'Entries that wait in memory',
      unit: 'short',
      description: 'Above half of `audit.queue` calls that must be recorded are refused.',
      alert: 'SluiceAuditLost',
      queries: [{ expr: at('sluice_audit_queue_entries'), legend: '{{instance}}' }],
      thresholds: badFrom(1_000, 5_000),
    }),
    series({
      title: 'Attempts to write that failed',
      unit: 'ops',
      description: 'Neither store nor spool: look at the disk.',
      alert: 'SluiceAuditFailing',
      queries: [{ expr: rate('sluice_audit_write_failures_total', 'instance'), legend: '{{instance}}' }],
    }),
  ],
};

const CACHE: Row = {
  title: 'Cache of replies',
  panels: [
    stat({
      title: 'Hits',
      unit: 'percentunit',
      description: 'Of the calls that the cache looked at.',
      queries: [
        {
          expr: `${rate('sluice_cache_requests_total', '', 'result="hit"')} / ${rate('sluice_cache_requests_total', '', 'result=~"hit|miss"')}`,
        },
      ],
      thresholds: NEUTRAL,
    }),
    stat({
      title: 'Errors',
      unit: 'ops',
      description: 'Requests went on without it.',
      alert: 'SluiceCacheErrors',
      queries: [{ expr: rate('sluice_cache_errors_total', '') }],
      thresholds: badFrom(0.001, 1),
    }),
    series({
      title: 'Calls by result',
      unit: 'reqps',
      isStacked: true,
      description: 'bypass: left alone, by the request, the caller or `cache.operations`.',
      queries: [{ expr: rate('sluice_cache_requests_total', 'result'), legend: '{{result}}' }],
    }),
    series({
      title: 'Kept in memory',
      unit: 'bytes',
      description: 'Up to `cache.maxBytes` for each gateway.',
      queries: [{ expr: at('sluice_cache_bytes'), legend: '{{instance}}' }],
    }),
    series({
      title: 'Replies in memory',
      unit: 'short',
      description: 'Falling with as many bytes: replies have become longer.',
      queries: [{ expr: at('sluice_cache_replies'), legend: '{{instance}}' }],
    }),
  ],
};

const LOOKUPS: Row = {
  title: 'Keys, objects, feedback, webhooks',
  panels: [
    series({
      title: 'Keys looked up in the store',
      unit: 'ops',
      description:
        'unknown in numbers: somebody tries keys, or an app has an old one. unavailable, stale: the store cannot be read.',
      alert: 'SluiceKeysUnreadable',
      queries: [{ expr: rate('sluice_key_lookups_total', 'result'), legend: '{{result}}' }],
    }),
    series({
      title: 'Objects of providers that requests named',
      unit: 'ops',
      description: 'foreign: made for somebody else, refused. lost: new ones that could not be written.',
      alert: 'SluiceObjectsLost',
      queries: [{ expr: rate('sluice_object_lookups_total', 'result'), legend: '{{result}}' }],
    }),
    series({
      title: 'Feedback',
      unit: 'ops',
      description: 'Values that apps sent.',
      queries: [
        { expr: rate('sluice_feedback_total', 'rollout, name'), legend: '{{rollout}} {{name}}' },
        { expr: rate('sluice_feedback_dropped_total', 'reason'), legend: 'not judged: {{reason}}' },
      ],
    }),
    series({
      title: 'Webhooks',
      unit: 'ops',
      description: 'Attempts, by what came of them.',
      alert: 'SluiceWebhookFailing',
      queries: [{ expr: rate('sluice_webhook_deliveries_total', 'webhook, result'), legend: '{{webhook}} {{result}}' }],
    }),
    stat({
      title: 'Gateways with their store',
      unit: 'percentunit',
      description: 'Of all that answer.',
      queries: [{ expr: `avg(${at('sluice_store_up')})` }],
      thresholds: goodFrom(0.5, 1),
    }),
  ],
};

export const STATE: Dashboard = {
  uid: 'sluice-state',
  title: 'Sluice: store, audit, cache, configuration',
  about: 'The parts that a gateway stands on.',
  variables: [],
  rows: [PARTS, AUDIT, CACHE, LOOKUPS],
};
