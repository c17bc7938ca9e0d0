import { guardBudgets, type Baselines } from '../judge/budget.ts';
import type { Guard } from '../judge/guard.ts';
import type { Judge } from '../judge/judge.ts';
import { ADVANCE_ALPHA, MIN_CANARY_UNITS } from '../judge/plan.ts';
import type { Percent } from '../core/units.ts';

/** Of values: the spread of their logarithm, where it is not known. Of events: until stable has had enough units. */
const TYPICAL: Baselines = {
  error_rate: 0.01,
  refusal_rate: 0.01,
  invalid_json: 0.01,
  ttft_p95: 0.6,
  latency_p95: 0.6,
  cost: 0.8,
};
/** Stable units after which its own rates are used. */
const KNOWN_AFTER = 200;

/** Units, both arms together, until each guard is shown harmless, by the median; null: it cannot be. */
export function unitsToGo(judge: Judge, weight: Percent): ReadonlyMap<string, number | null> {
  const missing = new Map<string, number | null>();
  if (weight <= 0 || weight >= 100) return missing;
  const needed = -Math.log(ADVANCE_ALPHA);
  for (const { metric, clear } of guardBudgets(judge.plan, weight / 100, baselinesOf(judge))) {
    const guard = judge.guards.find((each) => each.metric === metric)!;
    const left = Math.max(0, 1 - Math.log(Math.max(guard.harmlessness, Number.MIN_VALUE)) / needed);
    const isKnown = clear !== null && (left === 0 || !isSilent(guard));
    missing.set(metric, isKnown ? Math.ceil(clear * left) : null);
  }
  return missing;
}

/** What never happened yet tells nothing, however many units there are. */
function isSilent({ first }: Guard): boolean {
  const { stable, canary } = first.counts();
  return stable.events === 0 && canary.events === 0;
}

/** Units until the canary has had the fewest that a step must have. */
export function unitsToMinimum(judge: Judge, weight: Percent): number {
  const missing = MIN_CANARY_UNITS - judge.step.canaryUnits;
  return missing <= 0 || weight <= 0 ? 0 : Math.ceil(missing / (weight / 100));
}

/** What stable does, as far as it is known. */
function baselinesOf(judge: Judge): Baselines {
  const known: { -readonly [Metric in keyof Baselines]: number } = { ...TYPICAL };
  for (const { metric, first } of judge.guards) {
    const { units, events } = first.counts().stable;
    if (events !== null && units >= KNOWN_AFTER) known[metric] = (events + 0.5) / (units + 1);
  }
  return known;
}
