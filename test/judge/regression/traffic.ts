import type { RegressionConfig } from '../../../src/core/config.ts';
import type { TrafficEntry } from '../../../src/judge/regression/metrics.ts';
import type { RegressionEvent } from '../../../src/judge/regression/route-trends.ts';
import { RegressionJudge } from '../../../src/judge/regression/judge.ts';
import { NULLS, SETTINGS, Traffic, type World } from '../../../bench/regression-scenarios.ts';

/** Blocks of a second, learnt within ten; evidence of an hour without false alarms. */
export const FAST: RegressionConfig = {
  ...SETTINGS,
  segments: [],
  baseline: 120_000,
  falseAlarmEvery: 3_600_000,
  minimum: { requests: 100, time: 10_000 },
};

export const INDEPENDENT = NULLS[0]!;

export function trafficEntry(change: Partial<TrafficEntry> = {}): TrafficEntry {
  return { kind: 'traffic', route: 'chat', requestId: 'request-1', at: 0, error: false, ...change };
}

/** A change of the world from a second on. */
export interface Phase {
  readonly from: number;
  readonly world: Partial<World>;
}

/** A judge that has seen 50 requests a second, and what it told meanwhile. */
export function judgeOf(
  config: RegressionConfig,
  phases: readonly Phase[],
  until: number,
  change: (entry: TrafficEntry) => TrafficEntry = (entry) => entry,
): { readonly judge: RegressionJudge; readonly events: readonly RegressionEvent[] } {
  const judge = new RegressionJudge(config);
  const traffic = new Traffic(INDEPENDENT, 50, 1);
  for (let at = 0; at < until;) {
    const entry = traffic.next(phases.findLast(({ from }) => at >= from)?.world);
    at = entry.at;
    judge.observe(change(entry));
  }
  return { judge, events: judge.takeEvents() };
}
