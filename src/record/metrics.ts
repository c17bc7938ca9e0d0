import { collectDefaultMetrics, Registry } from '@prometheus-io/client';
import { armWeight } from '../core/assignment.ts';
import type { Analysis, EffectBounds, Regression } from '../core/analysis.ts';
import type { Exchange } from '../core/exchange.ts';
import type { DetectorCall } from '../core/external-detector.ts';
import type { FeedbackEntry } from '../core/outcome.ts';
import type { Rollout, RolloutPhase } from '../core/rollout.ts';
import type { AuditTotals } from '../core/audit.ts';
import type { Bytes, Milliseconds } from '../core/units.ts';
import { METRICS } from './metric-definitions.ts';
import { LoopLag } from './loop-lag.ts';
import { HistogramFamily, NumberFamily, type HistogramSeries, type Series } from './series.ts';

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
  analyses(): readonly Analysis[];
  regressions(): readonly Regression[];
  circuits(): Iterable<Circuit>;
  /** By result, since the start. */
  keyLookups(): Readonly<Record<string, number>>;
  /** By result, since the start. */
  objectLookups(): Readonly<Record<string, number>>;
  cache(): CacheCounts;
  lastReloadSucceeded(): boolean;
  audit(): AuditTotals;
  /** Of keys and teams that have one. Rejects where the counters are down. */
  budgets(): Promise<readonly RemainingBudget[]>;
}

interface CacheCounts {
  /** Since the start. */
  readonly results: Readonly<Record<string, number>>;
  readonly errors: number;
  /** In this process. */
  readonly replies: number;
  readonly bytes: Bytes;
}

