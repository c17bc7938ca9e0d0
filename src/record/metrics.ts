import { collectDefaultMetrics, Registry } from '@prometheus-io/client';
import type { Exchange } from '../core/exchange.ts';
import type { DetectorCall } from '../core/external-detector.ts';
import type { FeedbackEntry } from '../core/outcome.ts';
import type { UninspectedReason } from '../core/redaction.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Milliseconds } from '../core/units.ts';
import { figuresOf, type Figures, type MetricsText } from './figures.ts';
import { KeyMetrics } from './key-metrics.ts';
import { METRICS } from './metric-definitions.ts';
import { OPEN_METRICS, openMetricsText, prefersOpenMetrics } from './open-metrics.ts';
import { ScrapedMetrics, type GaugeSources } from './scraped-metrics.ts';
import {
  HistogramFamily,
  NumberFamily,
  observeRequest,
  type HistogramSeries,
  type MetricSamples,
  type Series,
} from './series.ts';

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

const UNINSPECTED: readonly UninspectedReason[] = [
  'invalid_json',
  'encoding',
  'charset',
  'multipart',
  'media',
  'unknown_event',
];

/** Longest that a timer can be set to. */
const NEVER: Milliseconds = 2 ** 31 - 1;
const UNWANTED = ['nodejs_eventloop_utilization_summary', 'nodejs_eventloop_utilization_histogram'];

/**
 * Of the process. Not how busy its loop is: the library's timer for it runs ten times a second for ever, and catches up tick by
 * tick when its clock jumps; `sluice_event_loop_lag_seconds` tells what matters of it.
 */
