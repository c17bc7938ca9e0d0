import { EventGuard, type EventGuardState } from './event-guard.ts';
import type { Guard } from './guard.ts';
import { isEventMetric, type GuardPlan } from './plan.ts';
import { ValueGuard, type ValueGuardState } from './value-guard.ts';

/** @param saved what the guard of the same plan gave by `toJSON` */
export function createGuard({ metric, ratio }: GuardPlan, saved?: unknown): Guard {
  if (isEventMetric(metric)) return new EventGuard(metric, ratio, saved as EventGuardState | undefined);
  return new ValueGuard(metric, ratio, saved as ValueGuardState | undefined);
}
