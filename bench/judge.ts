import { decide } from '../src/judge/decide.ts';
import { eventGrowth } from '../src/judge/budget.ts';
import { Judge } from '../src/judge/judge.ts';
import { ADVANCE_ALPHA, ROLLBACK_ALPHA, judgePlan, type DeclaredJudgement, type JudgePlan } from '../src/judge/plan.ts';
import { RIVALS, type Rival } from './judge-rivals.ts';
import { clopperPearson, shiftGrowth, sum } from './judge-math.ts';
import { INDEPENDENT, NO_HARM, RATE, Random, SCENARIOS, SPREAD, type Harm, type Scenario } from './judge-scenarios.ts';
import { regressionRows, scoreRegressions, type RegressionFigures, type RegressionSettings } from './regression.ts';
import { atLeast, atMost, type SuiteReport, type Target } from './report.ts';
import type { Settings } from './settings.ts';

/** How often and how long everything is simulated. */
interface JudgeSettings {
  readonly nullRuns: number;
  readonly nullRequests: number;
  readonly harmRuns: number;
  readonly harmRequests: number;
  readonly rivalRuns: number;
  readonly regression: RegressionSettings;
}

const FULL: JudgeSettings = {
  nullRuns: 2000,
  nullRequests: 15_000,
  harmRuns: 500,
  harmRequests: 100_000,
  rivalRuns: 200,
  regression: { nullRoutes: 4, nullDays: 30, changeRuns: 50 },
};
const QUICK: JudgeSettings = {
  nullRuns: 200,
  nullRequests: 10_000,
  harmRuns: 100,
  harmRequests: 60_000,
  rivalRuns: 100,
  regression: { nullRoutes: 1, nullDays: 10, changeRuns: 10 },
};

const WEIGHT = 0.05;
const ERROR_RATE = 0.01;
/** An hour, as the rivals are judged. */
const RIVAL_REQUESTS = 60 * 60 * RATE;
const STEPS = [5, 100];
/** No margin at all: the largest canary that may not be rolled back is then the one that is simulated. */
const STRICT: DeclaredJudgement = {
  guard: { error_rate: '+0%', latency_p95: '+0%', cost: '+0%' },
  segments: ['metadata.language'],
};

interface Case {
  readonly name: string;
  readonly declared: DeclaredJudgement;
  readonly harm: Partial<Harm>;
  /** In requests, of a bettor that knows the rates and stakes all on it; null: not known in closed form. */
  readonly budget: number | null;
}

const ERRORS: DeclaredJudgement = { guard: { error_rate: '+0%' } };
const LATENCY: DeclaredJudgement = { guard: { latency_p95: '+0%' } };
const BY_LANGUAGE: DeclaredJudgement = { guard: { error_rate: '+25%' }, segments: ['metadata.language'] };

const CASES: readonly Case[] = [
  ...[2, 3, 5, 10].map((times) => ({
    name: `errors 1 -> ${times} %`,
    declared: ERRORS,
    harm: { errors: times },
    budget: -Math.log(ROLLBACK_ALPHA) / eventGrowth(WEIGHT, ERROR_RATE, ERROR_RATE * times, 1),
  })),
  ...[1.1, 1.25, 1.5, 2].map((times) => ({
    name: `latency x ${times}`,
    declared: LATENCY,
    harm: { latency: times },
    budget: -Math.log(ROLLBACK_ALPHA) / shiftGrowth(WEIGHT, Math.log(times) / SPREAD),
  })),
  { name: '5 % of replies x 4 slower', declared: LATENCY, harm: { tail: 0.05 }, budget: null },
  { name: 'one language, errors 1 -> 20 %', declared: BY_LANGUAGE, harm: { errors: 20, language: 'fr' }, budget: null },
];

/** The scoring protocol of the judge: false alarms where there is no harm, delays where there is. */
export async function run({ isQuick }: Settings): Promise<SuiteReport> {
  return score(isQuick ? QUICK : FULL);
}

