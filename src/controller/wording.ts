import type { ArmCounts, MetricAnalysis } from '../core/analysis.ts';
import { cannotBeShown, missingEvents, missingRequests } from '../core/metric-words.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Milliseconds } from '../core/units.ts';
import type { Conclusion, Veto } from './evidence.ts';

/** When a rollout goes on by itself, and whether that is once its guards are shown to be harmless or once a time is up. */
export interface TimeToGo {
  readonly minutes: number;
  readonly by: 'proof' | 'time';
}

interface Facts {
  readonly rollout: Rollout;
  readonly conclusion: Conclusion;
  readonly timeToGo: TimeToGo | null;
  /** The guard with the strongest evidence against the canary; null without guards. */
  readonly suspect: MetricAnalysis | null;
  readonly veto: Veto | null;
  /** Requests a second. */
  readonly rate: number;
  /** New units a second. */
  readonly unitRate: number;
}

/** One sentence: what is so, and why. */
export function summarySentence({ rollout, conclusion, veto, suspect }: Facts): string {
  const { phase, weight } = rollout.state;
  if (phase === 'degraded') return `Rolled back${because(conclusion)}.`;
  if (veto !== null) return `Waits at ${percent(weight)}: the gate "${veto.by}" says no (${veto.because}).`;
  if (phase === 'healthy')
    return weight >= 100
      ? 'Done: all matching traffic is on the canary.'
      : `Promoted; ${percent(100 - weight)} is held back on stable to compare with.`;
  if (phase === 'paused') return `${pausedSentence(rollout)}${pausedFinding(conclusion, suspect)}`;
  return `${percent(weight)} is on the canary. ${suspicion(conclusion, suspect) ?? reasonSentence(conclusion)}`;
}

/** A change that is written so soon after the weight was reached is the one that reached it. */
const ARRIVAL: Milliseconds = 1_000;

/**
 * Why it is paused. The state does not tell: a pause point pauses at the arrival; the controller, once the step's time is
 * up, which counts from there; everything else is somebody's doing.
 */
function pausedSentence({ spec, state, updatedAt }: Rollout): string {
  const step = spec.steps[state.step];
  const lasted = updatedAt - state.since;
  const max = step?.max ?? spec.judgement.step?.max ?? null;
  const isOnStep = step?.weight === state.weight;
  const nextMove = 'it waits for `resume` or `promote`';
  const where = `Paused at ${percent(state.weight)}`;
  if (isOnStep && step.pause && lasted < ARRIVAL) return `${where}, a pause point: ${nextMove}.`;
  const isPausedByTime = (spec.judgement.step?.inconclusive ?? 'pause') === 'pause';
  if (isPausedByTime && max !== null && lasted >= max)
    return `${where}: the time of the step was up without a clear answer; ${nextMove}.`;
  return `${where} by hand: ${nextMove}.`;
}

/** What the evidence says meanwhile; that time goes on says nothing. */
function pausedFinding(conclusion: Conclusion, suspect: MetricAnalysis | null): string {
  if (conclusion.reason === 'inconclusive' || conclusion.reason === 'manual') return '';
  return ` ${suspicion(conclusion, suspect) ?? reasonSentence(conclusion)}`;
}

/** @param values of feedback that were judged; null: the experiment has no goal */
export function experimentSummary({ spec, state }: Rollout, conclusion: Conclusion, values: number | null): string {
  if (state.phase === 'degraded') return `Stopped${because(conclusion)}.`;
  if (state.winner !== null) return `All matching traffic is on the arm "${state.winner}".`;
  const running = `${percent(state.weight)} of the matching traffic takes part.`;
  if (conclusion.decision !== 'none') return `${running} ${reasonSentence(conclusion)}`;
  if (values === null) return `${running} It has no goal: nothing is compared but its guards.`;
  return `${running} ${values} values of "${spec.goal!.feedback}" were sent; no arm is shown to be better.`;
}

export function experimentNext({ spec, state }: Rollout, { arm }: Conclusion): string | null {
  if (state.phase === 'degraded') return '`retry` starts it again; nothing happens by itself.';
  if (state.winner !== null) return 'Make it the target of the route and remove the experiment.';
  if (spec.goal === null) return null;
  if (arm === null) return 'It is decided when one arm is shown to be better than every other.';
  return spec.goal.then === 'promote'
    ? 'It takes all of the traffic.'
    : `\`promote --arm ${arm}\` gives it all of the traffic.`;
}

