import type { Rollout, RolloutSpec, RolloutState, RolloutStep } from '../core/rollout.ts';
import type { Milliseconds, Percent } from '../core/units.ts';
import { isJudgedTheSame, servesTheSame } from './declaration.ts';
import { RolloutError } from './errors.ts';

/** What people and the controller do to a rollout in force. */
export type RolloutCommand =
  | { readonly verb: 'set-weight'; readonly weight: Percent }
  /** `arm`: of an experiment, the one that takes all. */
  | { readonly verb: 'promote'; readonly full: boolean; readonly arm?: string | undefined }
  /** `reshuffle`: other units than before come to the canary first. */
  | { readonly verb: 'retry'; readonly reshuffle?: boolean | undefined }
  | { readonly verb: 'pause' | 'resume' | 'abort' | 'release-holdback' };

type Outcome = RolloutState | RolloutError;

/** Hundredths of a percent: one unit in 10,000, which the 32-bit positions of units resolve with ease. */
const WEIGHT_STEPS_PER_PERCENT = 100;

/**
 * The rollout after a command, the same object where the command changes nothing, or why it is refused. `version` and
 * `updatedAt` are left to the writer.
 * @param now wall clock
 */
export function reduce(rollout: Rollout, command: RolloutCommand, now: Milliseconds): Rollout | RolloutError {
  const next = REDUCERS[rollout.spec.kind](rollout, command, now);
  if (next instanceof RolloutError) return next;
  return next === rollout.state ? rollout : { ...rollout, state: next };
}

/** Where a rollout starts, and where `retry` takes it back to. @param epoch counts its starts, from 1 */
export function initialState(spec: RolloutSpec, now: Milliseconds, epoch = 1, saltTurn = 0): RolloutState {
  const start = { desired: 'canary', epoch, since: now, winner: null, saltTurn } as const;
  if (spec.kind === 'canary') return { ...start, ...arrival(spec.steps[0]!), step: 0 };
  return { ...start, phase: 'healthy', step: 0, weight: spec.kind === 'experiment' ? 100 : 0 };
}

/** Where a rollout stands once all of its traffic, less what is held back, is on the canary. */
export function promotedState(spec: RolloutSpec, state: RolloutState, now: Milliseconds): RolloutState {
  const weight = 100 - (spec.holdback?.weight ?? 0);
  const step = Math.max(0, spec.steps.length - 1);
  return { ...state, phase: 'healthy', step, weight, desired: 'canary', since: now };
}

/**
 * The state that a rollout takes into a new declaration. Another canary starts over. One whose old declaration cannot be
 * read any more (`previous` null) starts over too, unless it was rolled back: that must never be undone by accident. Where
 * only what it is judged by is another, the weight stays, and the evidence begins anew.
 */
export function applySpec(
  state: RolloutState,
  previous: RolloutSpec | null,
  next: RolloutSpec,
  now: Milliseconds,
): RolloutState {
  const isSame = previous === null ? state.phase === 'degraded' : servesTheSame(previous, next);
  if (!isSame) return initialState(next, now, state.epoch + 1, state.saltTurn);
  const step = state.phase === 'progressing' ? stepAt(next.steps, state.weight) : state.step;
  const kept = withHoldback({ ...state, step: Math.min(step, Math.max(0, next.steps.length - 1)) }, next, now);
  const isJudgedAnew = previous !== null && !isJudgedTheSame(previous, next) && state.phase !== 'degraded';
  return isJudgedAnew ? { ...kept, epoch: state.epoch + 1, since: now } : kept;
}

/** What is still held back follows the declaration; what was released stays so. */
function withHoldback(state: RolloutState, { kind, holdback }: RolloutSpec, now: Milliseconds): RolloutState {
  if (kind !== 'canary' || state.phase !== 'healthy' || state.weight === 100) return state;
  const weight = 100 - (holdback?.weight ?? 0);
  return weight === state.weight ? state : { ...state, weight, since: now };
}

type Reducer = (rollout: Rollout, command: RolloutCommand, now: Milliseconds) => Outcome;

const REDUCERS: Readonly<Record<RolloutSpec['kind'], Reducer>> = {
  canary: reduceCanary,
  experiment: reduceExperiment,
  shadow: reduceShadow,
};

function reduceCanary(rollout: Rollout, command: RolloutCommand, now: Milliseconds): Outcome {
  const { spec, state } = rollout;
  if (command.verb === 'abort') return abort(state, now);
  if (command.verb === 'retry') return retry(rollout, command.reshuffle === true, now);
  if (state.phase === 'degraded') return refuse(rollout, command.verb, 'it was rolled back; `retry` starts it again');
  if (command.verb === 'set-weight') return setWeight(state, command.weight, now);
  if (command.verb === 'promote') {
    if (command.arm === undefined) return promote(spec, state, command.full, now);
    return refuse(rollout, 'promote', 'only an experiment promotes one of its arms; leave the arm out');
  }
  if (command.verb === 'release-holdback') return releaseHoldback(rollout, now);
  if (state.phase === 'healthy')
    return refuse(rollout, command.verb, 'it has finished; `set-weight` or `abort` take traffic back');
  if (command.verb === 'pause') return state.phase === 'paused' ? state : { ...state, phase: 'paused' };
  if (state.phase === 'progressing') return state;
  return { ...state, phase: 'progressing', step: stepAt(spec.steps, state.weight), since: now };
}

