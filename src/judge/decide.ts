import type { Seconds } from '../core/units.ts';
import type { Judge } from './judge.ts';
import {
  ADVANCE_ALPHA,
  MIN_CANARY_UNITS,
  SAMPLE_RATIO_ALPHA,
  WATCH_ALPHA,
  type DoubtAction,
  type JudgePlan,
} from './plan.ts';

/** An arm that should have had so many units and had none gets no traffic; by chance it is once in e^30. */
const AWAITED_UNITS = 30;
/** Without any outcome for so long there is no traffic at all. */
const IDLE: Seconds = 600;

export type Decision = 'none' | 'hold' | 'advance' | 'promote' | 'rollback';

/**
 * `guard`: a guard was crossed. `harmless`: every guard's harm is shown to be within its margin. `inconclusive`: the
 * step's time is up. `srm`: the arms get another share of the units than they should. `watch`: a watched distribution
 * changed. `gathering`: not enough is known yet. `manual`: no guard is declared, weights change by hand.
 */
export type Reason = 'guard' | 'harmless' | 'inconclusive' | 'srm' | 'no_traffic' | 'watch' | 'gathering' | 'manual';

/** An e-value and what it must reach. */
interface Evidence {
  readonly metric: string;
  readonly segment: string | null;
  readonly eValue: number;
  readonly threshold: number;
}

export interface Verdict {
  readonly decision: Decision;
  readonly reason: Reason;
  /** What decided, or is furthest from deciding; null where no single metric did. */
  readonly evidence: Evidence | null;
  /** Doubts about the comparison that are declared as warnings only. */
  readonly warnings: readonly ('srm' | 'no_traffic')[];
}

/** Where the rollout stands, as far as a decision needs it. */
interface Standing {
  readonly now: Seconds;
  /** There is no higher weight to go to. */
  readonly isLastStep: boolean;
  /** Where this step's own differ from those of the plan. */
  readonly minSeconds?: Seconds | undefined;
  readonly maxSeconds?: Seconds | null | undefined;
}

/** What the evidence so far asks for. Cheap enough to be asked after every outcome. */
export function decide(judge: Judge, standing: Standing): Verdict {
  const alarm = judge.alarms[0];
  if (alarm !== undefined) return { decision: 'rollback', reason: 'guard', evidence: alarm, warnings: NONE };
  const doubts = doubtsOf(judge, standing.now);
  const warnings = doubts.filter(({ action }) => action === 'warn').map(({ reason }) => reason);
  const doubt = doubts.find(({ action }) => action === 'rollback') ?? doubts.find(({ action }) => action === 'hold');
  if (doubt !== undefined)
    return { decision: doubt.action as 'rollback' | 'hold', reason: doubt.reason, evidence: doubt.evidence, warnings };
  const changed = changedWatch(judge);
  if (changed !== null) return { decision: 'hold', reason: 'watch', evidence: changed, warnings };
  if (!judge.plan.isAutomatic) return { decision: 'none', reason: 'manual', evidence: null, warnings };
  return { ...stepVerdict(judge, standing), warnings };
}

const NONE: Verdict['warnings'] = [];

interface Doubt {
  readonly reason: 'srm' | 'no_traffic';
  readonly action: DoubtAction;
  readonly evidence: Evidence | null;
}

function doubtsOf(judge: Judge, now: Seconds): Doubt[] {
  const { plan } = judge;
  const doubts: Doubt[] = [];
  const eValue = judge.sampleRatioEValue;
  const threshold = 1 / SAMPLE_RATIO_ALPHA;
  if (eValue >= threshold) {
    const evidence = { metric: 'srm', segment: null, eValue, threshold };
    doubts.push({ reason: 'srm', action: plan.onSampleRatio, evidence });
  }
  if (isIdle(judge, now) || judge.awaitedUnits.some((units) => units >= AWAITED_UNITS))
    doubts.push({ reason: 'no_traffic', action: plan.onNoTraffic, evidence: null });
  return doubts;
}

function isIdle({ at, step }: Judge, now: Seconds): boolean {
  return now - Math.max(at, step.startedAt) >= IDLE;
}

/** Which arms a verdict for `no_traffic` is about: one that had no share of the other's traffic, else both. */
export function silentArms(judge: Judge, now: Seconds): readonly number[] {
  const deprived = BOTH.filter((arm) => judge.awaitedUnits[arm] >= AWAITED_UNITS);
  return deprived.length === 0 || isIdle(judge, now) ? BOTH : deprived;
}

const BOTH = [0, 1] as const;

function changedWatch({ watches }: Judge): Evidence | null {
  const threshold = watches.length / WATCH_ALPHA;
  const changed = watches.find((watch) => watch.eValue >= threshold && watch.isNotable());
  return changed === undefined ? null : { metric: changed.metric, segment: null, eValue: changed.eValue, threshold };
}

function stepVerdict(judge: Judge, standing: Standing): Omit<Verdict, 'warnings'> {
  const { plan, step } = judge;
  const { now, isLastStep, minSeconds = plan.minSeconds, maxSeconds = plan.maxSeconds } = standing;
  const elapsed = now - step.startedAt;
  const onward = isLastStep ? 'promote' : 'advance';
  // Nothing is left to compare with; what was to be shown was shown before, or somebody decided to go on without.
  const isAlone = isLastStep && plan.steps.at(-1) === 100;
  const evidence = leastHarmless(judge);
  const isShown = evidence === null || evidence.eValue >= evidence.threshold;
  const isDue = elapsed >= minSeconds;
  const isUp = maxSeconds !== null && elapsed >= maxSeconds;
  // Time alone shows nothing: without a request since the step began there is no answer, not even an inconclusive one.
  if (judge.at < step.startedAt && ((isDue && isAlone) || isUp) && plan.onNoTraffic !== 'warn')
    return { decision: plan.onNoTraffic, reason: 'no_traffic', evidence: null };
  if (isDue && isShown && (isAlone || step.canaryUnits >= MIN_CANARY_UNITS))
    return { decision: onward, reason: 'harmless', evidence };
  if (isDue && isAlone) return { decision: onward, reason: 'inconclusive', evidence };
  if (!isUp) return { decision: 'none', reason: 'gathering', evidence };
  return { decision: whenInconclusive(plan, onward), reason: 'inconclusive', evidence };
}

function whenInconclusive(plan: JudgePlan, onward: 'advance' | 'promote'): Decision {
  if (plan.inconclusive === 'pause') return 'hold';
  return plan.inconclusive === 'advance' ? onward : 'rollback';
}

/** The guard that is furthest from being shown harmless; null without guards. */
function leastHarmless({ guards }: Judge): Evidence | null {
  const threshold = 1 / ADVANCE_ALPHA;
  let metric = null;
  let eValue = Infinity;
  for (const guard of guards)
    if (guard.harmlessness < eValue) {
      metric = guard.metric;
      eValue = guard.harmlessness;
    }
  return metric === null ? null : { metric, segment: null, eValue, threshold };
}
