import type { Analysis, MetricAnalysis } from '../core/analysis.ts';
import type { LogEntry } from '../core/outcome.ts';
import type { Rollout, RolloutSpec } from '../core/rollout.ts';
import type { Milliseconds, Seconds } from '../core/units.ts';
import { decide, silentArms, type Verdict } from '../judge/decide.ts';
import { Judge, type JudgeSnapshot } from '../judge/judge.ts';
import { judgePlan, type JudgePlan } from '../judge/plan.ts';
import type { Conclusion, Evidence, Veto } from './evidence.ts';
import { FallbackCount, type FallbackCountState } from './fallback-count.ts';
import { metricsOf } from './metric-analysis.ts';
import type { Patience } from './outcome-buffer.ts';
import { Samples, type SamplesState } from './samples.ts';
import { unitsToGo, unitsToMinimum } from './time-to-go.ts';
import { TrafficRate, type TrafficRateState } from './traffic-rate.ts';
import { toOutcome } from './trial-outcome.ts';
import { nextSentence, summarySentence, type TimeToGo } from './wording.ts';

export interface CanaryEvidenceState {
  readonly epoch: number;
  readonly judge: JudgeSnapshot;
  readonly samples: SamplesState;
  readonly rate: TrafficRateState | undefined;
  /** The step that the judge is in, by the time it began. */
  readonly since: Milliseconds;
  /** Not in snapshots of earlier software. */
  readonly fallbacks?: FallbackCountState;
  /** Not in snapshots of earlier software. */
  readonly newUnits?: TrafficRateState | undefined;
}

/** Of a canary: one judge, canary against stable. */
export class CanaryEvidence implements Evidence {
  readonly epoch: number;
  private readonly judge: Judge;
  private readonly samples: Samples;
  private readonly rate: TrafficRate;
  /** Of units that were bet on: only those bring evidence. */
  private readonly newUnits: TrafficRate;
  private readonly fallbacks: FallbackCount;
  private since: Milliseconds;

  constructor({ spec, state }: Rollout, saved?: CanaryEvidenceState) {
    const plan = planOf(spec);
    this.epoch = state.epoch;
    this.judge = restoredJudge(plan, saved?.judge);
    this.samples = new Samples(saved?.samples);
    this.rate = new TrafficRate(saved?.rate);
    // Of evidence of earlier software there is no better guess, and it is forgotten within minutes.
    this.newUnits = new TrafficRate(saved?.newUnits ?? saved?.rate);
    this.fallbacks = new FallbackCount(ARMS.length, saved?.fallbacks);
    this.since = saved?.since ?? -1;
  }

  observe(entry: LogEntry): void {
    if (entry.kind !== 'trial') return;
    const outcome = toOutcome(entry, entry.arm, entry.probability);
    if (entry.isRest === true) this.judge.observeRest(outcome);
    else {
      const before = this.units;
      this.judge.observe(outcome);
      if (this.units > before) this.newUnits.add(entry.at);
      this.rate.add(entry.at);
      this.fallbacks.add(entry);
    }
    if (entry.arm === 1) this.samples.add(entry);
  }

  private get units(): number {
    const [stable, canary] = this.judge.unitsByArm;
    return stable + canary;
  }

  follow({ state }: Rollout): void {
    if (state.since === this.since) return;
    this.since = state.since;
    this.judge.beginStep(state.since / 1000);
  }

  conclude(rollout: Rollout, now: Seconds): Conclusion {
    const verdict = decide(this.judge, standingOf(rollout, now));
    const { decision, reason, warnings } = verdict;
    const names = armNames(rollout.spec);
    const silent = reason === 'no_traffic' ? silentArms(this.judge, now).map((arm) => names[arm]!) : [];
    return { decision, reason, arm: null, metric: this.metricOf(verdict), warnings, silent };
  }

  analyse(rollout: Rollout, conclusion: Conclusion, now: Milliseconds, veto: Veto | null): Analysis {
    const { judge } = this;
    const rate = this.rate.perSecond(now / 1000);
    const unitRate = this.newUnits.perSecond(now / 1000);
    const timeToGo = this.timeToGo(rollout, now / 1000, unitRate);
    const isHeld = veto !== null || conclusion.decision === 'hold';
    const metrics = this.metrics(rollout);
    const facts = { rollout, conclusion, timeToGo, veto, rate, unitRate, suspect: strongest(metrics) };
    return {
      rollout: rollout.spec.name,
      revision: rollout.revision,
      epoch: this.epoch,
      at: now,
      decision: veto === null ? conclusion.decision : 'hold',
      reason: veto === null ? conclusion.reason : 'gate',
      summary: summarySentence(facts),
      next: nextSentence(facts),
      minutesToGo: isHeld ? null : (timeToGo?.minutes ?? null),
      requests: judge.requests,
      units: armNames(rollout.spec).map((arm, index) => ({ arm, units: judge.unitsByArm[index]! })),
      requestRate: rate,
      unitRate,
      warnings: [...conclusion.warnings, ...this.fallbacks.warnings(armNames(rollout.spec), now / 1000)],
      metrics,
    };
  }

