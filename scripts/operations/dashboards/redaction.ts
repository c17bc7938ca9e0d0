import { at, badFrom, heatmap, quantiles, rate, series, stat, table, type Dashboard, type Row } from '../panel.ts';

const FINDINGS: Row = {
  title: 'Findings',
  panels: [
    series({
      title: 'By category and direction',
      unit: 'ops',
      isStacked: true,
      description:
        'request: on its way to a provider. response: back to the app. A jump: an app that began to send secrets, or a rule that is new.',
      queries: [{ expr: rate('sluice_redactions_total', 'category, direction'), legend: '{{category}} {{direction}}' }],
    }),
    series({
      title: 'By action',
      unit: 'ops',
      isStacked: true,
      description: 'report: only counted, the value went on. block: the request was refused.',
      queries: [{ expr: rate('sluice_redactions_total', 'action'), legend: '{{action}}' }],
    }),
    table({
      title: 'Rules, in the time shown',
      unit: 'short',
      description:
        'What was found most. A rule that finds harmless texts: `redaction.allow`, or `allow` for a model or a key.',
      queries: [
        {
          expr: `topk(20, sum by (rule, direction, action) (increase(${at('sluice_redactions_total')}[$__range])))`,
        },
      ],
    }),
    series({
      title: 'Placeholders in replies',
      unit: 'ops',
      description:
        'restored: given their value back. refused, unknown: left as they stand; many of them may be an attempt to draw values out.',
      queries: [
        { expr: rate('sluice_redaction_restored_total', 'category, result'), legend: '{{category}} {{result}}' },
      ],
    }),
    series({
      title: 'Held back in streams',
      unit: 'bytes',
      description: 'Until it could be judged. What is held waits: much of it delays tokens.',
      queries: quantiles('sluice_redaction_held_bytes'),
    }),
    heatmap({
      title: 'Prompt attacks',
      unit: 'short',
      description:
        'How much requests look like orders to set instructions aside, 0 to 1; of routes with `attack.detect`.',
      queries: [{ expr: rate('sluice_prompt_attack_score_bucket', 'le'), legend: '{{le}}' }],
    }),
  ],
};

const GAPS: Row = {
  title: 'What was not looked at',
  panels: [
    series({
      title: 'Not inspected, by reason',
      unit: 'ops',
      isStacked: true,
      description: 'With `redaction.failure: open` they passed, with `closed` they were refused, except media.',
      alert: 'SluiceRedactionFailingOpen',
      queries: [
        {
          expr: rate('sluice_redaction_uninspected_total', 'direction, reason'),
          legend: '{{direction}} {{reason}}',
        },
      ],
    }),
    stat({
      title: 'Gateways that fail open',
      unit: 'none',
      description: '`redaction.failure: open`: what cannot be inspected passes.',
      alert: 'SluiceRedactionFailingOpen',
      queries: [{ expr: `sum(${at('sluice_redaction_fails_open')})` }],
      thresholds: badFrom(1, 1_000_000),
    }),
    series({
      title: 'Calls to detectors outside',
      unit: 'ops',
      isStacked: true,
      width: 6,
      description: 'Anything but ok: the request was refused (`failure: closed`) or passed without it (`open`).',
      alert: 'SluiceDetectorFailing',
      queries: [
        { expr: rate('sluice_redaction_detector_calls_total', 'detector, result'), legend: '{{detector}} {{result}}' },
      ],
    }),
    series({
      title: 'Duration of their calls',
      unit: 's',
      width: 6,
      description: 'Requests wait for them.',
      queries: quantiles('sluice_redaction_detector_duration_seconds'),
    }),
  ],
};

const POLICY: Row = {
  title: 'Policies and limits',
  panels: [
    series({
      title: 'Decisions of policies',
      unit: 'ops',
      isStacked: true,
      description:
        'By what they did; `would_…`: of those that are tried with `enforce: false`. A new denial after a change: `sluice policy test`.',
      queries: [{ expr: rate('sluice_policy_decisions_total', 'decision'), legend: '{{decision}}' }],
    }),
    table({
      title: 'Rules, in the time shown',
      unit: 'short',
      description: 'Limits and budgets that refused calls are here too: `key:NAME/tokens`.',
      queries: [
        { expr: `topk(20, sum by (rule, decision) (increase(${at('sluice_policy_decisions_total')}[$__range])))` },
      ],
    }),
    series({
      title: 'Denied, by route',
      unit: 'reqps',
      description: 'Whatever denied it. `sluice audit tail` names key and rule.',
      queries: [
        {
          expr: rate('sluice_requests_total', 'route, error_type', 'outcome="denied"'),
          legend: '{{route}} {{error_type}}',
        },
      ],
    }),
  ],
};

export const REDACTION: Dashboard = {
  uid: 'sluice-redaction',
  title: 'Sluice: redaction and policy',
  about: 'What was found and replaced, what could not be looked at, what was denied.',
  variables: [],
  rows: [FINDINGS, GAPS, POLICY],
};
