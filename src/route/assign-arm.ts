import { armAt, isInLayer, positionOf, pseudonymOf, saltOf, unitHash, unitPosition } from '../core/assignment.ts';
import type { HoldoutConfig } from '../core/config.ts';
import { GatewayError } from '../core/errors.ts';
import { compileGlob } from '../core/glob.ts';
import type { Trial } from '../core/outcome.ts';
import type { ArmSpec, JsonValue, PromptRef, Rollout, RolloutSpec } from '../core/rollout.ts';
import type { Target } from '../core/target.ts';

/** What decides whether a rollout applies and which unit a request belongs to. */
export interface RequestFacts {
  readonly requestId: string;
  readonly model: string;
  /** Null for the anonymous caller. */
  readonly keyName: string | null;
  readonly user: string | null;
  readonly metadata: ReadonlyMap<string, string>;
  /** `x-sluice-arm` of a key that may choose; null otherwise. */
  readonly forcedArm: string | null;
  /** Whether a CEL condition holds; left out: no rollout with one matches. */
  holds?(when: string): boolean;
}

/** The arms of a request, one for each layer that has a rollout for it. */
export interface Assignment {
  /** Of the first rollout that applies: what headers and metrics tell. */
  readonly rollout: Rollout;
  readonly arm: ArmSpec;
  readonly isForced: boolean;
  /** Of all that apply; empty where the arm was forced. */
  readonly trials: readonly Trial[];
  /** What the arms change together; the earlier rollout wins. */
  readonly change: ArmChange;
}

export type ArmChange = Pick<ArmSpec, 'target' | 'params' | 'prompt'>;

/** The unit belongs to the holdout: no rollout applies. */
export const HELD_OUT = 'held_out';

/**
 * In each layer the first rollout that matches decides; those without a layer form one of their own.
 * @throws GatewayError `invalid_request` for a forced arm that it lacks
 */
export function assignArm(
  rollouts: readonly Rollout[],
  facts: RequestFacts,
  holdout: HoldoutConfig | null = null,
): Assignment | typeof HELD_OUT | null {
  let assigned: Assignment | null = null;
  let decided: LayersDecided = NONE_DECIDED;
  for (const rollout of rollouts) {
    const { spec } = rollout;
    if (spec.kind === 'shadow' || isDecided(decided, spec) || !applies(spec, facts)) continue;
    const isFirst = decided === NONE_DECIDED;
    if (isFirst && facts.forcedArm !== null) return forced(rollout, facts.forcedArm);
    if (isFirst && isHeldOut(holdout, facts)) return HELD_OUT;
    decided = withDecided(decided, spec);
    const trial = tryRollout(rollout, facts);
    if (trial !== null) assigned = joined(assigned, rollout, trial);
  }
  return assigned;
}

/** A shadow that wants a copy of a request. */
export interface Sampled {
  readonly rollout: Rollout;
  /** As in a trial. */
  readonly unit: string | null;
}

/** The shadows that want a copy of the request. */
export function matchingShadows(rollouts: readonly Rollout[], facts: RequestFacts): readonly Sampled[] {
  let matching: Sampled[] | null = null;
  for (const rollout of rollouts) {
    const { spec, state } = rollout;
    if (spec.kind !== 'shadow' || state.phase === 'degraded' || !matcherOf(spec)(facts)) continue;
    if (unitPosition(saltOf(rollout), facts.requestId) >= spec.shadow!.sample / 100) continue;
    (matching ??= []).push({ rollout, unit: pseudonym(rollout, stickyUnit(spec, facts), facts) });
  }
  return matching ?? NONE;
}

const NONE: readonly Sampled[] = [];

/** Null: the request itself is the unit. */
function pseudonym(rollout: Rollout, unit: string, { requestId }: RequestFacts): string | null {
  return unit === requestId ? null : pseudonymOf(unitHash(saltOf(rollout), unit));
}

/** The layers whose rollout for the request is found, whether or not it gave it an arm. */
interface LayersDecided {
  readonly isUnnamed: boolean;
  readonly named: readonly string[];
}

/** Shared, so that a gateway without named layers allocates nothing for them. */
const NONE_DECIDED: LayersDecided = { isUnnamed: false, named: [] };
const UNNAMED_DECIDED: LayersDecided = { isUnnamed: true, named: [] };

