import type { Seconds } from '../core/units.ts';
import type { Cell, Counts } from './cell.ts';
import { rejectedCount } from './e-bh.ts';
import type { Effect } from './effect.ts';
import type { Guard } from './guard.ts';
import type { JudgePlan } from './plan.ts';
import type { Segments } from './segments.ts';

/**
 * How the chance of a false rollback is shared out. The tests on follow-ups bet on coins that the tests on first requests
 * have already shown, so the two cannot be averaged; a share of the error budget for each makes any of them valid.
 */
const LATER_SHARE = 0.1;
const SEGMENT_SHARE = 0.15;

/** A segment is named when, were the harm everywhere, it would look so concentrated with a smaller chance than this. */
const CONFINED_LEVEL = 0.03;
/** Imagined stable events that follow the units, for when there are hardly any real ones. */
const PRIOR_EVENTS = 10;

/** Evidence that speaks for a decision. */
export interface Finding {
  readonly metric: string;
  /** `metadata.language=fr`; null: all traffic. */
  readonly segment: string | null;
  readonly eValue: number;
  /** What the e-value has reached, or would have to reach. */
  readonly threshold: number;
  readonly effect: Effect;
  readonly counts: Counts;
}

/** A guard that was crossed. It stays so whatever comes later: the chance of a false one covers all of time. */
export interface Alarm extends Finding {
  readonly at: Seconds;
  /** Counts the outcomes judged, from 1. */
  readonly request: number;
}

/** How large an e-value on all traffic must be, for a unit's first requests and for its later ones. */
export function guardThresholds(plan: JudgePlan): { readonly first: number; readonly later: number } {
  const segments = plan.segments.length > 0 ? SEGMENT_SHARE : 0;
  const guards = plan.guards.length;
  return {
    first: guards / (plan.alpha * (1 - LATER_SHARE - segments)),
    later: guards / (plan.alpha * LATER_SHARE),
  };
}

/** How large the e-value of a segment must be where it is the only one rejected. */
export function segmentThreshold({ alpha }: JudgePlan, weight: number): number {
  return 1 / (alpha * SEGMENT_SHARE * weight);
}

/** Whether a weighted e-value may be rejected together with others, given how many tests there are. */
export function couldBeRejected({ alpha }: JudgePlan, weighted: number, tests: number): boolean {
  return weighted * alpha * SEGMENT_SHARE * tests >= 1;
}

/** What the tests on segments find now, the strongest first. */
export function segmentFindings(plan: JudgePlan, segments: Segments, guards: readonly Guard[]): readonly Finding[] {
  const tests = segments.all.map((test) => ({ ...test, weighted: test.cell.eValue * test.weight }));
  const alpha = plan.alpha * SEGMENT_SHARE;
  const rejected = rejectedCount(
    tests.map(({ weighted }) => weighted),
    alpha,
  );
  return tests
    .toSorted((a, b) => b.weighted - a.weighted)
    .slice(0, rejected)
    .map(({ cell, guard, segment, weight }) =>
      findingOf(guards[guard]!.metric, segment, cell, segmentThreshold(plan, weight * rejected)),
    );
}

/**
 * What to tell of an alarm on all traffic: its e-value, and effect and counts of the segment that the harm is confined to,
 * where that is plain to see.
 */
export function blame(guard: number, metric: string, all: Cell, threshold: number, segments: Segments): Finding {
  let worst = null;
  for (const test of segments.all)
    if (test.guard === guard && isConfined(test.cell, all) && (worst === null || test.cell.eValue > worst.cell.eValue))
      worst = test;
  return { ...findingOf(metric, worst?.segment ?? null, worst?.cell ?? all, threshold), eValue: all.eValue };
}

/**
 * Either the segment's evidence alone is stronger than that of everything together, which has it and more; or it has far
 * more of the canary's events than its share of stable's events and units explains.
 */
function isConfined(segment: Cell, all: Cell): boolean {
  if (segment.eValue > all.eValue) return true;
  const [part, whole] = [segment.counts(), all.counts()];
  if (part.canary.events === null || part.stable.units === whole.stable.units) return false;
  const expected = part.stable.units / whole.stable.units;
  const share = (part.stable.events! + PRIOR_EVENTS * expected) / (whole.stable.events! + PRIOR_EVENTS);
  return chanceOfAtLeast(part.canary.events, whole.canary.events!, share) < CONFINED_LEVEL;
}

/** Of so many events among all, each with the chance. */
function chanceOfAtLeast(events: number, all: number, chance: number): number {
  let log = all * Math.log1p(-chance);
  let below = 0;
  for (let count = 0; count < events; count++) {
    below += Math.exp(log);
    log += Math.log(((all - count) / (count + 1)) * (chance / (1 - chance)));
  }
  return 1 - below;
}

export function findingOf(metric: string, segment: string | null, cell: Cell, threshold: number): Finding {
  return { metric, segment, eValue: cell.eValue, threshold, effect: cell.effect(), counts: cell.counts() };
}