function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopUtilizationTimeout: NEVER });
  for (const name of UNWANTED) registry.removeSingleMetric(name);
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
    hedges: new NumberFamily(this.registry, METRICS.hedges),
    tokens: new NumberFamily(this.registry, METRICS.tokens),
    cost: new NumberFamily(this.registry, METRICS.cost),
    usageEstimated: new NumberFamily(this.registry, METRICS.usageEstimated),
    countersAlone: new NumberFamily(this.registry, METRICS.counterDecisions),
    countersFailed: new NumberFamily(this.registry, METRICS.counterFailures),
    feedback: new NumberFamily(this.registry, METRICS.feedback),
    feedbackValue: new NumberFamily(this.registry, METRICS.feedbackValue),
    feedbackDropped: new NumberFamily(this.registry, METRICS.feedbackDropped),
    shadowRequests: new NumberFamily(this.registry, METRICS.shadowRequests),
    shadowCost: new NumberFamily(this.registry, METRICS.shadowCost),
    finishReasons: new NumberFamily(this.registry, METRICS.finishReasons),
    redactions: new NumberFamily(this.registry, METRICS.redactions),
    uninspected: new NumberFamily(this.registry, METRICS.uninspected),
    policies: new NumberFamily(this.registry, METRICS.policyDecisions),
    restorations: new NumberFamily(this.registry, METRICS.restorations),
    detectorCalls: new NumberFamily(this.registry, METRICS.detectorCalls),
    decisions: new NumberFamily(this.registry, METRICS.rolloutDecisions),
    webhooks: new NumberFamily(this.registry, METRICS.webhookDeliveries),
    recordsExported: new NumberFamily(this.registry, METRICS.recordsExported),
    telemetryItems: new NumberFamily(this.registry, METRICS.telemetryItems),
    outcomesDropped: new NumberFamily(this.registry, METRICS.outcomesDropped).child(),
    workerRestarts: new NumberFamily(this.registry, METRICS.workerRestarts),
  };
  private readonly histograms = {
    duration: new HistogramFamily(this.registry, METRICS.duration),
    firstToken: new HistogramFamily(this.registry, METRICS.firstToken),
    perToken: new HistogramFamily(this.registry, METRICS.perToken),
    detectorDuration: new HistogramFamily(this.registry, METRICS.detectorDuration),
    attackScore: new HistogramFamily(this.registry, METRICS.attackScore),
    heldBytes: new HistogramFamily(this.registry, METRICS.heldBytes).child(),
    overhead: new HistogramFamily(this.registry, METRICS.overhead).child(),
  };
  private readonly gauges = {
    controllerLeader: new NumberFamily(this.registry, METRICS.controllerLeader).child(),
    countersUp: new NumberFamily(this.registry, METRICS.countersUp).child(),
  };
  private readonly keys = new KeyMetrics(this.registry);
  private readonly scraped: ScrapedMetrics;
  private readonly calls = new Map<string, CallSeries>();
  /** Of the request before: the next one is mostly like it. */
  private latest: CallSeries | null = null;
  /** Requests are traced: the format changes for those that ask for examples. */
  hasExemplars = false;

  constructor(sources: GaugeSources) {
    this.scraped = new ScrapedMetrics(this.registry, sources);
    collectProcessMetrics(this.registry);
    this.beginAtZero();
  }

  /** What alerts watch for: a counter that first appears as 1 has no increase that anybody could see. */
  private beginAtZero(): void {
    const { uninspected, countersAlone, countersFailed, feedbackDropped, workerRestarts } = this.counters;
    for (const direction of ['request', 'response'] as const)
      for (const reason of UNINSPECTED) uninspected.child(direction, reason);
    for (const result of ['closed', 'local']) countersAlone.child(result);
    for (const reason of ['failed', 'lost']) countersFailed.child(reason);
    for (const reason of ['repeated', 'full']) feedbackDropped.child(reason);
    for (const reason of ['died', 'hung', 'left']) workerRestarts.child(reason);
  }

  attempted(provider: string, model: string, result: string): void {
    this.counters.attempts.child(provider, model, result).value++;
  }

  hedged(route: string, result: string): void {
    this.counters.hedges.child(route, result).value++;
  }

  /** Whether this gateway's controller is the one that judges. */
  leads(isLeader: boolean): void {
    this.gauges.controllerLeader.value = isLeader ? 1 : 0;
  }

  /** The controller decided something. */
  decided(rollout: string, decision: string, reason: string): void {
    this.counters.decisions.child(rollout, decision, reason).value++;
  }

  feedback({ name, value, trials }: FeedbackEntry, rollouts: readonly Rollout[]): void {
    for (const { rollout, arm } of trials ?? []) {
      const spec = rollouts.find((each) => each.spec.name === rollout)?.spec;
      if (spec === undefined) continue;
      const labels = [rollout, spec.arms[arm]?.name ?? 'other', spec.goal?.feedback === name ? name : 'other'];
      this.counters.feedback.child(...labels).value++;
      this.counters.feedbackValue.child(...labels).value += value;
    }
  }

  /** What became of a shadow's copy. */
  copied(rollout: string, result: string): void {
    this.counters.shadowRequests.child(rollout, result).value++;
  }

  copyCost(rollout: string, usd: number): void {
    this.counters.shadowCost.child(rollout).value += usd;
  }

  /** A limit or a budget said no. */
  denied(rule: string): void {
    this.counters.policies.child(rule, 'deny').value++;
  }

  /** A request was decided without the shared counters. */
  countedAlone(result: 'closed' | 'local'): void {
    this.counters.countersAlone.child(result).value++;
  }

  countingFailed(reason: 'failed' | 'lost', times = 1): void {
    this.counters.countersFailed.child(reason).value += times;
  }

  workerReplaced(reason: 'died' | 'hung' | 'left'): void {
    this.counters.workerRestarts.child(reason).value++;
  }

  countersAre(isUp: boolean): void {
    this.gauges.countersUp.value = isUp ? 1 : 0;
  }

  webhookDelivered(webhook: string, result: string): void {
    this.counters.webhooks.child(webhook, result).value++;
  }

  /** @param loss why */
  feedbackDropped(loss: string, count: number): void {
    this.counters.feedbackDropped.child(loss).value += count;
  }

  outcomesDropped(count: number): void {
    this.counters.outcomesDropped.value += count;
  }

  /** What became of what was for the collector. */
  exported(signal: 'traces' | 'metrics', result: string, count: number): void {
    this.counters.telemetryItems.child(signal, result).value += count;
  }

  recordsExported(sink: string, result: string, count: number): void {
    this.counters.recordsExported.child(sink, result).value += count;
  }

  /** Once per exchange, at its end. @param duration in seconds */
  finished(exchange: Exchange, duration: number): void {
    const series = this.callSeries(exchange);
    this.outcomeSeries(series, exchange).value++;
    observeRequest(series.duration, duration, exchange, duration);
    this.keys.finished(exchange);
    this.histograms.overhead.observe((exchange.overheadMs ?? 0) / 1000);
    if (exchange.firstTokenAt !== null) this.streamTimes(series, exchange, duration);
    if (exchange.usage !== null) {
      series.inputTokens.value += exchange.usage.inputTokens;
      series.outputTokens.value += exchange.usage.outputTokens;
      series.cachedTokens.value += exchange.usage.cachedInputTokens;
    }
    if (exchange.costUsd !== null) this.counters.cost.child(...series.labels).value += exchange.costUsd;
    if (exchange.isEstimated) this.counters.usageEstimated.child(exchange.provider, exchange.modelLabel).value++;
    if (exchange.finishReason !== '') {
      const reason = FINISH_REASONS.has(exchange.finishReason) ? exchange.finishReason : 'other';
      this.finishReasonSeries(series, reason).value++;
    }
    if (exchange.attackScore !== null) this.histograms.attackScore.child(exchange.route).observe(exchange.attackScore);
    if (exchange.heldBytes > 0) this.histograms.heldBytes.observe(exchange.heldBytes);
    for (const { rule, category, direction, action, count } of exchange.redactions ?? []) {
      this.counters.redactions.child(rule, category, direction, action).value += count;
    }
    for (const { direction, reason, count } of exchange.uninspectedParts ?? [])
      this.counters.uninspected.child(direction, reason).value += count;
    for (const { category, result, count } of exchange.restorations ?? [])
      this.counters.restorations.child(category, result).value += count;
    for (const { rule, decision } of exchange.policies ?? []) this.counters.policies.child(rule, decision).value++;
    for (const call of exchange.detectorCalls ?? []) this.detectorCalled(call);
  }

  /** A detector outside was asked, or would have been. */
  private detectorCalled({ detector, result, durationMs }: DetectorCall): void {
    this.counters.detectorCalls.child(detector, result).value++;
    if (result !== 'circuit_open') this.histograms.detectorDuration.child(detector).observe(durationMs / 1000);
  }

  close(): void {
    this.scraped.close();
  }

  /** All of them, as they are now. */
  async samples(): Promise<MetricSamples[]> {
    await this.scraped.collect();
    const metrics = this.registry.getMetricsAsArray() as unknown as { get(): Promise<MetricSamples> }[];
    return Promise.all(metrics.map((metric) => metric.get()));
  }

  /** @param accept what the scraper asks for; requests can be named as examples in one format only */
  async render(accept: string | null): Promise<MetricsText> {
    if (this.hasExemplars && prefersOpenMetrics(accept))
      return { contentType: OPEN_METRICS, body: openMetricsText(await this.samples()) };
    await this.scraped.collect();
    return { contentType: this.registry.contentType, body: await this.registry.metrics() };
  }

  /** As they stand now, to be added to those of other processes. */
  async figures(): Promise<Figures> {
    await this.scraped.collect();
    return figuresOf(this.registry);
  }

  private streamTimes(series: CallSeries, exchange: Exchange, duration: number): void {
    const first = (exchange.firstTokenAt! - exchange.receivedAt) / 1000;
    observeRequest(series.firstToken, first, exchange, duration);
    const tokens = exchange.usage?.outputTokens ?? 0;
    if (tokens > 1 && duration > first)
      observeRequest(series.perToken, (duration - first) / (tokens - 1), exchange, duration);
  }

  private callSeries(exchange: Exchange): CallSeries {
    const { operation, route, provider, modelLabel } = exchange;
    // An arm that the caller chose says nothing about the arms.
    const rollout = exchange.isArmForced ? '' : exchange.isHeldOut ? 'holdout' : exchange.rollout;
    const arm = exchange.isArmForced ? '' : exchange.isHeldOut ? 'out' : exchange.arm;
    const { latest } = this;
    if (latest !== null && isOf(latest.labels, operation, route, rollout, arm, provider, modelLabel)) return latest;
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
    this.latest = series;
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
}

/** Without a list of them, which would be made for each request. */
function isOf(
  labels: CallSeries['labels'],
  operation: string,
  route: string,
  rollout: string,
  arm: string,
  provider: string,
  model: string,
): boolean {
  return (
    labels[0] === operation &&
    labels[1] === route &&
    labels[2] === rollout &&
    labels[3] === arm &&
    labels[4] === provider &&
    labels[5] === model
  );
}
