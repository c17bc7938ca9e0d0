import { grown, INSTALLATION, type RuleGroup } from '../rule.ts';

export const REDACTION: RuleGroup = {
  name: 'sluice.redaction',
  alerts: [
    {
      name: 'SluiceRedactionFailingOpen',
      severity: 'ticket',
      expr: [
        `sum by (${INSTALLATION}, instance, direction, reason) (increase(sluice_redaction_uninspected_total{reason!="media"}[15m])) > 0`,
        'and on (namespace, job, instance) sluice_redaction_fails_open > 0',
      ].join('\n'),
      summary: 'What could not be inspected has passed {{ $labels.instance }}',
      description:
        '{{ $value | humanize }} bodies or parts ({{ $labels.direction }}, {{ $labels.reason }}) passed in 15 minutes without having been inspected for secrets.',
    },
    {
      name: 'SluiceDetectorFailing',
      severity: 'page',
      for: '5m',
      expr: [
        `sum by (${INSTALLATION}, detector) (rate(sluice_redaction_detector_calls_total{result!~"ok|cancelled"}[5m]))`,
        `/ sum by (${INSTALLATION}, detector) (rate(sluice_redaction_detector_calls_total[5m])) > 0.1`,
      ].join('\n'),
      summary: 'The redaction detector {{ $labels.detector }} cannot be asked',
      description:
        '{{ $value | humanizePercentage }} of the calls to {{ $labels.detector }} fail. With `failure: closed` requests get 503; with `open` they pass without it.',
    },
  ],
};

export const AUDIT: RuleGroup = {
  name: 'sluice.audit',
  alerts: [
    {
      name: 'SluiceAuditFailing',
      severity: 'page',
      for: '1m',
      expr: 'increase(sluice_audit_write_failures_total[5m]) > 0',
      summary: 'The audit trail of {{ $labels.instance }} cannot be written',
      description:
        '{{ $value | humanize }} attempts failed in 5 minutes, store and spool both. What `audit.required` names is refused with 503; entries wait in memory.',
    },
    {
      name: 'SluiceAuditSpooling',
      severity: 'ticket',
      expr: 'increase(sluice_audit_entries_total{result="spool"}[15m]) > 0',
      summary: 'The audit trail of {{ $labels.instance }} goes to its spool',
      description:
        '{{ $value | humanize }} entries in 15 minutes went to the spool, as the store cannot be written; nothing is lost.',
    },
    {
      name: 'SluiceAuditLost',
      severity: 'page',
      expr: 'increase(sluice_audit_entries_total{result="lost"}[15m]) > 0',
      summary: '{{ $labels.instance }} loses audit entries',
      description: '{{ $value | humanize }} entries were lost in 15 minutes: the queue is full.',
    },
  ],
};

export const RECORDS: RuleGroup = {
  name: 'sluice.records',
  alerts: [
    {
      name: 'SluiceRecordsDropped',
      severity: 'ticket',
      expr: `sum by (${INSTALLATION}, instance, sink) (${grown('sluice_records_exported_total{result="dropped"}', '15m')}) > 0`,
      summary: '{{ $labels.instance }} loses records of requests',
      description:
        '{{ $value | humanize }} records in 15 minutes were not written to {{ $labels.sink }}: the disk (or Postgres, and then the disk) takes none, or not as many as come.',
    },
  ],
};

export const REPLIES: RuleGroup = {
  name: 'sluice.replies',
  alerts: [
    {
      name: 'SluiceCacheErrors',
      severity: 'ticket',
      for: '10m',
      expr: 'increase(sluice_cache_errors_total[10m]) > 0',
      summary: '{{ $labels.instance }} cannot use the cache of replies',
      description:
        '{{ $value | humanize }} times in 10 minutes; the requests went on to their provider, and cost what they cost there.',
    },
    {
      name: 'SluiceObjectsLost',
      severity: 'ticket',
      expr: 'increase(sluice_object_lookups_total{result="lost"}[15m]) > 0',
      summary: '{{ $labels.instance }} forgets which provider made what',
      description:
        '{{ $value | humanize }} ids of responses or files were lost in 15 minutes; requests that name them may get 404.',
    },
  ],
};
