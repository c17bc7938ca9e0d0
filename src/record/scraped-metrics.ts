import type { Registry } from '@prometheus-io/client';
import type { Analysis, EffectBounds, Regression } from '../core/analysis.ts';
import { armWeight } from '../core/assignment.ts';
import type { AuditTotals } from '../core/audit.ts';
import type { Rollout, RolloutPhase } from '../core/rollout.ts';
import type { Bytes, Milliseconds } from '../core/units.ts';
import { LoopLag } from './loop-lag.ts';
import { METRICS } from './metric-definitions.ts';
import { NumberFamily, type Series } from './series.ts';

const PHASES: readonly RolloutPhase[] = ['progressing', 'paused', 'healthy', 'degraded'];

export interface Circuit {
  readonly provider: string;
  readonly model: string;
  readonly state: 'closed' | 'open' | 'half_open';
}

/** Of a key of a pool, by its place in the list. */
export interface KeyCooldown {
  readonly provider: string;
  readonly key: number;
  readonly cooldown: Milliseconds;
}

/** What is asked at scrape time. */
export interface GaugeSources {
  /** Of this software. */
  readonly version: string;
  inflight(): number;
  /** Above which new requests are refused. */
  inflightLimit(): number;
  /** What cannot be inspected passes. */
  redactionFailsOpen(): boolean;
  /** Rejects where the store cannot be read. */
  checkStore(): Promise<void>;
  rollouts(): readonly Rollout[];
  analyses(): readonly Analysis[];
  regressions(): readonly Regression[];
  circuits(): Iterable<Circuit>;
  keyCooldowns(): Iterable<KeyCooldown>;
  /** By result, since the start. */
  keyLookups(): Readonly<Record<string, number>>;
  /** By result, since the start. */
  objectLookups(): Readonly<Record<string, number>>;
  cache(): CacheCounts;
  lastReloadSucceeded(): boolean;
  audit(): AuditTotals;
  /** Outcomes on their way to the store. */
  spool(): { readonly bytes: Bytes; readonly spooled: number };
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
  /** What is left. */
  readonly usd: number;
  readonly limitUsd: number;
}

/** A store that does not answer must not keep the figures of everything else from whoever asks. */
const STORE_ANSWERS_WITHIN: Milliseconds = 1_000;

const familiesOf = (registry: Registry) => ({
  buildInfo: new NumberFamily(registry, METRICS.buildInfo),
  storeUp: new NumberFamily(registry, METRICS.storeUp).child(),
  inflightLimit: new NumberFamily(registry, METRICS.inflightLimit).child(),
  redactionFailsOpen: new NumberFamily(registry, METRICS.redactionFailsOpen).child(),
  keyLookups: new NumberFamily(registry, METRICS.keyLookups),
  objectLookups: new NumberFamily(registry, METRICS.objectLookups),
  cacheRequests: new NumberFamily(registry, METRICS.cacheRequests),
  cacheErrors: new NumberFamily(registry, METRICS.cacheErrors).child(),
  cacheReplies: new NumberFamily(registry, METRICS.cacheReplies).child(),
  cacheBytes: new NumberFamily(registry, METRICS.cacheBytes).child(),
  auditFailures: new NumberFamily(registry, METRICS.auditFailures).child(),
  auditEntries: new NumberFamily(registry, METRICS.auditEntries),
  inflight: new NumberFamily(registry, METRICS.inflight).child(),
  budgetRemaining: new NumberFamily(registry, METRICS.budgetRemaining),
  teamBudgetRemaining: new NumberFamily(registry, METRICS.teamBudgetRemaining),
  budgetLimit: new NumberFamily(registry, METRICS.budgetLimit),
  teamBudgetLimit: new NumberFamily(registry, METRICS.teamBudgetLimit),
  circuits: new NumberFamily(registry, METRICS.circuits),
  keyCooldown: new NumberFamily(registry, METRICS.keyCooldown),
  rolloutWeight: new NumberFamily(registry, METRICS.rolloutWeight),
  rolloutPhase: new NumberFamily(registry, METRICS.rolloutPhase),
  rolloutLogE: new NumberFamily(registry, METRICS.rolloutLogE),
  rolloutEffect: new NumberFamily(registry, METRICS.rolloutEffect),
  regressionActive: new NumberFamily(registry, METRICS.regressionActive),
  regressionLogE: new NumberFamily(registry, METRICS.regressionLogE),
  regressionEffect: new NumberFamily(registry, METRICS.regressionEffect),
  auditQueue: new NumberFamily(registry, METRICS.auditQueue).child(),
  spoolBytes: new NumberFamily(registry, METRICS.spoolBytes).child(),
  spooledBatches: new NumberFamily(registry, METRICS.spooledBatches).child(),
  configReload: new NumberFamily(registry, METRICS.configReload).child(),
  eventLoopLag: new NumberFamily(registry, METRICS.eventLoopLag),
});

/** What others know, as it is when somebody asks for it. */
export class ScrapedMetrics {
  private readonly families: ReturnType<typeof familiesOf>;
  private readonly sources: GaugeSources;
  private readonly loopLag = new LoopLag();