function score(settings: JudgeSettings): SuiteReport {
  const nulls = SCENARIOS.map((scenario) => falseAlarms(scenario, settings));
  const delays = CASES.map((one) => delaysOf(one, settings));
  const micros = costOf(COST_OUTCOMES);
  const rivals = [EPROCESS, ...RIVALS].map((rival) => rivalFigures(rival, settings.rivalRuns));
  const regressions = scoreRegressions(settings.regression);
  return {
    suite: 'judge',
    targets: [...targetsOf(nulls, delays, micros), ...regressionTargets(regressions)],
    columns: ['no harm: false rollbacks, %', 'runs', 'rate', 'low', 'high', 'holds', 'clears', 'us/outcome'],
    rows: [
      ...nulls.map(({ name, runs, alarms, bounds: [low, high], holds, clears, micros }) => {
        return [name, runs, ...[alarms / runs, low, high, holds, clears].map((share) => 100 * share), micros];
      }),
      ['harm: requests until rollback', 'runs', 'missed', 'median', 'p90', 'canary', 'x budget', ''],
      ...delays.map(({ name, runs, missed, median, p90, exposed, ratio }) => {
        return [name, runs, missed, median, p90, exposed, ratio, ''];
      }),
      ['others, an hour at 20/s: alarms, %', 'runs', 'A/A', 'incident', '3 %: min', '5 %: min', '10 %: min', ''],
      ...rivals.map(({ name, runs, same, incident, minutes }) => [name, runs, same, incident, ...minutes, '']),
      ...regressionRows(regressions),
    ],
    notes: [
      `alpha is ${100 * ROLLBACK_ALPHA} %; nulls have margins of 0 %, three guards and a segment dimension; the bounds are Clopper-Pearson's at 95 %`,
      'holds: runs with one; clears: guards shown to be within a margin that they are exactly at, at most 5 %',
      `nulls run ${settings.nullRequests} requests each at a weight of 5 % (ramping and clustered: rising); harm runs up to ${settings.harmRequests}`,
      'route alone: every metric on all traffic and in three languages counts; one false alarm per metric in 30 days is allowed',
      'us/outcome in the table has the simulation of the traffic and a decision after each outcome in it',
    ],
    rounds: { settings, nulls, delays, rivals, micros, regressions },
  };
}

function targetsOf(nulls: readonly NullFigures[], delays: readonly DelayFigures[], micros: number): readonly Target[] {
  const worst = nulls.reduce((worst, { alarms, runs }) => Math.max(worst, alarms / runs), 0);
  const known = delays.filter(({ name }) => name.startsWith('errors'));
  const oneLanguage = delays.at(-1)!;
  const tenfold = delays.find(({ name }) => name === 'errors 1 -> 10 %')!;
  return [
    atMost(100 * ROLLBACK_ALPHA, '%', 'false rollbacks, worst null', 100 * worst),
    atMost(0.1, '%', 'false holds, mean of nulls', (100 * sum(nulls.map(({ holds }) => holds))) / nulls.length),
    atMost(100 * ADVANCE_ALPHA, '%', 'false clears per guard', 100 * Math.max(...nulls.map(({ clears }) => clears))),
    atMost(1.3, 'x budget', 'median delay, errors', Math.max(...known.map(({ ratio }) => ratio!))),
    atMost(2.7, 'x budget', 'p90 delay, errors', Math.max(...known.map(({ p90Ratio }) => p90Ratio!))),
    atMost(50, 'canary requests', 'errors 1 -> 10 %, median', tenfold.exposed),
    atLeast(90, '%', 'one language only: named', (100 * oneLanguage.named) / oneLanguage.runs),
    atMost(3, 'us', 'six guards, two watches, two segment dimensions, per outcome', micros),
  ];
}

