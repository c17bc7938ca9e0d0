import type { Analysis, MetricAnalysis } from '../core/analysis.ts';
import type { LogEntry, TrialReference } from '../core/outcome.ts';
import type { Rollout, RolloutSpec } from '../core/rollout.ts';
import type { Milliseconds, Seconds } from '../core/units.ts';
import { decide, silentArms } from '../judge/decide.ts';
import { GoalJudge, type GoalFinding, type GoalPlan, type GoalSnapshot } from '../judge/goal.ts';
import type { Judge, JudgeSnapshot } from '../judge/judge.ts';
import { judgePlan } from '../judge/plan.ts';
import { patienceOf, restoredJudge } from './canary-evidence.ts';
import type { Conclusion, Evidence } from './evidence.ts';
import { FallbackCount, type FallbackCountState } from './fallback-count.ts';
import { metricsOf } from './metric-analysis.ts';
import type { Patience } from './outcome-buffer.ts';
import { RequestArms } from './request-arms.ts';
import { Samples, type SamplesState } from './samples.ts';
import { TrafficRate, type TrafficRateState } from './traffic-rate.ts';
import { toOutcome, type TrialEntry } from './trial-outcome.ts';
import { experimentNext, experimentSummary } from './wording.ts';

export interface ExperimentEvidenceState {
  readonly judges: readonly { readonly judge: JudgeSnapshot; readonly samples: SamplesState }[];
  readonly goal: GoalSnapshot | null;
  readonly rate: TrafficRateState | undefined;
  readonly units: readonly number[];
  readonly requests: number;
  /** Not in snapshots of earlier software. */
  readonly fallbacks?: FallbackCountState;
}

/** One arm against the first. */
interface Challenge {
  readonly arm: number;
  readonly judge: Judge;
  readonly samples: Samples;
}

/**
 * Of an A/B test: what its arms are guarded by, each against the first, and what they are compared by. Given that a unit
 * is in one of two arms, chance put it into the second with its share of the two: that is what is bet on.
 */
export class ExperimentEvidence implements Evidence {
  readonly epoch: number;
  private readonly spec: RolloutSpec;
  private readonly challenges: readonly Challenge[];
  private readonly goal: GoalJudge | null;
  private readonly rate: TrafficRate;
  private readonly units: number[];
  private readonly fallbacks: FallbackCount;
  private readonly seen = new RequestArms();
  private requests: number;
  private since: Milliseconds = -1;
  /** An arm takes all traffic: nothing is compared any more, and what was found stays as it was. */
  private isOver: boolean;

  constructor({ spec, state }: Rollout, saved?: ExperimentEvidenceState) {
    this.epoch = state.epoch;
    this.isOver = state.winner !== null;
    this.spec = spec;
    this.challenges = challengesOf(spec, saved);
    this.goal = goalOf(spec, saved?.goal ?? null);
    this.rate = new TrafficRate(saved?.rate);
    this.units = spec.arms.map((_, arm) => saved?.units[arm] ?? 0);
    this.requests = saved?.requests ?? 0;
    this.fallbacks = new FallbackCount(spec.arms.length, saved?.fallbacks);
  }

  observe(entry: LogEntry): void {
    if (entry.kind === 'trial') this.observeTrial(entry);
    else if (entry.kind === 'feedback' && !this.isOver) this.observeFeedback(entry);
  }

  follow({ state }: Rollout): void {
    this.isOver = state.winner !== null;
    if (state.since === this.since) return;
    this.since = state.since;
    for (const { judge } of this.challenges) judge.beginStep(state.since / 1000);
  }

  conclude({ state }: Rollout, now: Seconds): Conclusion {
    return (state.winner === null ? this.doubt(now) : null) ?? this.comparison();
  }

  /** What speaks against an arm, or against the comparison; null: nothing. */
  private doubt(now: Seconds): Conclusion | null {
    for (const challenge of this.challenges) {
      const { decision, reason, evidence, warnings } = decide(challenge.judge, { now, isLastStep: true });
      if (decision !== 'rollback' && decision !== 'hold') continue;
      const metric = this.guardMetrics(challenge).find((each) => each.metric === evidence?.metric) ?? null;
      if (decision === 'rollback' || reason !== 'inconclusive')
        return { decision, reason, arm: null, metric, warnings, silent: this.silentOf(challenge, reason, now) };
    }
    return null;
  }

  private comparison(): Conclusion {
    const warnings = this.goal?.propensity().differs === true ? ['feedback_share'] : [];
    const leader = this.goal?.leader() ?? null;
    if (leader === null) return { decision: 'none', reason: 'gathering', arm: null, metric: null, warnings };
    const metric = this.goalMetrics().find(({ counts }) => counts.some(({ arm }) => arm === leader.arm)) ?? null;
    return { decision: 'promote', reason: 'goal', arm: leader.arm, metric, warnings };
  }

  analyse(rollout: Rollout, conclusion: Conclusion, now: Milliseconds): Analysis {
    return {
      rollout: rollout.spec.name,
      revision: rollout.revision,
      epoch: this.epoch,
      at: now,
      decision: conclusion.decision,
      reason: conclusion.reason,
      summary: experimentSummary(rollout, conclusion, this.goal?.values ?? null),
      next: experimentNext(rollout, conclusion),
      minutesToGo: null,
      requests: this.requests,
      units: this.spec.arms.map(({ name: arm }, index) => ({ arm, units: this.units[index]! })),
      requestRate: this.rate.perSecond(now / 1000),
      unitRate: null,
      warnings: [...conclusion.warnings, ...this.fallbackWarnings(now / 1000)],
      metrics: [...this.goalMetrics(), ...this.challenges.flatMap((challenge) => this.guardMetrics(challenge))],
    };
  }