  patience(): Patience | null {
    return patienceOf(this.judge);
  }

  toJSON(): CanaryEvidenceState {
    return {
      epoch: this.epoch,
      judge: this.judge.toJSON(),
      samples: this.samples.toJSON(),
      rate: this.rate.toJSON(),
      newUnits: this.newUnits.toJSON(),
      since: this.since,
      fallbacks: this.fallbacks.toJSON(),
    };
  }

  private metrics(rollout: Rollout): readonly MetricAnalysis[] {
    const missing = unitsToGo(this.judge, rollout.state.weight);
    return metricsOf({ judge: this.judge, arms: armNames(rollout.spec), samples: this.samples, unitsToGo: missing });
  }

  private metricOf({ evidence }: Verdict): MetricAnalysis | null {
    if (evidence === null) return null;
    const all = metricsOf({ judge: this.judge, arms: ARMS, samples: this.samples, unitsToGo: new Map() });
    const { metric, segment } = evidence;
    return all.find((each) => each.metric === metric && each.segment === segment) ?? null;
  }

  /** Until the rollout goes on by itself; null: it does not, or nobody knows when. */
  private timeToGo({ spec, state }: Rollout, now: Seconds, unitRate: number): TimeToGo | null {
    if (state.phase !== 'progressing' || !this.judge.plan.isAutomatic) return null;
    const { minSeconds, maxSeconds } = timesOf(spec, state.step, this.judge.plan);
    const elapsed = now - state.since / 1000;
    const bake = Math.max(0, minSeconds - elapsed);
    const isAlone = state.weight >= 100;
    const proof = isAlone ? 0 : this.secondsOfProof(state.weight, unitRate);
    const shown = proof === null ? Infinity : Math.max(bake, proof);
    const forced = isAlone ? bake : maxSeconds === null ? Infinity : Math.max(bake, maxSeconds - elapsed);
    if (shown === Infinity && forced === Infinity) return null;
    return shown < forced ? { minutes: shown / 60, by: 'proof' } : { minutes: forced / 60, by: 'time' };
  }

  /** Of traffic as it is now, until every guard is shown harmless. */
  private secondsOfProof(weight: number, unitRate: number): number | null {
    const { judge } = this;
    let units = unitsToMinimum(judge, weight);
    for (const missing of unitsToGo(judge, weight).values()) {
      if (missing === null) return null;
      units = Math.max(units, missing);
    }
    if (units === 0) return 0;
    return unitRate > 0 ? units / unitRate : null;
  }
}

const ARMS = ['stable', 'canary'] as const;

function strongest(metrics: readonly MetricAnalysis[]): MetricAnalysis | null {
  const guards = metrics.filter(({ role }) => role === 'guard');
  return guards.toSorted((a, b) => b.eValue / b.threshold - a.eValue / a.threshold)[0] ?? null;
}

function armNames({ arms }: RolloutSpec): [string, string] {
  return [arms[0]!.name, arms[1]!.name];
}

function planOf({ judgement, steps }: RolloutSpec): JudgePlan {
  return judgePlan(
    judgement,
    steps.map(({ weight }) => weight),
  );
}

/** Evidence for another declaration says nothing about this one. */
export function restoredJudge(plan: JudgePlan, saved: JudgeSnapshot | undefined): Judge {
  if (saved === undefined) return new Judge(plan);
  try {
    return Judge.restore(plan, saved);
  } catch (error) {
    if (error instanceof RangeError) return new Judge(plan);
    throw error;
  }
}

function standingOf({ spec, state }: Rollout, now: Seconds) {
  const { min = null, max = null } = spec.steps[state.step] ?? {};
  const isLastStep = !spec.steps.some(({ weight }) => weight > state.weight);
  return {
    now,
    isLastStep,
    minSeconds: min === null ? undefined : min / 1000,
    maxSeconds: max === null ? undefined : max / 1000,
  };
}

function timesOf({ steps }: RolloutSpec, step: number, plan: JudgePlan): Pick<JudgePlan, 'minSeconds' | 'maxSeconds'> {
  const { min = null, max = null } = steps[step] ?? {};
  return {
    minSeconds: min === null ? plan.minSeconds : min / 1000,
    maxSeconds: max === null ? plan.maxSeconds : max / 1000,
  };
}

/** How long a request is waited for: after that it is over every threshold of the guard, whatever it will take. */
export function patienceOf({ guards }: Judge): Patience | null {
  const of = (name: string) => guards.find(({ metric }) => metric === name)?.patienceMs ?? null;
  const [latencyMs, ttftMs] = [of('latency_p95'), of('ttft_p95')];
  return latencyMs === null && ttftMs === null ? null : { latencyMs, ttftMs };
}