function regressionTargets({ nulls, changes, micros }: RegressionFigures): readonly Target[] {
  const busy = changes.filter(({ perSecond }) => perSecond === 10);
  const slowest = Math.max(...busy.map(({ medianMinutes }) => medianMinutes ?? Infinity));
  return [
    atMost(1, 'in 30 days', 'route alone: false alarms, worst null', Math.max(...nulls.map((one) => one.per30Days))),
    atMost(60, 'min', 'route alone: median delay, worst change', slowest),
    atMost(3, 'us', 'route alone: eleven metrics and a segment dimension, per request', micros),
  ];
}

interface NullFigures {
  readonly name: string;
  readonly runs: number;
  readonly alarms: number;
  readonly bounds: readonly [number, number];
  /** Share of the runs in which the traffic looked wrong: another share of units, or none. */
  readonly holds: number;
  /** Share of the guards that were once shown to be within a margin that they are exactly at. */
  readonly clears: number;
  readonly micros: number;
}

function falseAlarms(scenario: Scenario, { nullRuns, nullRequests }: JudgeSettings): NullFigures {
  const plan = judgePlan(STRICT, STEPS);
  const began = process.cpuUsage();
  const runs = Array.from({ length: nullRuns }, (_, run) => nullRun(plan, scenario, nullRequests, 100_000 + run));
  const { user, system } = process.cpuUsage(began);
  const outcomes = runs.reduce((sum, { judge }) => sum + judge.requests, 0);
  const alarms = runs.filter(({ judge }) => judge.alarms.length > 0).length;
  return {
    name: scenario.name,
    runs: nullRuns,
    alarms,
    bounds: clopperPearson(alarms, nullRuns),
    holds: runs.filter(({ isHeld }) => isHeld).length / nullRuns,
    clears: runs.reduce((sum, { cleared }) => sum + cleared.size, 0) / nullRuns / plan.guards.length,
    micros: (user + system) / outcomes,
  };
}

/** Everything that can be declared; each conversation has three requests. */
const ALL: DeclaredJudgement = {
  guard: {
    error_rate: '+25%',
    ttft_p95: '+15%',
    latency_p95: '+15%',
    refusal_rate: '+25%',
    invalid_json: '+25%',
    cost: '+20%',
  },
  watch: ['finish_reason', 'output_tokens'],
  segments: ['metadata.language', 'key'],
};
const COST_OUTCOMES = 200_000;

/** CPU time of the judge alone, in microseconds per outcome, after as many to warm up. */
function costOf(count: number): number {
  const random = new Random(400_000);
  const next = INDEPENDENT.begin(random, NO_HARM, WEIGHT);
  const outcomes = Array.from({ length: count }, (_, index) => {
    const outcome = { ...next() };
    return {
      ...outcome,
      unit: `conversation-${Math.floor(index / 3)}`,
      key: `key-${index % 5}`,
      refusal: random.uniform() < ERROR_RATE,
      invalidJson: random.uniform() < ERROR_RATE,
      ttftMs: outcome.latencyMs! / 4,
      outputTokens: Math.ceil(outcome.latencyMs! / 10),
      finishReason: random.uniform() < 0.1 ? 'length' : 'stop',
    };
  });
  const plan = judgePlan(ALL, STEPS);
  const judge = () => {
    const began = process.cpuUsage();
    const one = new Judge(plan);
    for (const outcome of outcomes) one.observe(outcome);
    const { user, system } = process.cpuUsage(began);
    return (user + system) / one.requests;
  };
  judge();
  return judge();
}

/** Asks for a decision after every outcome, as a replay does. */
function nullRun(plan: JudgePlan, scenario: Scenario, limit: number, seed: number) {
  const next = scenario.begin(new Random(seed), NO_HARM, WEIGHT);
  const judge = new Judge(plan);
  const cleared = new Set<string>();
  let isHeld = false;
  while (judge.requests < limit && judge.alarms.length === 0) {
    judge.observe(next());
    isHeld ||= decide(judge, { now: judge.at, isLastStep: false }).decision === 'hold';
    for (const guard of judge.guards) if (guard.harmlessness >= 1 / ADVANCE_ALPHA) cleared.add(guard.metric);
  }
  return { judge: { alarms: judge.alarms, requests: judge.requests }, cleared, isHeld };
}

