import {
  at,
  badFrom,
  NEUTRAL,
  quantile,
  rate,
  series,
  shareOf,
  stat,
  states,
  table,
  type Dashboard,
  type Row,
} from '../panel.ts';
import { BAD, COUNTS } from '../slo.ts';

const OF = 'rollout=~"$rollout"';
const ARMS = `${OF}, rollout!=""`;
const PHASES = ['progressing', 'paused', 'healthy', 'degraded'];
const LEGEND = '{{rollout}} {{arm}}';
const DECISIONS = at('sluice_rollout_decisions_total', OF);
const byArm = (metric: string, labels = ''): string =>
  rate(metric, 'rollout, arm', labels === '' ? ARMS : `${ARMS}, ${labels}`);

const STATE: Row = {
  title: 'What is happening',
  panels: [
    states({
      title: 'Phase',
      unit: 'none',
      width: 12,
      description:
        'degraded: rolled back, all traffic on stable. paused: waits for somebody. `sluice rollout why NAME` tells why, `sluice rollout status NAME` how long still.',
      alert: 'SluiceRolloutRolledBack',
      queries: [
        {
          // The worst that any gateway tells, never a sum: for a moment they may differ, and two installations may for ever.
          expr: `max by (rollout) (${PHASES.map((phase, index) => `${at('sluice_rollout_phase', `${OF}, phase="${phase}"`)} * ${index + 1}`).join('\nor ')})`,
          legend: '{{rollout}}',
        },
      ],
      words: { 1: 'progressing', 2: 'paused', 3: 'healthy', 4: 'degraded' },
      thresholds: [
        { from: null, colour: 'blue' },
        { from: 2, colour: 'yellow' },
        { from: 3, colour: 'green' },
        { from: 4, colour: 'red' },
      ],
    }),
    series({
      title: 'Weight by arm',
      unit: 'percent',
      width: 12,
      max: 100,
      description:
        'The share of the matching traffic that an arm should get. To stop a canary at once: `sluice rollout abort NAME`.',
      queries: [{ expr: `max by (rollout, arm) (${at('sluice_rollout_weight', OF)})`, legend: LEGEND }],
    }),
    table({
      title: 'Decisions in the time shown',
      unit: 'none',
      width: 12,
      description: 'By the controller, and why. `sluice rollout history NAME` has those of people, too.',
      queries: [
        {
          // Also of gateways that are gone, and of counters that began in that time.
          expr: `sort_desc(sum by (rollout, decision, reason) (max_over_time(${DECISIONS}[$__range]) - (${DECISIONS} offset $__range or 0 * max_over_time(${DECISIONS}[$__range]))) > 0)`,
        },
      ],
    }),
    stat({
      title: 'Controllers that lead',
      unit: 'none',
      description: 'One for each store. None: nobody judges, and a bad canary stays.',
      alert: 'SluiceControllerLeaderless',
      queries: [{ expr: `sum(${at('sluice_controller_leader')})` }],
      thresholds: [
        { from: null, colour: 'red' },
        { from: 1, colour: 'green' },
      ],
    }),
    stat({
      title: 'Outcomes not judged',
      unit: 'ops',
      description: 'Outcomes that were lost: evidence is missing.',
      alert: 'SluiceOutcomesDropped',
      queries: [{ expr: rate('sluice_outcomes_dropped_total', '') }],
      thresholds: badFrom(0.001, 1),
    }),
    stat({
      title: 'Webhook attempts that failed',
      unit: 'ops',
      description: 'Somebody is not told of what happens; a gate that cannot be asked makes its rollout wait.',
      alert: 'SluiceWebhookFailing',
      queries: [{ expr: rate('sluice_webhook_deliveries_total', '', 'result!="delivered"') }],
      thresholds: badFrom(0.001, 1),
    }),
  ],
};

const EVIDENCE: Row = {
  title: "The judge's evidence",
  panels: [
    series({
      title: 'Evidence by metric (log e)',
      unit: 'none',
      width: 12,
      description:
        'Natural logarithm of the e-value against each guard, on all traffic. It may be looked at at any time. 4.6 is 100 to 1; a rollback needs about 6.3 to 7.3 with one to three guards. Falling: nothing speaks against the canary.',
      alert: 'SluiceRolloutRolledBack',
      queries: [
        {
          expr: `max by (rollout, metric) (${at('sluice_rollout_log_e', `${OF}, segment=""`)})`,
          legend: '{{rollout}} {{metric}}',
        },
      ],
      thresholds: badFrom(3, 6),
    }),
    series({
      title: 'Evidence by segment (log e)',
      unit: 'none',
      width: 12,
      description: 'The same for the segments in which most speaks against the canary.',
      queries: [
        {
          expr: `topk(10, max by (rollout, metric, segment) (${at('sluice_rollout_log_e', `${OF}, segment!=""`)}))`,
          legend: '{{rollout}} {{metric}} {{segment}}',
        },
      ],
      thresholds: badFrom(3, 6),
    }),
    series({
      title: 'Effect with its bounds',
      unit: 'percentunit',
      width: 16,
      description:
        'Change against the arm compared with: 25 % is a quarter more. The truth lies between low and high with a chance of 95 %, at all times together. Wide bounds: more traffic, or more time.',
      queries: [
        {
          expr: `max by (rollout, metric, bound) (${at('sluice_rollout_effect', OF)})`,
          legend: '{{rollout}} {{metric}} {{bound}}',
        },
      ],
    }),
    table({
      title: 'Effects now',
      unit: 'percentunit',
      description: 'The same as figures.',
      queries: [{ expr: `max by (rollout, metric, bound) (${at('sluice_rollout_effect', OF)})` }],
    }),
  ],
};

