import { monitorEventLoopDelay } from 'node:perf_hooks';
import { collectDefaultMetrics, Registry } from '@prometheus-io/client';
import { armWeight } from '../core/assignment.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Rollout, RolloutPhase } from '../core/rollout.ts';
import { HistogramFamily, NumberFamily, type HistogramSeries, type MetricDefinition, type Series } from './series.ts';

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
    help: 'Time spent in the gateway itself, waiting for the provider not counted.',
    labels: [],
    buckets: OVERHEAD_BUCKETS,
  },
  attempts: {
    name: 'sluice_upstream_attempts_total',
    type: 'counter',
    help: 'Requests sent to providers, retries and fallbacks included, by result.',
    labels: ['provider', 'model', 'result'],
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
  heldBytes: {
    name: 'sluice_redaction_held_bytes',
    type: 'histogram',
    help: 'Most characters of output that a stream held back at one time until they could be judged.',
    labels: [],
    buckets: HELD_BUCKETS,
  },
  inflight: {
    name: 'sluice_inflight_requests',
    type: 'gauge',
    help: 'Requests being served, open streams included.',
    labels: [],
  },
  circuits: {
    name: 'sluice_circuit_state',
    type: 'gauge',
    help: 'Circuit breaker of a target: 0 closed, 1 open, 2 half-open.',
    labels: ['provider', 'model'],
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
  configReload: {
    name: 'sluice_config_last_reload_success',
    type: 'gauge',
    help: '1 where the last load of the configuration took effect, 0 where the one before it stays in force.',
    labels: [],
  },
  eventLoopLag: {
    name: 'sluice_event_loop_lag_seconds',
    type: 'gauge',
    help: 'Delay of the event loop since the last scrape.',
    labels: ['quantile'],
  },
} as const satisfies Record<string, MetricDefinition>;

/** Whatever a provider makes up as a finish reason must not become a label. */
const FINISH_REASONS = new Set([
  'stop',
  'length',
  'tool_calls',
  'content_filter',
  'function_call',
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded',
  'completed',
  'incomplete',
  'failed',
]);

const PHASES: readonly RolloutPhase[] = ['progressing', 'paused', 'healthy', 'degraded'];

export interface Circuit {
  readonly provider: string;
  readonly model: string;
  readonly state: 'closed' | 'open' | 'half_open';
}

/** What is asked at scrape time. */
export interface GaugeSources {
  inflight(): number;
  rollouts(): readonly Rollout[];
  circuits(): Iterable<Circuit>;
  lastReloadSucceeded(): boolean;
}

/** The series of one combination of labels, looked up once per request. */
interface CallSeries {
  readonly duration: HistogramSeries;
  readonly firstToken: HistogramSeries;
  readonly perToken: HistogramSeries;
  readonly inputTokens: Series;
  readonly outputTokens: Series;
  readonly cachedTokens: Series;
  readonly outcomes: Map<string, Series>;
  readonly finishReasons: Map<string, Series>;
  readonly labels: readonly string[];
}

export class Metrics {
  private readonly registry = new Registry();
  private readonly counters = {
    requests: new NumberFamily(this.registry, METRICS.requests),
    attempts: new NumberFamily(this.registry, METRICS.attempts),
    tokens: new NumberFamily(this.registry, METRICS.tokens),
    finishReasons: new NumberFamily(this.registry, METRICS.finishReasons),
    redactions: new NumberFamily(this.registry, METRICS.redactions),
  };
  private readonly histograms = {
    duration: new HistogramFamily(this.registry, METRICS.duration),
    firstToken: new HistogramFamily(this.registry, METRICS.firstToken),
    perToken: new HistogramFamily(this.registry, METRICS.perToken),
    heldBytes: new HistogramFamily(this.registry, METRICS.heldBytes).child(),
    overhead: new HistogramFamily(this.registry, METRICS.overhead).child(),
  };
  private readonly gauges = {
    inflight: new NumberFamily(this.registry, METRICS.inflight).child(),
    circuits: new NumberFamily(this.registry, METRICS.circuits),
    rolloutWeight: new NumberFamily(this.registry, METRICS.rolloutWeight),
    rolloutPhase: new NumberFamily(this.registry, METRICS.rolloutPhase),
    configReload: new NumberFamily(this.registry, METRICS.configReload).child(),
    eventLoopLag: new NumberFamily(this.registry, METRICS.eventLoopLag),
  };
  private readonly loopDelay = monitorEventLoopDelay({ resolution: 10 });
  private readonly calls = new Map<string, CallSeries>();
  private readonly sources: GaugeSources;

  constructor(sources: GaugeSources) {
    this.sources = sources;
    this.loopDelay.enable();
    collectDefaultMetrics({ register: this.registry });
  }

  attempted(provider: string, model: string, result: string): void {
    this.counters.attempts.child(provider, model, result).value++;
  }

  /** Once per exchange, at its end. @param duration in seconds */
  finished(exchange: Exchange, duration: number): void {
    const series = this.callSeries(exchange);
    this.outcomeSeries(series, exchange).value++;
    series.duration.observe(duration);
    this.histograms.overhead.observe(exchange.overheadMs / 1000);
    if (exchange.firstTokenAt !== null) this.streamTimes(series, exchange, duration);
    if (exchange.usage !== null) {
      series.inputTokens.value += exchange.usage.inputTokens;
      series.outputTokens.value += exchange.usage.outputTokens;
      series.cachedTokens.value += exchange.usage.cachedInputTokens;
    }
    if (exchange.finishReason !== '') {
      const reason = FINISH_REASONS.has(exchange.finishReason) ? exchange.finishReason : 'other';
      this.finishReasonSeries(series, reason).value++;
    }
    if (exchange.heldChars > 0) this.histograms.heldBytes.observe(exchange.heldChars);
    for (const { rule, category, direction, action, count } of exchange.redactions ?? []) {
      this.counters.redactions.child(rule, category, direction, action).value += count;
    }
  }

  close(): void {
    this.loopDelay.disable();
  }

  async render(): Promise<{ contentType: string; body: string }> {
    this.collectGauges();
    return { contentType: this.registry.contentType, body: await this.registry.metrics() };
  }

  private streamTimes(series: CallSeries, exchange: Exchange, duration: number): void {
    const first = (exchange.firstTokenAt! - exchange.receivedAt) / 1000;
    series.firstToken.observe(first);
    const tokens = exchange.usage?.outputTokens ?? 0;
    if (tokens > 1 && duration > first) series.perToken.observe((duration - first) / (tokens - 1));
  }

  private callSeries(exchange: Exchange): CallSeries {
    const { operation, route, provider, modelLabel } = exchange;
    // An arm that the caller chose says nothing about the arms.
    const rollout = exchange.isArmForced ? '' : exchange.rollout;
    const arm = exchange.isArmForced ? '' : exchange.arm;
    const key = `${operation}\0${route}\0${rollout}\0${arm}\0${provider}\0${modelLabel}`;
    let series = this.calls.get(key);
    if (series === undefined) {
      const labels = [operation, route, rollout, arm, provider, modelLabel];
      series = {
        duration: this.histograms.duration.child(...labels),
        firstToken: this.histograms.firstToken.child(...labels),
        perToken: this.histograms.perToken.child(...labels),
        inputTokens: this.counters.tokens.child(...labels, 'input'),
        outputTokens: this.counters.tokens.child(...labels, 'output'),
        cachedTokens: this.counters.tokens.child(...labels, 'cached_input'),
        outcomes: new Map(),
        finishReasons: new Map(),
        labels,
      };
      this.calls.set(key, series);
    }
    return series;
  }

  private finishReasonSeries(series: CallSeries, reason: string): Series {
    let counter = series.finishReasons.get(reason);
    if (counter === undefined) {
      counter = this.counters.finishReasons.child(...series.labels, reason);
      series.finishReasons.set(reason, counter);
    }
    return counter;
  }

  private outcomeSeries(series: CallSeries, { outcome, errorType }: Exchange): Series {
    const key = errorType === '' ? outcome : `${outcome}\0${errorType}`;
    let counter = series.outcomes.get(key);
    if (counter === undefined) {
      counter = this.counters.requests.child(...series.labels, outcome, errorType);
      series.outcomes.set(key, counter);
    }
    return counter;
  }

  private collectGauges(): void {
    const { gauges, sources, loopDelay } = this;
    gauges.inflight.value = sources.inflight();
    gauges.configReload.value = sources.lastReloadSucceeded() ? 1 : 0;
    gauges.circuits.clear();
    for (const { provider, model, state } of sources.circuits()) {
      gauges.circuits.child(provider, model).value = { closed: 0, open: 1, half_open: 2 }[state];
    }
    this.collectRollouts(sources.rollouts());
    for (const quantile of [0.5, 0.9, 0.99])
      gauges.eventLoopLag.child(String(quantile)).value = loopDelay.percentile(quantile * 100) / 1e9;
    loopDelay.reset();
  }

  /** Rollouts that are no longer in force disappear. */
  private collectRollouts(rollouts: readonly Rollout[]): void {
    const { rolloutWeight, rolloutPhase } = this.gauges;
    rolloutWeight.clear();
    rolloutPhase.clear();
    for (const rollout of rollouts) {
      const { name, arms } = rollout.spec;
      for (const [index, arm] of arms.entries()) rolloutWeight.child(name, arm.name).value = armWeight(rollout, index);
      for (const phase of PHASES) rolloutPhase.child(name, phase).value = rollout.state.phase === phase ? 1 : 0;
    }
  }
}
