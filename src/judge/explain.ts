import { findingOf, segmentThreshold, type Finding } from './alarms.ts';
import type { Verdict } from './decide.ts';
import { UNKNOWN_EFFECT } from './effect.ts';
import type { Judge } from './judge.ts';

/** The evidence of a verdict with effect and counts; null where no single metric decided. */
export function explain(judge: Judge, { evidence, reason }: Verdict): Finding | null {
  if (evidence === null) return null;
  if (reason === 'guard') return judge.alarms[0]!;
  const guard = judge.guards.find(({ metric }) => metric === evidence.metric);
  if (guard !== undefined) return { ...evidence, effect: guard.first.effect(), counts: guard.first.counts() };
  const watch = judge.watches.find(({ metric }) => metric === evidence.metric);
  if (watch !== undefined) return { ...evidence, effect: watch.effect(), counts: watch.counts() };
  return { ...evidence, effect: UNKNOWN_EFFECT, counts: unitCounts(judge) };
}

/** All that the guards know, on all traffic and then by segment. */
export function allFindings(judge: Judge): readonly Finding[] {
  const { guards, segments, thresholds, plan } = judge;
  return [
    ...guards.map(({ metric, first }) => findingOf(metric, null, first, thresholds.first)),
    ...segments.all.map(({ guard, segment, cell, weight }) =>
      findingOf(guards[guard]!.metric, segment, cell, segmentThreshold(plan, weight)),
    ),
  ];
}

function unitCounts({ unitsByArm: [stable, canary] }: Judge): Finding['counts'] {
  return { stable: { units: stable, events: null }, canary: { units: canary, events: null } };
}
