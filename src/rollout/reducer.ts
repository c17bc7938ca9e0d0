import type { Rollout, RolloutSpec, RolloutState } from '../core/rollout.ts';
import type { Percent } from '../core/units.ts';
import { servesTheSame } from './declaration.ts';
import { RolloutError } from './errors.ts';

/** What people and the judge do to a rollout in force. */
export type RolloutCommand =
  | { readonly verb: 'set-weight'; readonly weight: Percent }
  | { readonly verb: 'promote'; readonly full: boolean }
  | { readonly verb: 'pause' | 'resume' | 'abort' | 'retry' };

type Outcome = RolloutState | RolloutError;

/** Hundredths of a percent: one unit in 10,000, which the 32-bit positions of units resolve with ease. */
const WEIGHT_STEPS_PER_PERCENT = 100;

/**
 * The rollout after a command, the same object where the command changes nothing, or why it is refused. `version` and
 * `updatedAt` are left to the writer.
 */
export function reduce(rollout: Rollout, command: RolloutCommand): Rollout | RolloutError {
  const next = REDUCERS[rollout.spec.kind](rollout, command);
  if (next instanceof RolloutError) return next;
  return next === rollout.state ? rollout : { ...rollout, state: next };
}

/** Where a rollout starts, and where `retry` takes it back to. */
export function initialState(spec: RolloutSpec): RolloutState {
  if (spec.kind === 'canary') return { phase: 'progressing', step: 0, weight: spec.steps[0]!, desired: 'canary' };
  return { phase: 'healthy', step: 0, weight: spec.kind === 'experiment' ? 100 : 0, desired: 'canary' };
}

/**
 * The state that a rollout takes into a new declaration. Another canary starts over. One whose old declaration cannot be
 * read any more (`previous` null) starts over too, unless it was rolled back: that must never be undone by accident.
 */
export function applySpec(state: RolloutState, previous: RolloutSpec | null, next: RolloutSpec): RolloutState {
  const isSame = previous === null ? state.phase === 'degraded' : servesTheSame(previous, next);
  if (!isSame) return initialState(next);
  const step = state.phase === 'progressing' ? stepAt(next.steps, state.weight) : state.step;
  return { ...state, step: Math.min(step, Math.max(0, next.steps.length - 1)) };
}

type Reducer = (rollout: Rollout, command: RolloutCommand) => Outcome;

const REDUCERS: Readonly<Record<RolloutSpec['kind'], Reducer>> = {
  canary: reduceCanary,
  experiment: reduceExperiment,
  shadow: reduceShadow,
};

function reduceCanary(rollout: Rollout, command: RolloutCommand): Outcome {
  const { spec, state } = rollout;
  if (command.verb === 'abort') return abort(state);
  if (command.verb === 'retry') return retry(rollout);
  if (state.phase === 'degraded') return refuse(rollout, command.verb, 'it was rolled back; `retry` starts it again');
  if (command.verb === 'set-weight') return setWeight(state, command.weight);
  if (command.verb === 'promote') return promote(spec, state, command.full);
  if (state.phase === 'healthy')
    return refuse(rollout, command.verb, 'it has finished; `set-weight` or `abort` take traffic back');
  if (command.verb === 'pause') return state.phase === 'paused' ? state : { ...state, phase: 'paused' };
  if (state.phase === 'progressing') return state;
  return { ...state, phase: 'progressing', step: stepAt(spec.steps, state.weight) };
}

/** An experiment has no steps: its weight is the share of the traffic that takes part. */
function reduceExperiment(rollout: Rollout, command: RolloutCommand): Outcome {
  const { state } = rollout;
  if (command.verb === 'abort') return abort(state);
  if (command.verb === 'retry') return retry(rollout);
  if (state.phase === 'degraded') return refuse(rollout, command.verb, 'it was stopped; `retry` starts it again');
  if (command.verb === 'set-weight') return setWeight(state, command.weight);
  if (command.verb === 'resume' && state.phase === 'paused') return { ...state, phase: 'healthy' };
  return refuse(
    rollout,
    command.verb,
    'an experiment has no steps; `set-weight` sets the share that takes part, `abort` ends it',
  );
}

/** A shadow takes no traffic, so it can only be stopped and started. */
function reduceShadow(rollout: Rollout, command: RolloutCommand): Outcome {
  if (command.verb === 'abort') return abort(rollout.state);
  if (command.verb === 'retry') return retry(rollout);
  return refuse(rollout, command.verb, 'a shadow serves no traffic; change its `sample` and apply it, or `abort` it');
}

/** The step is kept: it tells how far the rollout had come. */
function abort(state: RolloutState): RolloutState {
  if (state.phase === 'degraded') return state;
  return { phase: 'degraded', step: state.step, weight: 0, desired: 'stable' };
}

function retry(rollout: Rollout): Outcome {
  if (rollout.state.phase === 'degraded') return initialState(rollout.spec);
  return refuse(rollout, 'retry', 'only a rollout that was rolled back is retried');
}

function setWeight(state: RolloutState, weight: Percent): Outcome {
  const rounded = Math.round(weight * WEIGHT_STEPS_PER_PERCENT) / WEIGHT_STEPS_PER_PERCENT;
  const isValid = weight >= 0 && weight <= 100 && Math.abs(weight - rounded) < 1e-9;
  if (isValid) return { ...state, phase: 'paused', weight: rounded };
  return new RolloutError(
    'invalid_weight',
    `The weight ${weight} is not a percentage from 0 to 100 with at most two decimals.`,
  );
}

/** The next step is the first that raises the weight, so that promoting never takes traffic away. */
function promote(spec: RolloutSpec, state: RolloutState, full: boolean): RolloutState {
  if (state.phase === 'healthy') return state;
  const step = full ? -1 : spec.steps.findIndex((weight) => weight > state.weight);
  if (step < 0) return { phase: 'healthy', step: spec.steps.length - 1, weight: 100, desired: 'canary' };
  return { ...state, phase: 'progressing', step, weight: spec.steps[step]! };
}

/** The last step whose weight is not above the given one; the first where all are. */
function stepAt(steps: readonly Percent[], weight: Percent): number {
  return Math.max(
    0,
    steps.findLastIndex((step) => step <= weight),
  );
}

function refuse(rollout: Rollout, verb: RolloutCommand['verb'], because: string): RolloutError {
  const { spec, state } = rollout;
  return new RolloutError(
    'invalid_transition',
    `The ${spec.kind} "${spec.name}" is ${state.phase} and cannot take \`${verb}\`: ${because}.`,
  );
}
