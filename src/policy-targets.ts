import type { ModelCall } from './core/call.ts';
import { GatewayError } from './core/errors.ts';
import type { JsonDocument } from './core/json-document.ts';
import type { Target } from './core/target.ts';
import type { OpenCall } from './open-calls.ts';
import type { PolicyJudge } from './policy/judge.ts';
import type { Plan, PlannedTarget } from './route/plan-targets.ts';
import type { BodyChanges } from './route/upstream-body.ts';

/** What policies judge a target by. */
export interface Judged {
  readonly policy: PolicyJudge;
  readonly open: OpenCall;
  readonly call: ModelCall;
  /** The body as it would be sent, before changes. */
  readonly document: JsonDocument;
}

/**
 * The plan with the targets that policies leave, and with what they change for each: what the call may take is measured by that.
 * @throws GatewayError `policy_denied` where none is left
 */
export function permitTargets(plan: Plan, judged: Judged): Plan {
  const permitted: PlannedTarget[] = [];
  let denial: GatewayError | null = null;
  for (const planned of plan.targets) {
    const changes = changesFor(planned.target, planned.changes, judged);
    if (changes instanceof GatewayError) denial ??= changes;
    else permitted.push(changes === planned.changes ? planned : { ...planned, changes });
  }
  if (permitted.length > 0 || denial === null) return { ...plan, targets: permitted };
  judged.policy.noteDenied();
  throw denial;
}

/** What is changed of the body for a target, or why it must not get it. */
export function changesFor(
  { provider, model }: Target,
  changes: BodyChanges,
  { policy, open, call, document }: Judged,
): BodyChanges | GatewayError {
  const verdict = policy.judgeTarget(provider, model ?? call.model ?? '');
  if (verdict instanceof GatewayError) return verdict;
  const { prompt } = policy;
  const system =
    prompt === null ? undefined : open.snapshot.config.prompts.get(prompt.name)?.get(prompt.version)?.system;
  const params = verdict.over(changes.params, document, open.exchange.operation);
  if (params === changes.params && system === undefined) return changes;
  return { model: changes.model, params, system: system ?? changes.system };
}