export interface RemainingBudget {
  readonly subject: 'key' | 'team';
  readonly name: string;
  readonly usd: number;
}

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
    keyLookups: new NumberFamily(this.registry, METRICS.keyLookups),
    objectLookups: new NumberFamily(this.registry, METRICS.objectLookups),
    cacheRequests: new NumberFamily(this.registry, METRICS.cacheRequests),
    cacheErrors: new NumberFamily(this.registry, METRICS.cacheErrors).child(),
    webhooks: new NumberFamily(this.registry, METRICS.webhookDeliveries),
    outcomesDropped: new NumberFamily(this.registry, METRICS.outcomesDropped).child(),
    auditEntries: new NumberFamily(this.registry, METRICS.auditEntries),
    auditFailures: new NumberFamily(this.registry, METRICS.auditFailures).child(),
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
    inflight: new NumberFamily(this.registry, METRICS.inflight).child(),
    controllerLeader: new NumberFamily(this.registry, METRICS.controllerLeader).child(),
    budgetRemaining: new NumberFamily(this.registry, METRICS.budgetRemaining),
    teamBudgetRemaining: new NumberFamily(this.registry, METRICS.teamBudgetRemaining),
    countersUp: new NumberFamily(this.registry, METRICS.countersUp).child(),
    circuits: new NumberFamily(this.registry, METRICS.circuits),
    rolloutWeight: new NumberFamily(this.registry, METRICS.rolloutWeight),
    rolloutPhase: new NumberFamily(this.registry, METRICS.rolloutPhase),
    rolloutLogE: new NumberFamily(this.registry, METRICS.rolloutLogE),
    rolloutEffect: new NumberFamily(this.registry, METRICS.rolloutEffect),
    regressionActive: new NumberFamily(this.registry, METRICS.regressionActive),
    regressionLogE: new NumberFamily(this.registry, METRICS.regressionLogE),
    regressionEffect: new NumberFamily(this.registry, METRICS.regressionEffect),
    auditQueue: new NumberFamily(this.registry, METRICS.auditQueue).child(),
    cacheReplies: new NumberFamily(this.registry, METRICS.cacheReplies).child(),
    cacheBytes: new NumberFamily(this.registry, METRICS.cacheBytes).child(),
    configReload: new NumberFamily(this.registry, METRICS.configReload).child(),
    eventLoopLag: new NumberFamily(this.registry, METRICS.eventLoopLag),
  };
  private readonly loopLag = new LoopLag();
  private readonly calls = new Map<string, CallSeries>();
  /** Of the request before: the next one is mostly like it. */
  private latest: CallSeries | null = null;
  private readonly sources: GaugeSources;

  constructor(sources: GaugeSources) {
    this.sources = sources;
    collectProcessMetrics(this.registry);
  }

  attempted(provider: string, model: string, result: string): void {
    this.counters.attempts.child(provider, model, result).value++;
  }

  private showCache({ results, errors, replies, bytes }: CacheCounts): void {
    for (const [result, count] of Object.entries(results)) this.counters.cacheRequests.child(result).value = count;
    this.counters.cacheErrors.value = errors;
    this.gauges.cacheReplies.value = replies;
    this.gauges.cacheBytes.value = bytes;
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

  /** Once per exchange, at its end. @param duration in seconds */
  finished(exchange: Exchange, duration: number): void {
    const series = this.callSeries(exchange);
    this.outcomeSeries(series, exchange).value++;
    series.duration.observe(duration);
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
    this.loopLag.close();
  }

  async render(): Promise<{ contentType: string; body: string }> {
    this.collectGauges();
    await this.collectBudgets();
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

  private collectGauges(): void {
    const { gauges, sources, loopLag } = this;
    gauges.inflight.value = sources.inflight();
    this.collectAudit(sources.audit());
    gauges.configReload.value = sources.lastReloadSucceeded() ? 1 : 0;
    gauges.circuits.clear();
    for (const { provider, model, state } of sources.circuits()) {
      gauges.circuits.child(provider, model).value = { closed: 0, open: 1, half_open: 2 }[state];
    }
    for (const [result, count] of Object.entries(sources.keyLookups()))
      this.counters.keyLookups.child(result).value = count;
    for (const [result, count] of Object.entries(sources.objectLookups()))
      this.counters.objectLookups.child(result).value = count;
    this.showCache(sources.cache());
    this.collectRollouts(sources.rollouts());
    this.collectAnalyses(sources.analyses());
    this.collectRegressions(sources.regressions());
    for (const quantile of [0.5, 0.9, 0.99])
      gauges.eventLoopLag.child(String(quantile)).value = loopLag.quantile(quantile);
  }

  private collectAudit({ queue, failures, ...places }: AuditTotals): void {
    this.gauges.auditQueue.value = queue;
    this.counters.auditFailures.value = failures;
    for (const [place, count] of Object.entries(places)) this.counters.auditEntries.child(place).value = count;
  }

  /** What is not known is not told: an old figure would look like a new one. */
  private async collectBudgets(): Promise<void> {
    const { budgetRemaining, teamBudgetRemaining } = this.gauges;
    const budgets = await this.sources.budgets().catch(() => []);
    budgetRemaining.clear();
    teamBudgetRemaining.clear();
    for (const { subject, name, usd } of budgets)
      (subject === 'key' ? budgetRemaining : teamBudgetRemaining).child(name).value = usd;
  }

  private collectAnalyses(analyses: readonly Analysis[]): void {
    const { rolloutLogE, rolloutEffect } = this.gauges;
    rolloutLogE.clear();
    rolloutEffect.clear();
    for (const { rollout, metrics } of analyses)
      for (const { metric, segment, eValue, effect } of metrics) {
        rolloutLogE.child(rollout, metric, segment ?? '').value = Math.log(Math.max(eValue, Number.MIN_VALUE));
        if (segment === null) setBounds(effect, (bound) => rolloutEffect.child(rollout, metric, bound));
      }
  }

  private collectRegressions(regressions: readonly Regression[]): void {
    const { regressionActive, regressionLogE, regressionEffect } = this.gauges;
    for (const family of [regressionActive, regressionLogE, regressionEffect]) family.clear();
    for (const { route, metric, segment, isActive, logE, effect } of regressions) {
      const labels = [route, metric, segment ?? ''] as const;
      regressionActive.child(...labels).value = isActive ? 1 : 0;
      regressionLogE.child(...labels).value = logE;
      setBounds(effect, (bound) => regressionEffect.child(...labels, bound));
    }
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

function setBounds(effect: EffectBounds, series: (bound: string) => Series): void {
  for (const bound of ['estimate', 'low', 'high'] as const) {
    const value = effect[bound];
    if (value !== null) series(bound).value = value;
  }
}