  constructor(registry: Registry, sources: GaugeSources) {
    this.families = familiesOf(registry);
    this.sources = sources;
    this.families.buildInfo.child(sources.version).value = 1;
  }

  close(): void {
    this.loopLag.close();
  }

  async collect(): Promise<void> {
    this.collectGauges();
    await Promise.all([this.collectStore(), this.collectBudgets()]);
  }

  private collectGauges(): void {
    const { families: gauges, sources, loopLag } = this;
    gauges.inflight.value = sources.inflight();
    gauges.inflightLimit.value = sources.inflightLimit();
    gauges.redactionFailsOpen.value = sources.redactionFailsOpen() ? 1 : 0;
    this.collectAudit(sources.audit());
    gauges.configReload.value = sources.lastReloadSucceeded() ? 1 : 0;
    gauges.circuits.clear();
    for (const { provider, model, state } of sources.circuits()) {
      gauges.circuits.child(provider, model).value = { closed: 0, open: 1, half_open: 2 }[state];
    }
    gauges.keyCooldown.clear();
    for (const { provider, key, cooldown } of sources.keyCooldowns())
      gauges.keyCooldown.child(provider, String(key)).value = cooldown / 1000;
    for (const [result, count] of Object.entries(sources.keyLookups())) gauges.keyLookups.child(result).value = count;
    for (const [result, count] of Object.entries(sources.objectLookups()))
      gauges.objectLookups.child(result).value = count;
    this.collectCache(sources.cache());
    this.collectRollouts(sources.rollouts());
    this.collectAnalyses(sources.analyses());
    this.collectRegressions(sources.regressions());
    for (const quantile of [0.5, 0.9, 0.99])
      gauges.eventLoopLag.child(String(quantile)).value = loopLag.quantile(quantile);
  }

  private async collectStore(): Promise<void> {
    const { families, sources } = this;
    const { bytes, spooled } = sources.spool();
    families.spoolBytes.value = bytes;
    families.spooledBatches.value = spooled;
    families.storeUp.value = (await within(STORE_ANSWERS_WITHIN, sources.checkStore())) ? 1 : 0;
  }

  private collectCache({ results, errors, replies, bytes }: CacheCounts): void {
    const { cacheRequests, cacheErrors, cacheReplies, cacheBytes } = this.families;
    for (const [result, count] of Object.entries(results)) cacheRequests.child(result).value = count;
    cacheErrors.value = errors;
    cacheReplies.value = replies;
    cacheBytes.value = bytes;
  }

  private collectAudit({ queue, failures, ...places }: AuditTotals): void {
    this.families.auditQueue.value = queue;
    this.families.auditFailures.value = failures;
    for (const [place, count] of Object.entries(places)) this.families.auditEntries.child(place).value = count;
  }

  /** What is not known is not told: an old figure would look like a new one. */
  private async collectBudgets(): Promise<void> {
    const { budgetRemaining, budgetLimit, teamBudgetRemaining, teamBudgetLimit } = this.families;
    const budgets = await this.sources.budgets().catch(() => []);
    for (const family of [budgetRemaining, budgetLimit, teamBudgetRemaining, teamBudgetLimit]) family.clear();
    for (const { subject, name, usd, limitUsd } of budgets) {
      const isKey = subject === 'key';
      (isKey ? budgetRemaining : teamBudgetRemaining).child(name).value = usd;
      (isKey ? budgetLimit : teamBudgetLimit).child(name).value = limitUsd;
    }
  }

  private collectAnalyses(analyses: readonly Analysis[]): void {
    const { rolloutLogE, rolloutEffect } = this.families;
    rolloutLogE.clear();
    rolloutEffect.clear();
    for (const { rollout, metrics } of analyses)
      for (const { metric, segment, eValue, effect } of metrics) {
        rolloutLogE.child(rollout, metric, segment ?? '').value = Math.log(Math.max(eValue, Number.MIN_VALUE));
        if (segment === null) setBounds(effect, (bound) => rolloutEffect.child(rollout, metric, bound));
      }
  }

  private collectRegressions(regressions: readonly Regression[]): void {
    const { regressionActive, regressionLogE, regressionEffect } = this.families;
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
    const { rolloutWeight, rolloutPhase } = this.families;
    rolloutWeight.clear();
    rolloutPhase.clear();
    for (const rollout of rollouts) {
      const { name, arms } = rollout.spec;
      for (const [index, arm] of arms.entries()) rolloutWeight.child(name, arm.name).value = armWeight(rollout, index);
      for (const phase of PHASES) rolloutPhase.child(name, phase).value = rollout.state.phase === phase ? 1 : 0;
    }
  }
}

function setBounds(effect: EffectBounds, series: (bound: string) => Series): void {
  for (const bound of ['estimate', 'low', 'high'] as const) {
    const value = effect[bound];
    if (value !== null) series(bound).value = value;
  }
}

/** Whether it came to something in time. */
function within(time: Milliseconds, asked: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), time);
    const tell = (isUp: boolean): void => {
      clearTimeout(timer);
      resolve(isUp);
    };
    asked.then(
      () => tell(true),
      () => tell(false),
    );
  });
}
