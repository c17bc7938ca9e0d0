import type { Analysis, MetricAnalysis } from '../core/analysis.ts';
import type { LogEntry } from '../core/outcome.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Milliseconds } from '../core/units.ts';
import { PairedJudge, type PairFinding, type PairedSnapshot } from '../judge/paired.ts';
import type { Conclusion, Evidence } from './evidence.ts';
import { PairSamples, type PairSamplesState } from './pair-samples.ts';
import { TrafficRate, type TrafficRateState } from './traffic-rate.ts';
import { UnitSpread, type UnitSpreadState } from './unit-spread.ts';
import { metricClause } from './wording.ts';

export interface ShadowEvidenceState {
  readonly judge: PairedSnapshot;
  readonly rate: TrafficRateState | undefined;
  /** Not in snapshots of earlier software. */
  readonly samples?: PairSamplesState;
  readonly spread?: UnitSpreadState;
}

/** Of a shadow: pairs of a request and its copy. It serves nobody, so there is nothing to roll back: it tells. */
export class ShadowEvidence implements Evidence {
  readonly epoch: number;
  private readonly judge: PairedJudge;
  private readonly rate: TrafficRate;
  private readonly samples: PairSamples;
  private readonly spread: UnitSpread;

  constructor({ state }: Rollout, saved?: ShadowEvidenceState) {
    this.epoch = state.epoch;
    this.judge = restored(saved?.judge);
    this.rate = new TrafficRate(saved?.rate);
    this.samples = new PairSamples(saved?.samples);
    this.spread = new UnitSpread(saved?.spread);
  }

  observe(entry: LogEntry): void {
    if (entry.kind !== 'pair') return;
    this.judge.observe(entry);
    this.samples.add(entry);
    this.spread.add(entry.unit ?? null);
    this.rate.add(entry.at);
  }

  /** A shadow has no steps. */
  follow(): void {}

  conclude(): Conclusion {
    const findings = this.metrics();
    const worse =
      findings.find(({ state }) => state === 'crossed') ?? findings.find(({ state }) => state === 'changed');
    if (worse !== undefined) return { decision: 'hold', reason: 'paired', arm: null, metric: worse, warnings: [] };
    return { decision: 'none', reason: 'gathering', arm: null, metric: null, warnings: [] };
  }

  analyse(rollout: Rollout, conclusion: Conclusion, now: Milliseconds): Analysis {
    const { pairs } = this.judge;
    return {
      rollout: rollout.spec.name,
      revision: rollout.revision,
      epoch: this.epoch,
      at: now,
      decision: conclusion.decision,
      reason: conclusion.reason,
      summary: summary(rollout, conclusion, pairs),
      next: rollout.state.phase === 'degraded' ? '`retry` starts it again.' : null,
      minutesToGo: null,
      requests: pairs,
      units: ARMS.map((arm) => ({ arm, units: pairs })),
      requestRate: this.rate.perSecond(now / 1000),
      unitRate: null,
      warnings: this.warnings(),
      metrics: this.metrics(),
    };
  }

  patience(): null {
    return null;
  }

  toJSON(): ShadowEvidenceState {
    const { judge, rate, samples, spread } = this;
    return { judge: judge.toJSON(), rate: rate.toJSON(), samples: samples.toJSON(), spread: spread.toJSON() };
  }

  /** Pairs are taken as they come: bets on those of one user are not bets on all. */
  private warnings(): readonly string[] {
    const units = this.spread.fewUnits();
    return units === null ? [] : [`the pairs are those of about ${units} users: what is shown is so for them`];
  }

  private metrics(): readonly MetricAnalysis[] {
    return this.judge
      .findings()
      .filter(({ pairs }) => pairs > 0)
      .map((finding) => toMetric(finding, this.samples.of(finding.metric)));
  }
}

const ARMS = ['primary', 'shadow'] as const;

function restored(saved: PairedSnapshot | undefined): PairedJudge {
  if (saved === undefined) return new PairedJudge();
  try {
    return PairedJudge.restore(saved);
  } catch (error) {
    if (error instanceof RangeError) return new PairedJudge();
    throw error;
  }
}

function toMetric(finding: PairFinding, samples: readonly string[]): MetricAnalysis {
  const { metric, state, margin, eValue, threshold, harmlessness, harmlessThreshold, effect } = finding;
  return {
    role: 'shadow',
    metric,
    segment: null,
    state,
    margin,
    eValue,
    threshold,
    harmlessness,
    harmlessThreshold,
    effect,
    counts: [
      { arm: ARMS[0], ...finding.primary },
      { arm: ARMS[1], ...finding.shadow },
    ],
    unitsToGo: null,
    samples,
  };
}

function summary({ state }: Rollout, { metric }: Conclusion, pairs: number): string {
  if (state.phase === 'degraded') return 'Stopped: no copies are sent.';
  if (pairs === 0) return 'No pair was compared yet.';
  const compared = `${pairs} pairs were compared`;
  if (metric === null) return `${compared}; nothing speaks against the shadow so far.`;
  return `${compared}; of the shadow, ${metricClause(metric)}.`;
}