/** An experiment has no steps: its weight is the share of the traffic that takes part. */
function reduceExperiment(rollout: Rollout, command: RolloutCommand, now: Milliseconds): Outcome {
  const { state } = rollout;
  if (command.verb === 'abort') return abort(state, now);
  if (command.verb === 'retry') return retry(rollout, command.reshuffle === true, now);
  if (state.phase === 'degraded') return refuse(rollout, command.verb, 'it was stopped; `retry` starts it again');
  if (command.verb === 'promote') return promoteArm(rollout, command.arm, now);
  if (command.verb === 'set-weight') return withoutWinner(setWeight(state, command.weight, now));
  if (command.verb === 'resume' && state.phase === 'paused') return { ...state, phase: 'healthy', since: now };
  return refuse(
    rollout,
    command.verb,
    'an experiment has no steps; `set-weight` sets the share that takes part, `promote` an arm ends it',
  );
}

/** A shadow takes no traffic, so it can only be stopped and started. */
function reduceShadow(rollout: Rollout, command: RolloutCommand, now: Milliseconds): Outcome {
  if (command.verb === 'abort') return abort(rollout.state, now);
  if (command.verb === 'retry') return retry(rollout, command.reshuffle === true, now);
  return refuse(rollout, command.verb, 'a shadow serves no traffic; change its `sample` and apply it, or `abort` it');
}

/** Arriving at a pause point, it waits for somebody. */
function arrival({ weight, pause }: RolloutStep): Pick<RolloutState, 'phase' | 'weight'> {
  return { phase: pause ? 'paused' : 'progressing', weight };
}

/** The step is kept: it tells how far the rollout had come. */
function abort(state: RolloutState, now: Milliseconds): RolloutState {
  if (state.phase === 'degraded') return state;
  return { ...state, phase: 'degraded', weight: 0, desired: 'stable', winner: null, since: now };
}

function retry({ spec, state }: Rollout, reshuffle: boolean, now: Milliseconds): Outcome {
  if (state.phase === 'degraded') return initialState(spec, now, state.epoch + 1, state.saltTurn + (reshuffle ? 1 : 0));
  return refuse({ spec, state }, 'retry', 'only a rollout that was rolled back is retried');
}

function setWeight(state: RolloutState, weight: Percent, now: Milliseconds): Outcome {
  const rounded = Math.round(weight * WEIGHT_STEPS_PER_PERCENT) / WEIGHT_STEPS_PER_PERCENT;
  const isValid = weight >= 0 && weight <= 100 && Math.abs(weight - rounded) < 1e-9;
  if (isValid) return { ...state, phase: 'paused', weight: rounded, since: now };
  return new RolloutError(
    'invalid_weight',
    `The weight ${weight} is not a percentage from 0 to 100 with at most two decimals.`,
  );
}

/** The next step is the first that raises the weight, so that promoting never takes traffic away. */
function promote(spec: RolloutSpec, state: RolloutState, full: boolean, now: Milliseconds): RolloutState {
  if (state.phase === 'healthy') return state;
  const promoted = promotedState(spec, state, now);
  const step = full ? -1 : spec.steps.findIndex(({ weight }) => weight > state.weight);
  // With a holdback the last step is the promotion itself: going to 100 % and back would move units twice.
  if (step < 0 || (spec.holdback !== null && spec.steps[step]!.weight >= promoted.weight)) return promoted;
  return { ...state, ...arrival(spec.steps[step]!), step, since: now };
}

function releaseHoldback(rollout: Rollout, now: Milliseconds): Outcome {
  const { state } = rollout;
  if (state.phase !== 'healthy')
    return refuse(rollout, 'release-holdback', 'nothing is held back before it is promoted');
  return state.weight === 100 ? state : { ...state, weight: 100, since: now };
}

function promoteArm(rollout: Rollout, arm: string | undefined, now: Milliseconds): Outcome {
  const { spec, state } = rollout;
  const names = spec.arms.map(({ name }) => name);
  if (arm === undefined || !names.includes(arm))
    return refuse(rollout, 'promote', `name the arm that takes all: ${names.join(', ')}`);
  if (state.winner === arm) return state;
  return { ...state, phase: 'healthy', weight: 100, winner: arm, since: now };
}

function withoutWinner(state: Outcome): Outcome {
  return state instanceof RolloutError || state.winner === null ? state : { ...state, winner: null };
}

/** The last step whose weight is not above the given one; the first where all are. */
function stepAt(steps: readonly RolloutStep[], weight: Percent): number {
  return Math.max(
    0,
    steps.findLastIndex((step) => step.weight <= weight),
  );
}

function refuse(
  { spec, state }: Pick<Rollout, 'spec' | 'state'>,
  verb: RolloutCommand['verb'],
  because: string,
): RolloutError {
  return new RolloutError(
    'invalid_transition',
    `The ${spec.kind} "${spec.name}" is ${state.phase} and cannot take \`${verb}\`: ${because}.`,
  );
}
