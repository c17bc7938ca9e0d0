import type { RolloutSpec } from '../core/rollout.ts';
import { Issues, placeless, type Path, type Problem } from './problem.ts';

/**
 * Warns of a canary whose guards look at no time: of one that hangs nothing is seen where callers give up before it
 * answers, as a request that its caller left comes to nothing that could be judged.
 */
export function adviseGuards({ kind, judgement: { guard } }: RolloutSpec, at: Path, issues: Issues): void {
  const isGuarded = Object.keys(guard).length > 0;
  if (kind !== 'canary' || !isGuarded || guard.latency_p95 !== undefined || guard.ttft_p95 !== undefined) return;
  issues.add(
    [...at, 'guard'],
    'has neither latency_p95 nor ttft_p95: a canary that hangs until its callers give up would go unnoticed',
    'add e.g. latency_p95: +50%',
  );
}

/** The same of one rollout that is no part of a file. */
export function guardWarnings(spec: RolloutSpec): readonly Problem[] {
  const issues = new Issues();
  adviseGuards(spec, [spec.name], issues);
  return issues.list.map(placeless);
}
