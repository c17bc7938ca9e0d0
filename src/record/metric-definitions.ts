import type { MetricDefinition } from './series.ts';

const CALL = ['operation', 'route', 'rollout', 'arm', 'provider', 'model'] as const;

// @source OpenTelemetry GenAI, gen_ai.client.operation.duration; two more for long generations
const DURATION_BUCKETS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68,
];
// @source OpenTelemetry GenAI, gen_ai.server.time_to_first_token; 20 to 80 s added for reasoning models
const FIRST_TOKEN_BUCKETS = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
];
// @source OpenTelemetry GenAI, gen_ai.server.time_per_output_token; the two smallest for fast models
const PER_TOKEN_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];
const OVERHEAD_BUCKETS = [0.000_05, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1];
const DETECTOR_BUCKETS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const ATTACK_BUCKETS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
const HELD_BUCKETS = [1, 16, 64, 256, 1024, 4096, 16_384];

/** Every metric of the gateway. `docs/reference/metrics.md` is generated from this table. */
export const METRICS = {
  requests: {
    name: 'sluice_requests_total',
    type: 'counter',
    help: 'Requests by how they ended. A request counts for the arm it was assigned to, whatever fallback served it.',
    labels: [...CALL, 'outcome', 'error_type'],
  },
  duration: {
    name: 'sluice_request_duration_seconds',
    type: 'histogram',
    help: 'From the first request byte to the last reply byte.',
    labels: CALL,
    buckets: DURATION_BUCKETS,
  },
  firstToken: {
    name: 'sluice_time_to_first_token_seconds',
    type: 'histogram',
    help: 'From the first request byte to the first event of a stream that carries output.',
    labels: CALL,
    buckets: FIRST_TOKEN_BUCKETS,
  },
  perToken: {
    name: 'sluice_time_per_output_token_seconds',
    type: 'histogram',
    help: 'Of a stream, after its first token, where the provider tells the number of tokens.',
    labels: CALL,
    buckets: PER_TOKEN_BUCKETS,
  },
  overhead: {
    name: 'sluice_overhead_seconds',
    type: 'histogram',
    help: 'Time spent in the gateway itself until the answer went out; waiting for the provider, the upload and pauses between retries are not counted.',
    labels: [],
    buckets: OVERHEAD_BUCKETS,
  },
  attempts: {
    name: 'sluice_upstream_attempts_total',
    type: 'counter',
    help: 'Requests sent to providers, retries and fallbacks included, by result; hedged: one that was ended because another target answered first.',
    labels: ['provider', 'model', 'result'],
  },
  hedges: {
    name: 'sluice_hedges_total',
    type: 'counter',
    help: "Second requests that were due, by result: sent; over_budget (of the hedge itself), over_limit (a limit or budget of the caller has no room for it) or unhealthy (the second target's circuit is open), where the first one is waited for.",
    labels: ['route', 'result'],
  },
  tokens: {
    name: 'sluice_tokens_total',
    type: 'counter',
    help: 'Tokens as the provider reported them; type is input, output or cached_input (a part of input).',
    labels: [...CALL, 'type'],
  },
  finishReasons: {
    name: 'sluice_finish_reason_total',
    type: 'counter',
    help: 'Replies by the reason that ended their generation.',
    labels: [...CALL, 'reason'],
  },
  redactions: {
    name: 'sluice_redactions_total',
    type: 'counter',
    help: 'Findings of redaction rules.',
    labels: ['rule', 'category', 'direction', 'action'],
  },
  policyDecisions: {
    name: 'sluice_policy_decisions_total',
    type: 'counter',
    help: 'Policies that applied, by what they did; `would_` stands before what a policy with `enforce: false` would have done. Limits and budgets that refused a call: `rule` is what is limited, e.g. `key:dev/tokens`, `decision` is `deny`.',
    labels: ['rule', 'decision'],
  },
  restorations: {
    name: 'sluice_redaction_restored_total',
    type: 'counter',
    help: 'Placeholders in replies: given their value back, refused where they stood, or unknown to the exchange.',
    labels: ['category', 'result'],
  },
  uninspected: {
    name: 'sluice_redaction_uninspected_total',
    type: 'counter',
    help: 'Bodies, parts and streams that could not be inspected, or only as plain text, by reason: invalid_json, encoding, charset, multipart, media, unknown_event. With `redaction.failure: closed` they were refused, except pictures, sound and video.',
    labels: ['direction', 'reason'],
  },
  attackScore: {
    name: 'sluice_prompt_attack_score',
    type: 'histogram',
    help: 'How much requests look like prompt attacks, 0 to 1; of routes with `attack.detect`.',
    labels: ['route'],
    buckets: ATTACK_BUCKETS,
  },
  detectorCalls: {
    name: 'sluice_redaction_detector_calls_total',
    type: 'counter',
    help: 'Calls to detectors outside by result: ok, timeout, unreachable, http_error, bad_answer, cancelled, circuit_open (it was not made). What is remembered needs no call.',
    labels: ['detector', 'result'],
  },
  detectorDuration: {
    name: 'sluice_redaction_detector_duration_seconds',
    type: 'histogram',
    help: 'Of calls to detectors outside that were made.',
    labels: ['detector'],
    buckets: DETECTOR_BUCKETS,
  },
  heldBytes: {
    name: 'sluice_redaction_held_bytes',
    type: 'histogram',
    help: 'Most bytes of events that a stream held back at one time until they could be judged.',
    labels: [],
    buckets: HELD_BUCKETS,
  },
  keyLookups: {
    name: 'sluice_key_lookups_total',
    type: 'counter',
    help: 'Keys that were looked up in the store, by result: found, unknown, unavailable (answered 503: the store could not be read); stale: known keys that were let in from memory while the store could not be read.',
    labels: ['result'],
  },
  cacheRequests: {
    name: 'sluice_cache_requests_total',
    help: 'Parsed calls by what the cache did for them: hit, miss, bypass (left alone).',
    type: 'counter',
    labels: ['result'],
  },
  cacheErrors: {
    name: 'sluice_cache_errors_total',
    help: 'Replies that could not be read from the cache or written to it; their requests went on without it.',
    type: 'counter',
    labels: [],
  },
  cacheReplies: {
    name: 'sluice_cache_replies',
    help: 'Replies that are kept in the memory of this gateway.',
    type: 'gauge',
    merged: 'sum',
    labels: [],
  },
  cacheBytes: {
    name: 'sluice_cache_bytes',
    help: 'Bytes of the replies that are kept in the memory of this gateway.',
    type: 'gauge',
    merged: 'sum',
    labels: [],
  },
  objectLookups: {
    name: 'sluice_object_lookups_total',
    help: 'Ids of responses, files and other objects of providers that requests named, by whose they are; `lost`: new ones that could not be written.',
    type: 'counter',
    labels: ['result'],
  },
  buildInfo: {
    name: 'sluice_build_info',
    type: 'gauge',
    help: 'Always 1; the label tells the version that runs.',
    labels: ['version'],
  },
  storeUp: {
    name: 'sluice_store_up',
    type: 'gauge',
    merged: 'min',
    help: '1 while the store answers and, of SQLite, its file is where it was, else 0.',
    labels: [],
  },
  inflightLimit: {
    name: 'sluice_inflight_limit',
    type: 'gauge',
    help: 'Requests in flight above which new ones are answered 503: `gateway.maxInflight`.',
    labels: [],
  },
  redactionFailsOpen: {
    name: 'sluice_redaction_fails_open',
    type: 'gauge',
    help: '1 where what cannot be inspected passes (`redaction.failure: open`), 0 where it is refused.',
    labels: [],
  },
  inflight: {
    name: 'sluice_inflight_requests',
    type: 'gauge',
    merged: 'sum',
    help: 'Requests being served, open streams included.',
    labels: [],
  },
  controllerLeader: {
    name: 'sluice_controller_leader',
    type: 'gauge',
    help: '1 where this gateway judges the rollouts of its store, else 0; among all gateways of a store the sum is 1.',
    labels: [],
  },
  circuits: {
    name: 'sluice_circuit_state',
    type: 'gauge',
    help: 'Circuit breaker of a target: 0 closed, 1 open, 2 half-open.',
    labels: ['provider', 'model'],
  },
  keyCooldown: {
    name: 'sluice_provider_key_cooldown',
    type: 'gauge',
    help: 'Seconds for which a key of `apiKeys` is still left alone, by its place in the list from 0; 0 where it is in use.',
    labels: ['provider', 'key'],
  },
  rolloutWeight: {
    name: 'sluice_rollout_weight',
    type: 'gauge',
    help: 'Share of the matching traffic that an arm gets, in percent.',
    labels: ['rollout', 'arm'],
  },
  rolloutPhase: {
    name: 'sluice_rollout_phase',
    type: 'gauge',
    help: '1 for the phase that the rollout is in.',
    labels: ['rollout', 'phase'],
  },
  rolloutLogE: {
    name: 'sluice_rollout_log_e',
    type: 'gauge',
    help: 'Natural logarithm of the e-value against a metric of a rollout; `segment` is empty for all traffic.',
    labels: ['rollout', 'metric', 'segment'],
  },
  rolloutEffect: {
    name: 'sluice_rollout_effect',
    type: 'gauge',
    help: 'Change of a metric relative to the arm compared with, 0.25 for +25 %; bound is estimate, low or high.',
    labels: ['rollout', 'metric', 'bound'],
  },
  rolloutDecisions: {
    name: 'sluice_rollout_decisions_total',
    type: 'counter',
    help: 'Decisions of the controller on this gateway.',
    labels: ['rollout', 'decision', 'reason'],
  },
  regressionActive: {
    name: 'sluice_regression_active',
    type: 'gauge',
    help: '1 while a metric of a route is worse, or other, than its own past.',
    labels: ['route', 'metric', 'segment'],
  },
  regressionLogE: {
    name: 'sluice_regression_log_e',
    type: 'gauge',
    help: 'Natural logarithm of what the change detector of a metric has reached.',
    labels: ['route', 'metric', 'segment'],
  },
  regressionEffect: {
    name: 'sluice_regression_effect',
    type: 'gauge',
    help: 'Change of a metric of a route relative to its own past; bound is estimate, low or high.',
    labels: ['route', 'metric', 'segment', 'bound'],
  },
  webhookDeliveries: {
    name: 'sluice_webhook_deliveries_total',
    type: 'counter',
    help: 'Attempts to tell a webhook of an event: delivered, retried (it failed and is tried again) or given_up.',
    labels: ['webhook', 'result'],
  },
  outcomesDropped: {
    name: 'sluice_outcomes_dropped_total',
    type: 'counter',
    help: 'Outcomes of requests, or what was known of them, that were not judged: the store could not take or give them.',
    labels: [],
  },
  cost: {
    name: 'sluice_cost_usd_total',
    type: 'counter',
    help: 'Cost of requests in US dollars, where the price of the model is known.',
    labels: CALL,
  },
  keyRequests: {
    name: 'sluice_key_requests_total',
    type: 'counter',
    help: 'Requests of a key by how they ended; keys beyond the first thousand are `other`.',
    labels: ['key', 'team', 'outcome'],
  },
  keyTokens: {
    name: 'sluice_key_tokens_total',
    type: 'counter',
    help: 'Tokens of a key as its requests were charged; type is input or output.',
    labels: ['key', 'team', 'type'],
  },
  keyCost: {
    name: 'sluice_key_cost_usd_total',
    type: 'counter',
    help: 'Cost of the requests of a key in US dollars, where the price of the model is known.',
    labels: ['key', 'team'],
  },
  usageEstimated: {
    name: 'sluice_usage_estimated_total',
    type: 'counter',
    help: 'Requests under a limit or budget of which the provider told no usage: aborted, cut off, or silent about it. Their tokens and cost are counted by the gateway.',
    labels: ['provider', 'model'],
  },
  budgetRemaining: {
    name: 'sluice_budget_remaining_usd',
    type: 'gauge',
    help: 'What is left of the budget of a key, of several the least; what is reserved counts as spent.',
    labels: ['key'],
  },
  teamBudgetRemaining: {
    name: 'sluice_team_budget_remaining_usd',
    type: 'gauge',
    help: 'The same of a team.',
    labels: ['team'],
  },
  budgetLimit: {
    name: 'sluice_budget_limit_usd',
    type: 'gauge',
    help: 'The budget of a key that `sluice_budget_remaining_usd` tells the rest of.',
    labels: ['key'],
  },
  teamBudgetLimit: {
    name: 'sluice_team_budget_limit_usd',
    type: 'gauge',
    help: 'The same of a team.',
    labels: ['team'],
  },
  counterDecisions: {
    name: 'sluice_counters_alone_total',
    type: 'counter',
    help: 'Requests decided while the shared counters were down: closed (refused) or local (a share, counted in this gateway).',
    labels: ['result'],
  },
  counterFailures: {
    name: 'sluice_counters_failed_total',
    type: 'counter',
    help: 'Times that what was used could not be told: failed (of the counters or the store), lost (settlements that the shared counters never heard of).',
    labels: ['reason'],
  },
  countersUp: {
    name: 'sluice_counters_up',
    type: 'gauge',
    merged: 'min',
    help: '1 while the counters answer.',
    labels: [],
  },
  feedback: {
    name: 'sluice_feedback_total',
    type: 'counter',
    help: 'Values sent to /v1/feedback for requests of an arm; name is that of a goal, or other.',
    labels: ['rollout', 'arm', 'name'],
  },
  feedbackValue: {
    name: 'sluice_feedback_value_total',
    type: 'gauge',
    merged: 'sum',
    help: 'Sum of those values, true counting 1: divided by sluice_feedback_total it is their mean.',
    labels: ['rollout', 'arm', 'name'],
  },
  feedbackDropped: {
    name: 'sluice_feedback_dropped_total',
    type: 'counter',
    help: 'Values sent to /v1/feedback that were not judged: repeated (the first one of a request counts), full (more came than there is room for, or the store could not take them).',
    labels: ['reason'],
  },
  shadowRequests: {
    name: 'sluice_shadow_requests_total',
    type: 'counter',
    help: 'Sampled requests by what became of their copy: ok, error, timeout, skipped_tools, skipped_state, skipped_endpoint (the target does not serve it, or cannot say it), over_budget, store (the budget could not be asked), no_price, circuit_open, dropped.',
    labels: ['rollout', 'result'],
  },
  shadowCost: {
    name: 'sluice_shadow_cost_usd_total',
    type: 'counter',
    help: 'Cost of copies in US dollars, where `prices` has the model; at its worst where a copy told no usage.',
    labels: ['rollout'],
  },
  auditEntries: {
    name: 'sluice_audit_entries_total',
    type: 'counter',
    help: 'Entries of the audit trail by where they went: chain, spool (they wait for the store, and go to the chain from there), lost (the queue was full).',
    labels: ['result'],
  },
  auditFailures: {
    name: 'sluice_audit_write_failures_total',
    type: 'counter',
    help: 'Attempts to write audit entries that neither the store nor the spool took; they are repeated.',
    labels: [],
  },
  auditQueue: {
    name: 'sluice_audit_queue_entries',
    type: 'gauge',
    merged: 'sum',
    help: 'Audit entries that wait in memory.',
    labels: [],
  },
  spoolBytes: {
    name: 'sluice_spool_bytes',
    type: 'gauge',
    help: 'Outcomes of requests that wait on disk for the store.',
    labels: [],
  },
  spooledBatches: {
    name: 'sluice_spooled_batches_total',
    type: 'counter',
    help: 'Batches of outcomes that went to the disk first, as the store was away; what neither takes counts in sluice_outcomes_dropped_total.',
    labels: [],
  },
  recordsExported: {
    name: 'sluice_records_exported_total',
    type: 'counter',
    help: 'Records of requests by sink (files) and result: written, dropped (there was no room, or the gateway stopped before they could be written).',
    labels: ['sink', 'result'],
  },
  telemetryItems: {
    name: 'sluice_telemetry_items_total',
    type: 'counter',
    help: 'Spans and batches of metrics for the OpenTelemetry collector, by signal (traces, metrics) and result: sent, failed (the collector did not take them, or not all of a batch), dropped (there was no room, or the gateway stopped).',
    labels: ['signal', 'result'],
  },
  configReload: {
    name: 'sluice_config_last_reload_success',
    type: 'gauge',
    merged: 'min',
    help: '1 where the last load of the configuration took effect, 0 where the one before it stays in force.',
    labels: [],
  },
  eventLoopLag: {
    name: 'sluice_event_loop_lag_seconds',
    type: 'gauge',
    help: 'Delay of the event loop over the last 10 to 20 seconds.',
    labels: ['quantile'],
  },
} as const satisfies Record<string, MetricDefinition>;
