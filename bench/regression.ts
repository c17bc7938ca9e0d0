import { RegressionJudge, type RegressionSnapshot } from '../src/judge/regression/judge.ts';
import { CHANGES, DAY, NULLS, ROUGH, SETTINGS, Traffic, type Change, type Weather } from './regression-scenarios.ts';
import type { Cell } from './report.ts';

/** How often and how long routes without a rollout are simulated. */
export interface RegressionSettings {
  readonly nullRoutes: number;
  readonly nullDays: number;
  readonly changeRuns: number;
}

const NULL_RATE = 1;
const LEARNING = DAY / 2;
/** A change that is not found within so long counts as missed. */
const LIMIT = DAY / 2;
const CHANGE_RATES = [10, 1];
/** Evidence is looked at so often. */
const LOOK = 600;

export interface NullFigures {
  readonly name: string;
  readonly routes: number;
  readonly alarms: number;
  /** Of a route with all its metrics and segments. */
  readonly per30Days: number;
  /** The largest evidence that was seen, as a share of what opens a regression; logarithms of both. */
  readonly nearest: number;
}

export interface ChangeFigures {
  readonly name: string;
  readonly perSecond: number;
  readonly runs: number;
  readonly missed: number;
  readonly medianMinutes: number | null;
  readonly p90Minutes: number | null;
  readonly medianRequests: number | null;
  /** Regressions that were opened for anything else than what the change moves, all runs together. */
  readonly others: number;
}

export interface RegressionFigures {
  readonly nulls: readonly NullFigures[];
  readonly rough: NullFigures;
  readonly changes: readonly ChangeFigures[];
  /** CPU per request, the judge alone. */
  readonly micros: number;
}

export function scoreRegressions(settings: RegressionSettings): RegressionFigures {
  return {
    nulls: NULLS.map((weather) => nullFigures(weather, settings)),
    rough: nullFigures(ROUGH, settings),
    changes: CHANGE_RATES.flatMap((perSecond) => changesAt(perSecond, settings.changeRuns)),
    micros: microsPerRequest(),
  };
}

export function regressionRows({ nulls, rough, changes }: RegressionFigures): readonly (readonly Cell[])[] {
  return [
    ['route alone, no change', 'routes', 'alarms', 'per 30 d', 'nearest, %', '', '', ''],
    ...[...nulls, rough].map(({ name, routes, alarms, per30Days, nearest }) => {
      return [name, routes, alarms, per30Days, 100 * nearest, '', '', ''];
    }),
    ['route alone, a change', 'per s', 'runs', 'missed', 'median, min', 'p90, min', 'requests', 'others'],
    ...changes.map((one) => {
      const { name, perSecond, runs, missed, medianMinutes, p90Minutes, medianRequests, others } = one;
      return [name, perSecond, runs, missed, medianMinutes, p90Minutes, medianRequests, others];
    }),
  ];
}

export function nullFigures(
  weather: Weather,
  { nullRoutes, nullDays }: Pick<RegressionSettings, 'nullRoutes' | 'nullDays'>,
): NullFigures {
  let alarms = 0;
  let nearest = 0;
  for (let route = 0; route < nullRoutes; route++) {
    const judge = new RegressionJudge(SETTINGS);
    const traffic = new Traffic(weather, NULL_RATE, 500_000 + route);
    for (let next = LOOK; next <= nullDays * DAY; next += LOOK) {
      feedUntil(judge, traffic, next);
      for (const { logE, threshold } of judge.states()) nearest = Math.max(nearest, logE / threshold);
    }
    alarms += judge.takeEvents().filter(({ action }) => action === 'opened').length;
  }
  return { name: weather.name, routes: nullRoutes, alarms, per30Days: (30 * alarms) / nullRoutes / nullDays, nearest };
}

function feedUntil(judge: RegressionJudge, traffic: Traffic, end: number): void {
  for (let entry = traffic.next(); ; entry = traffic.next()) {
    judge.observe(entry);
    if (entry.at >= end) return;
  }
}

/** Every change begins after the same traffic, so it is learnt once a run. */
function changesAt(perSecond: number, runs: number): readonly ChangeFigures[] {
  const learnt = Array.from({ length: runs }, (_, run) => snapshotAfter(perSecond, 600_000 + run));
  return CHANGES.map((change) => changeFigures(change, perSecond, learnt));
}

export function snapshotAfter(perSecond: number, seed: number): RegressionSnapshot {
  const judge = new RegressionJudge(SETTINGS);
  feedUntil(judge, new Traffic(NULLS[0]!, perSecond, seed), LEARNING);
  return structuredClone(judge.toJSON());
}

export function changeFigures(change: Change, perSecond: number, learnt: readonly RegressionSnapshot[]): ChangeFigures {
  const runs = learnt.map((snapshot, run) => changeRun(change, perSecond, snapshot, 700_000 + run));
  const sorted = (pick: (run: ChangeRun) => number) => runs.map(pick).sort((a, b) => a - b);
  const minutes = sorted(({ seconds }) => seconds / 60);
  return {
    name: change.name,
    perSecond,
    runs: runs.length,
    missed: runs.filter(({ seconds }) => seconds === Infinity).length,
    medianMinutes: at(minutes, 0.5),
    p90Minutes: at(minutes, 0.9),
    medianRequests: at(
      sorted(({ requests }) => requests),
      0.5,
    ),
    others: runs.reduce((sum, { others }) => sum + others, 0),
  };
}

interface ChangeRun {
  readonly seconds: number;
  readonly requests: number;
  readonly others: number;
}

function changeRun({ metrics, segment, world }: Change, perSecond: number, snapshot: RegressionSnapshot, seed: number) {
  const judge = RegressionJudge.restore(SETTINGS, snapshot);
  const traffic = new Traffic(NULLS[0]!, perSecond, seed, LEARNING);
  const run = { seconds: Infinity, requests: Infinity, others: 0 } satisfies ChangeRun;
  for (let requests = 1; run.seconds === Infinity; requests++) {
    const entry = traffic.next(world);
    if (entry.at > LEARNING + LIMIT) return run;
    judge.observe(entry);
    for (const { regression } of judge.takeEvents()) {
      if (!metrics.includes(regression.metric)) run.others++;
      else if (regression.metric === metrics[0] && regression.segment === (segment ?? null))
        [run.seconds, run.requests] = [entry.at - LEARNING, requests];
    }
  }
  return run;
}

function at(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.floor(share * (sorted.length - 1))]!;
  return Number.isFinite(value) ? value : null;
}

/** Of all metrics and one segment dimension, at 50 requests a second, after as many to warm up. */
function microsPerRequest(): number {
  const traffic = new Traffic(NULLS[0]!, 50, 800_000);
  const entries = Array.from({ length: 200_000 }, () => ({ ...traffic.next() }));
  const judge = () => {
    const one = new RegressionJudge(SETTINGS);
    const began = process.cpuUsage();
    for (const entry of entries) one.observe(entry);
    const { user, system } = process.cpuUsage(began);
    return (user + system) / entries.length;
  };
  judge();
  return judge();
}