const ARM_BY_ARM: Row = {
  title: 'Arm against arm',
  panels: [
    series({
      title: 'Requests',
      unit: 'reqps',
      description:
        'By the arm that a request was assigned to, whatever fallback served it. An arm without any: does its rollout match?',
      queries: [{ expr: byArm('sluice_requests_total'), legend: LEGEND }],
    }),
    series({
      title: 'Share that fails',
      unit: 'percentunit',
      description: 'Failed or broken off. What the judge says counts: few requests make large swings.',
      queries: [
        {
          expr: shareOf(byArm('sluice_requests_total', BAD), byArm('sluice_requests_total', COUNTS)),
          legend: LEGEND,
        },
      ],
    }),
    series({
      title: 'First token, p95',
      unit: 's',
      description: 'Of streams.',
      queries: [{ expr: quantile(0.95, 'sluice_time_to_first_token_seconds', 'rollout, arm', ARMS), legend: LEGEND }],
    }),
    series({
      title: 'Duration, p95',
      unit: 's',
      description: 'A model that writes more takes longer: see tokens per reply.',
      queries: [{ expr: quantile(0.95, 'sluice_request_duration_seconds', 'rollout, arm', ARMS), legend: LEGEND }],
    }),
    series({
      title: 'Cost per request',
      unit: 'currencyUSD',
      description: 'Where `prices` or the catalogue knows the model.',
      queries: [
        {
          expr: `${byArm('sluice_cost_usd_total')} / ${byArm('sluice_requests_total', 'outcome="success"')}`,
          legend: LEGEND,
        },
      ],
    }),
    series({
      title: 'Output tokens per reply',
      unit: 'short',
      description: 'A change holds a rollout that watches `output_tokens`.',
      queries: [
        {
          expr: `${byArm('sluice_tokens_total', 'type="output"')} / ${byArm('sluice_requests_total', 'outcome="success"')}`,
          legend: LEGEND,
        },
      ],
    }),
    series({
      title: 'Finish reasons',
      unit: 'reqps',
      width: 12,
      description:
        'length or max_tokens rising: replies are cut off by their cap. content_filter, refusal: the model says no.',
      queries: [
        { expr: rate('sluice_finish_reason_total', 'rollout, arm, reason', ARMS), legend: `${LEGEND} {{reason}}` },
      ],
    }),
    series({
      title: 'Feedback, mean',
      unit: 'none',
      width: 12,
      description: 'Of the values that apps sent to /v1/feedback.',
      queries: [
        {
          expr: `sum by (rollout, arm, name) (${at('sluice_feedback_value_total', OF)}) / sum by (rollout, arm, name) (${at('sluice_feedback_total', OF)})`,
          legend: `${LEGEND} {{name}}`,
        },
      ],
    }),
  ],
};

const BESIDE: Row = {
  title: 'Shadows and regressions',
  panels: [
    series({
      title: 'Copies by result',
      unit: 'ops',
      description: 'over_budget: its budget is spent. dropped: too many at once. They never delay or fail a request.',
      queries: [
        { expr: rate('sluice_shadow_requests_total', 'rollout, result', OF), legend: '{{rollout}} {{result}}' },
      ],
    }),
    states({
      title: 'Regressions without a rollout',
      unit: 'none',
      description: 'Routes that are other than their own past. `sluice regressions` has the figures.',
      alert: 'SluiceRegression',
      queries: [
        {
          expr: `max by (route, metric, segment) (${at('sluice_regression_active')})`,
          legend: '{{route}} {{metric}} {{segment}}',
        },
      ],
      words: { 0: 'as usual', 1: 'regressed' },
      thresholds: [
        { from: null, colour: 'green' },
        { from: 1, colour: 'red' },
      ],
    }),
    table({
      title: 'Change of routes against their past',
      unit: 'percentunit',
      description: 'The estimates of what is regressed or nearest to it.',
      queries: [
        { expr: `topk(20, max by (route, metric, segment) (${at('sluice_regression_effect', 'bound="estimate"')}))` },
      ],
      thresholds: NEUTRAL,
    }),
    series({
      title: 'Evidence of regressions (log e)',
      unit: 'none',
      width: 24,
      description: 'What the change detector of each route and metric has reached.',
      queries: [
        {
          expr: `topk(10, max by (route, metric, segment) (${at('sluice_regression_log_e')}))`,
          legend: '{{route}} {{metric}} {{segment}}',
        },
      ],
    }),
  ],
};

export const ROLLOUTS: Dashboard = {
  uid: 'sluice-rollouts',
  title: 'Sluice: rollouts',
  about: "Arm against arm, with the judge's evidence; what it decided; routes against their own past.",
  variables: [{ name: 'rollout', label: 'Rollout', of: 'sluice_rollout_weight' }],
  rows: [STATE, EVIDENCE, ARM_BY_ARM, BESIDE],
};