interface DelayFigures {
  readonly name: string;
  readonly runs: number;
  readonly missed: number;
  readonly median: number | null;
  readonly p90: number | null;
  /** Canary units until then, in the median. */
  readonly exposed: number | null;
  readonly ratio: number | null;
  readonly p90Ratio: number | null;
  /** Runs in which the rollback named French. */
  readonly named: number;
}

function delaysOf({ name, declared, harm, budget }: Case, { harmRuns, harmRequests }: JudgeSettings): DelayFigures {
  const plan = judgePlan(declared, STEPS);
  const runs = Array.from({ length: harmRuns }, (_, run) =>
    judgeRun(plan, INDEPENDENT, { ...NO_HARM, ...harm }, harmRequests, 200_000 + run),
  );
  const found = (one: { judge: Judge; requests: number }) => one.judge.alarms.length > 0;
  const delays = runs.map((one) => (found(one) ? one.requests : Infinity)).sort((a, b) => a - b);
  const exposures = runs.map((one) => (found(one) ? one.judge.unitsByArm[1] : Infinity)).sort((a, b) => a - b);
  const [median, p90, exposed] = [at(delays, 0.5), at(delays, 0.9), at(exposures, 0.5)];
  return {
    name,
    runs: harmRuns,
    missed: runs.filter((one) => !found(one)).length,
    median,
    p90,
    exposed,
    ratio: budget === null || median === null ? null : median / budget,
    p90Ratio: budget === null || p90 === null ? null : p90 / budget,
    named: runs.filter(({ judge }) => judge.alarms[0]?.segment === 'metadata.language=fr').length,
  };
}

function judgeRun(plan: JudgePlan, scenario: Scenario, harm: Harm, limit: number, seed: number) {
  const next = scenario.begin(new Random(seed), harm, WEIGHT);
  const judge = new Judge(plan);
  let requests = 0;
  while (requests < limit && judge.alarms.length === 0) {
    judge.observe(next());
    requests++;
  }
  return { judge, requests };
}

function at(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.floor(share * (sorted.length - 1))]!;
  return Number.isFinite(value) ? value : null;
}

/** The judge as the rivals are asked: once a minute. */
const EPROCESS: Rival = {
  name: 'Sluice, margin 0 %',
  begin() {
    const judge = new Judge(judgePlan(ERRORS, STEPS));
    return {
      observe: (outcome) => judge.observe(outcome),
      isAlarm: () => decide(judge, { now: judge.at, isLastStep: false }).decision === 'rollback',
    };
  },
};

function rivalFigures(rival: Rival, runs: number) {
  const incident = SCENARIOS.find(({ name }) => name === 'shared incident')!;
  const alarmRate = (scenario: Scenario) =>
    (100 * minutesOf(rival, scenario, NO_HARM, runs).filter(Number.isFinite).length) / runs;
  return {
    name: rival.name,
    runs,
    same: alarmRate(INDEPENDENT),
    incident: alarmRate(incident),
    minutes: [3, 5, 10].map((errors) => at(minutesOf(rival, INDEPENDENT, { ...NO_HARM, errors }, runs), 0.5)),
  };
}

/** Until the alarm, sorted; Infinity where there is none within the hour. */
function minutesOf(rival: Rival, scenario: Scenario, harm: Harm, runs: number): readonly number[] {
  const minutes = Array.from({ length: runs }, (_, run) => {
    const next = scenario.begin(new Random(300_000 + run), harm, WEIGHT);
    const judge = rival.begin();
    for (let request = 1; request <= RIVAL_REQUESTS; request++) {
      judge.observe(next());
      if (request % (60 * RATE) === 0 && judge.isAlarm()) return request / (60 * RATE);
    }
    return Infinity;
  });
  return minutes.sort((a, b) => a - b);
}