/** Why a decision was made, for the history. */
export function decisionReason(conclusion: Conclusion): string {
  return reasonSentence(conclusion);
}

/** One sentence: what comes next; null where nothing comes by itself. */
export function nextSentence(facts: Facts): string | null {
  const { rollout, conclusion, timeToGo, veto } = facts;
  const { spec, state } = rollout;
  if (state.phase === 'degraded') return '`retry` starts it again; nothing happens by itself.';
  if (state.phase === 'paused')
    return '`resume` lets it go on from here, `promote` takes the next step, `abort` goes back.';
  if (state.phase === 'healthy') return holdbackSentence(rollout);
  if (veto !== null) return 'The gate is asked again every 15 seconds.';
  if (conclusion.reason === 'manual') return 'No guard and no step time is declared: `promote` takes the next step.';
  const next = spec.steps.find(({ weight }) => weight > state.weight);
  const goal = next === undefined ? 'is done' : `goes to ${percent(next.weight)}`;
  if (conclusion.decision === 'hold') return `It ${goal} once that is no longer so; \`promote\` overrules it.`;
  if (timeToGo?.by === 'time')
    return `${atTheLatest(rollout, goal)} when the time of the step is up: ${time(timeToGo)}.${silence(facts)}`;
  const { metric } = conclusion;
  const proof =
    metric === null ? 'when the step has lasted long enough' : `when ${metric.metric} is shown to be harmless`;
  if (timeToGo !== null) return `It ${goal} ${proof}: ${time(timeToGo)} at ${rateText(facts)}.`;
  const missing = metric === null ? null : missingEvents(metric);
  if (missing !== null) return `It ${goal} ${proof}, which ${cannotBeShown(missing)}.`;
  const unheard = metric === null ? null : missingRequests(metric);
  if (unheard !== null) return `It ${goal} ${proof}; ${unheard}.`;
  if (facts.unitRate === 0)
    return `It ${goal} ${proof}, but ${noneCome(facts)}: only \`promote\` or \`step.max\` ends it.`;
  return `It ${goal} ${proof}: ${time(timeToGo)} at ${rateText(facts)}.`;
}

/** Why only time makes it go on. */
function silence(facts: Facts): string {
  const { metric } = facts.conclusion;
  if (metric === null) return '';
  const missing = missingEvents(metric);
  if (missing !== null) return ` That ${metric.metric} is harmless ${cannotBeShown(missing)}.`;
  const unheard = missingRequests(metric);
  if (unheard !== null) return ` ${capital(unheard)}.`;
  return facts.unitRate === 0 ? ` Nothing more can be shown: ${noneCome(facts)}.` : '';
}

/** Requests of units that were judged before bring no evidence of their own. */
function noneCome({ rate }: Facts): string {
  return rate === 0 ? 'no requests come' : 'no new users come';
}

/** What the time is reckoned from. Most requests are units of their own where that is not worth a word. */
function rateText({ rate, unitRate }: Facts): string {
  const isAlike = unitRate >= 0.95 * rate;
  const value = isAlike ? rate : unitRate;
  const text = value >= 10 ? Math.round(value) : Number(value.toPrecision(2));
  return `${text} ${isAlike ? 'requests' : 'new users'} a second`;
}

function atTheLatest({ spec, state }: Rollout, goal: string): string {
  const inconclusive = spec.judgement.step?.inconclusive ?? 'pause';
  if (inconclusive === 'advance' || state.weight === 100) return `It ${goal}`;
  const what = inconclusive === 'pause' ? 'It pauses' : 'It is rolled back';
  return `${what}, unless every guard is shown to be harmless before,`;
}

function holdbackSentence({ spec, state }: Rollout): string | null {
  if (state.weight >= 100 || spec.holdback === null) return null;
  return `The rest follows at ${new Date(state.since + spec.holdback.for).toISOString().slice(0, 16).replace('T', ' ')} UTC.`;
}

/** Half of what it takes, on the scale of the evidence, is worth a word. */
const SUSPICIOUS = 0.5;

function suspicion({ decision }: Conclusion, suspect: MetricAnalysis | null): string | null {
  if (decision !== 'none' || suspect === null) return null;
  const { eValue, threshold } = suspect;
  const isSuspicious = eValue > 1 && Math.log(eValue) >= SUSPICIOUS * Math.log(threshold);
  return isSuspicious ? `Not for sure yet: ${metricClause(suspect)}.` : null;
}

