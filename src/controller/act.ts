import type { ConfirmGate } from '../core/config.ts';
import type { JsonValue, Rollout } from '../core/rollout.ts';
import type { Milliseconds } from '../core/units.ts';
import { reduce, type RolloutCommand } from '../rollout/reducer.ts';
import type { Conclusion } from './evidence.ts';
import { decisionReason } from './wording.ts';

/** What a conclusion makes the controller do. */
export interface Action {
  /** Null: nothing changes, the finding is noted. */
  readonly command: RolloutCommand | null;
  /** Asked before; null: nobody has to be. */
  readonly gate: ConfirmGate | null;
  /** Of the event. */
  readonly action: string;
  readonly reason: string;
  readonly detail: JsonValue;
}

/**
 * What is to be done; null: nothing. A guard protects in every phase in which traffic is compared, also while somebody
 * holds the weight by hand; everything else happens only while the steps are automatic.
 */
export function actionFor(rollout: Rollout, conclusion: Conclusion, now: Milliseconds): Action | null {
  const { phase } = rollout.state;
  if (phase === 'degraded') return null;
  const { decision } = conclusion;
  if (decision === 'rollback') return isCompared(rollout) ? acted(conclusion, { verb: 'abort' }, null) : null;
  if (rollout.spec.kind === 'shadow') return decision === 'hold' ? noted('decided', conclusion) : null;
  if (rollout.spec.kind === 'experiment') return experimentAction(rollout, conclusion);
  if (isHoldbackOver(rollout, now)) return released(rollout);
  if (phase !== 'progressing') return null;
  if (decision === 'advance' || decision === 'promote') return onward(rollout, conclusion, decision === 'promote', now);
  if (decision !== 'hold') return null;
  return conclusion.reason === 'inconclusive' ? acted(conclusion, { verb: 'pause' }, null) : noted('hold', conclusion);
}

/** Whoever confirms promotions is asked before all traffic moves, and not once it has. */
function onward(rollout: Rollout, conclusion: Conclusion, full: boolean, now: Milliseconds): Action {
  const command = { verb: 'promote', full } as const;
  const next = reduce(rollout, command, now);
  const isAll = !(next instanceof Error) && (next.state.phase === 'healthy' || next.state.weight === 100);
  if (rollout.state.weight === 100) return acted(conclusion, command, null);
  return acted(conclusion, command, isAll ? 'confirm-promotion' : 'confirm-advance');
}

function experimentAction({ spec, state }: Rollout, conclusion: Conclusion): Action | null {
  // All requests are for the winner then, which is no fault of the shares.
  if (state.winner !== null) return null;
  if (conclusion.decision === 'hold') return noted('hold', conclusion);
  if (conclusion.arm === null) return null;
  // Where the arms are answered in different shares, the values may say more about who speaks: people decide then.
  if (spec.goal?.then !== 'promote' || conclusion.warnings.length > 0) return noted('decided', conclusion);
  return acted(conclusion, { verb: 'promote', full: false, arm: conclusion.arm }, 'confirm-promotion');
}

/** Both arms have traffic, so that the evidence is about now. A shadow is compared as long as it runs. */
export function isCompared({ spec, state }: Rollout): boolean {
  if (spec.kind === 'canary') return state.phase !== 'healthy' || state.weight < 100;
  return state.winner === null;
}

function isHoldbackOver({ spec, state }: Rollout, now: Milliseconds): boolean {
  const { holdback } = spec;
  const isHeld = state.phase === 'healthy' && state.weight < 100 && holdback !== null;
  return isHeld && now - state.since >= holdback.for;
}

function released({ spec }: Rollout): Action {
  const reason = `held back ${spec.holdback!.weight} % for its time and found nothing`;
  return { command: { verb: 'release-holdback' }, gate: null, action: 'release-holdback', reason, detail: null };
}

function acted(conclusion: Conclusion, command: RolloutCommand, gate: ConfirmGate | null): Action {
  return { ...noted(command.verb, conclusion), command, gate };
}

function noted(action: string, conclusion: Conclusion): Action {
  const { decision, reason, metric } = conclusion;
  const detail = { decision, reason, metric } as unknown as JsonValue;
  return { command: null, gate: null, action, reason: decisionReason(conclusion), detail };
}