function isDecided({ isUnnamed, named }: LayersDecided, { layer }: RolloutSpec): boolean {
  return layer === null ? isUnnamed : named.includes(layer.name);
}

function withDecided({ isUnnamed, named }: LayersDecided, { layer }: RolloutSpec): LayersDecided {
  if (layer !== null) return { isUnnamed, named: [...named, layer.name] };
  return named.length === 0 ? UNNAMED_DECIDED : { isUnnamed: true, named };
}

/** It matches, and the unit is in its range of the layer. */
function applies(spec: RolloutSpec, facts: RequestFacts): boolean {
  if (!matcherOf(spec)(facts)) return false;
  if (spec.layer === null) return true;
  return isInLayer(spec.layer, stickyUnit(spec, facts));
}

function isHeldOut(holdout: HoldoutConfig | null, facts: RequestFacts): boolean {
  if (holdout === null) return false;
  return unitPosition(`holdout/${holdout.salt}`, stickyUnit(holdout, facts)) < holdout.share / 100;
}

function tryRollout(rollout: Rollout, facts: RequestFacts): Trial | null {
  const unit = stickyUnit(rollout.spec, facts);
  const hashed = unitHash(saltOf(rollout), unit);
  const arm = armAt(rollout, positionOf(hashed));
  if (arm < 0) return null;
  return { rollout, arm, unit: unit === facts.requestId ? null : pseudonymOf(hashed) };
}

function joined(assigned: Assignment | null, rollout: Rollout, trial: Trial): Assignment {
  const arm = rollout.spec.arms[trial.arm]!;
  if (assigned === null) return { rollout, arm, isForced: false, trials: [trial], change: arm };
  const { change } = assigned;
  return { ...assigned, trials: [...assigned.trials, trial], change: merged(change, arm) };
}

function merged(first: ArmChange, second: ArmChange): ArmChange {
  const target: Target | null = first.target ?? second.target;
  const prompt: PromptRef | null = first.prompt ?? second.prompt;
  const params: Readonly<Record<string, JsonValue>> | null =
    first.params === null || second.params === null
      ? (first.params ?? second.params)
      : { ...second.params, ...first.params };
  return { target, prompt, params };
}

function forced(rollout: Rollout, name: string): Assignment {
  const arm = rollout.spec.arms.find((candidate) => candidate.name === name);
  if (arm !== undefined) return { rollout, arm, isForced: true, trials: [], change: arm };
  const known = rollout.spec.arms.map((candidate) => candidate.name).join(', ');
  throw new GatewayError(
    'invalid_request',
    `The rollout "${rollout.spec.name}" has the arms ${known}; x-sluice-arm names none of them.`,
    {
      param: 'x-sluice-arm',
    },
  );
}

/** The first sticky source that the request has; else the request is its own unit. */
export function stickyUnit({ sticky }: { readonly sticky: readonly string[] }, facts: RequestFacts): string {
  for (const source of sticky) {
    const unit = unitOf(source, facts);
    if (unit !== null && unit !== '') return unit;
  }
  return facts.requestId;
}

function unitOf(source: string, facts: RequestFacts): string | null {
  if (source === 'user') return facts.user;
  if (source === 'key') return facts.keyName;
  if (source === 'request') return facts.requestId;
  return facts.metadata.get(source.slice('metadata.'.length)) ?? null;
}

type Matcher = (facts: RequestFacts) => boolean;

/** Compiled once per spec: specs are immutable and live as long as their rollout. */
const matchers = new WeakMap<RolloutSpec, Matcher>();

function matcherOf(spec: RolloutSpec): Matcher {
  let matcher = matchers.get(spec);
  if (matcher === undefined) {
    matcher = compileMatcher(spec);
    matchers.set(spec, matcher);
  }
  return matcher;
}

function compileMatcher({ match }: RolloutSpec): Matcher {
  const model = match.model === null ? null : compileGlob(match.model);
  const key = match.key === null ? null : compileGlob(match.key);
  const metadata = Object.entries(match.metadata).map(([name, value]) => ({ name, matches: compileGlob(value) }));
  return (facts) => {
    if (model !== null && !model(facts.model)) return false;
    if (key !== null && (facts.keyName === null || !key(facts.keyName))) return false;
    for (const { name, matches } of metadata) {
      const value = facts.metadata.get(name);
      if (value === undefined || !matches(value)) return false;
    }
    return match.when === undefined || facts.holds?.(match.when) === true;
  };
}