/** What else may have rolled it back, the history tells. */
function because({ decision, metric, reason }: Conclusion): string {
  return decision === 'rollback' && reason === 'guard' && metric !== null ? `: ${metricClause(metric)}` : '';
}

function reasonSentence({ decision, reason, metric, arm, silent = [] }: Conclusion): string {
  if (decision === 'rollback' && reason === 'guard' && metric !== null) return `${metricClause(metric)}.`;
  if (arm !== null && metric !== null) return `Arm "${arm}" is better: ${metricClause(metric)}.`;
  if (decision === 'hold' && metric !== null && reason !== 'inconclusive')
    return `${reason === 'paired' ? 'The copies differ' : 'Held'}: ${metricClause(metric)}.`;
  if (reason === 'no_traffic' && silent.length > 0) return `${capital(silentSentence(silent))}.`;
  return `${capital(REASONS[reason] ?? reason)}.`;
}

/** @param silent one arm of two, or both */
function silentSentence(silent: readonly string[]): string {
  return silent.length === 1 ? `the arm "${silent[0]!}" gets no traffic` : 'no requests come';
}

const REASONS: Readonly<Record<string, string>> = {
  guard: 'a guard was crossed',
  harmless: 'every guard is shown to be within its margin',
  inconclusive: "the step's time is up without a clear answer",
  srm: 'the arms get another share of the units than they should',
  no_traffic: 'an arm gets no traffic, or both get none',
  watch: 'a watched distribution changed',
  gathering: 'nothing speaks against it so far; evidence is gathered',
  manual: 'weights change by hand only',
  goal: 'the goal is decided',
  paired: 'the copies do worse',
};

/** `error_rate is +812 % (at least +140 %) where language=fr, margin +25 %, e-value 2.3e+4 of 556`. */
export function metricClause(analysis: MetricAnalysis): string {
  const { metric, segment, effect, margin, eValue, threshold } = analysis;
  const where = segment === null ? '' : ` where ${segment}`;
  const { estimate, low, high } = effect;
  const nearest = (estimate ?? 1) < 0 ? high : low;
  const isSure = nearest !== null && nearest * (estimate ?? 1) > 0;
  const bound = isSure ? ` (at least ${signed(nearest)})` : '';
  const at = effect.quantile === 0.5 ? ' at the median' : '';
  const accepted = margin === null ? '' : `, margin ${signed(margin - 1)}`;
  return `${metric} ${sizeText(analysis)}${bound}${at}${where}${accepted}, e-value ${short(eValue)} of ${short(threshold)} needed`;
}

/** Without an estimate only what is shown is told, and the numbers. */
function sizeText({ role, state, effect: { estimate, low }, counts }: MetricAnalysis): string {
  const pair = role === 'goal' ? ` for ${counts[1].arm} against ${counts[0].arm}` : '';
  if (estimate !== null) return `is ${signed(estimate)}${pair}`;
  if (role === 'goal') return ratesText(counts) ?? 'differs';
  if (state === 'crossed' || low !== null) return 'is up';
  return role === 'guard' ? (ratesText(counts) ?? 'may be up') : 'differs';
}

/** `is 82 % of 38 (kind) against 48 % of 27 (plain)`; null where no events are counted, or nobody had any request. */
function ratesText([first, second]: MetricAnalysis['counts']): string | null {
  const [before, after] = [shareText(first), shareText(second)];
  return before === null || after === null ? null : `is ${after} against ${before}`;
}

function shareText({ arm, units, events }: ArmCounts): string | null {
  return events === null || units === 0 ? null : `${Math.round((100 * events) / units)} % of ${units} (${arm})`;
}

function signed(ratio: number): string {
  const value = 100 * ratio;
  return `${value >= 0 ? '+' : ''}${Math.abs(value) < 10 ? Number(value.toFixed(1)) : Math.round(value)} %`;
}

function short(value: number): string {
  if (value < 0.01) return '0';
  return value < 1e6 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
}

function time(timeToGo: TimeToGo | null): string {
  if (timeToGo === null) return 'nobody can tell when';
  const { minutes } = timeToGo;
  if (minutes < 1) return 'less than a minute';
  if (minutes < 120) return `about ${Math.round(minutes)} min`;
  return minutes < 48 * 60 ? `about ${Math.round(minutes / 60)} h` : `about ${Math.round(minutes / 1440)} days`;
}

function percent(value: number): string {
  return `${Number(value.toFixed(2))} %`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