  patience(): Patience | null {
    const all = this.challenges.flatMap(({ judge }) => patienceOf(judge) ?? []);
    return all.length === 0 ? null : { latencyMs: longest(all, 'latencyMs'), ttftMs: longest(all, 'ttftMs') };
  }

  toJSON(): ExperimentEvidenceState {
    return {
      judges: this.challenges.map(({ judge, samples }) => ({ judge: judge.toJSON(), samples: samples.toJSON() })),
      goal: this.goal?.toJSON() ?? null,
      rate: this.rate.toJSON(),
      units: this.units,
      requests: this.requests,
      fallbacks: this.fallbacks.toJSON(),
    };
  }

  private observeTrial(entry: TrialEntry): void {
    if (entry.isRest !== true) this.countTraffic(entry);
    if (this.isOver) return;
    if (entry.isRest !== true) this.count(entry);
    for (const { arm, judge, samples } of this.challenges) {
      if (entry.arm !== 0 && entry.arm !== arm) continue;
      const outcome = toOutcome(entry, entry.arm === 0 ? 0 : 1, shareOf(this.spec, arm));
      if (entry.isRest === true) judge.observeRest(outcome);
      else judge.observe(outcome);
      if (entry.arm === arm) samples.add(entry);
    }
  }

  private countTraffic(entry: TrialEntry): void {
    this.rate.add(entry.at);
    this.fallbacks.add(entry);
  }

  private count(entry: TrialEntry): void {
    this.requests++;
    this.units[entry.arm]!++;
    this.seen.add(entry);
  }

  /** What this gateway's requests are, it said itself; others' are looked for among the latest. */
  private observeFeedback({ requestId, name, value, key, trials }: Extract<LogEntry, { kind: 'feedback' }>): void {
    if (this.goal === null || name !== this.spec.goal?.feedback) return;
    const ours = (trial: TrialReference) => trial.rollout === this.spec.name && trial.epoch === this.epoch;
    const trial = trials === null ? this.seen.find(requestId, key) : (trials.find(ours) ?? null);
    if (trial !== null) this.goal.observe({ arm: trial.arm, unit: trial.unit ?? requestId, value });
  }

  private fallbackWarnings(now: Seconds): readonly string[] {
    const names = this.spec.arms.map(({ name }) => name);
    return this.fallbacks.warnings(names, now);
  }

  private silentOf({ arm, judge }: Challenge, reason: string, now: Seconds): readonly string[] {
    if (reason !== 'no_traffic') return [];
    const names = [this.spec.arms[0]!.name, this.spec.arms[arm]!.name];
    return silentArms(judge, now).map((each) => names[each]!);
  }

  private guardMetrics({ arm, judge, samples }: Challenge): readonly MetricAnalysis[] {
    const arms = [this.spec.arms[0]!.name, this.spec.arms[arm]!.name] as const;
    return metricsOf({ judge, arms, samples, unitsToGo: new Map() });
  }

  private goalMetrics(): readonly MetricAnalysis[] {
    const feedback = this.spec.goal?.feedback ?? '';
    return this.goal?.pairs().map((finding) => toMetric(feedback, finding)) ?? [];
  }
}

function challengesOf({ arms, judgement }: RolloutSpec, saved?: ExperimentEvidenceState): readonly Challenge[] {
  const rivals = arms.length - 1;
  return arms.slice(1).map((_, index) => ({
    arm: index + 1,
    judge: restoredJudge(judgePlan(judgement, [], rivals), saved?.judges[index]?.judge),
    samples: new Samples(saved?.judges[index]?.samples),
  }));
}

function goalOf({ arms, goal }: RolloutSpec, saved: GoalSnapshot | null): GoalJudge | null {
  if (goal === null) return null;
  const plan: GoalPlan = {
    arms: arms.map(({ name }) => name),
    shares: arms.map(({ weight }) => weight),
    better: goal.better,
  };
  if (saved === null) return new GoalJudge(plan);
  try {
    return GoalJudge.restore(plan, saved);
  } catch (error) {
    if (error instanceof RangeError) return new GoalJudge(plan);
    throw error;
  }
}

/** Of an arm among the units that are in it or in the first one. */
function shareOf({ arms }: RolloutSpec, arm: number): number {
  return arms[arm]!.weight / (arms[0]!.weight + arms[arm]!.weight);
}

/** An arm that is worse than the first is told of as that. */
function toMetric(feedback: string, finding: GoalFinding): MetricAnalysis {
  const { better, worse, decidedBy, state, threshold, effect, counts, arms } = finding;
  return {
    role: 'goal',
    metric: feedback,
    segment: null,
    state: state === 'worse' ? 'crossed' : state,
    margin: null,
    eValue: decidedBy ?? Math.max(better, worse),
    threshold,
    harmlessness: null,
    harmlessThreshold: null,
    effect,
    counts: [
      { arm: arms[0], ...counts[0] },
      { arm: arms[1], ...counts[1] },
    ],
    unitsToGo: null,
    samples: [],
  };
}

/** Null where one of them waits for ever. */
function longest(all: readonly Patience[], of: keyof Patience): Milliseconds | null {
  const times = all.map((each) => each[of]);
  return times.includes(null) ? null : Math.max(...(times as Milliseconds[]));
}
