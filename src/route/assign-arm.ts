import { armAt, unitPosition } from '../core/assignment.ts';
import { GatewayError } from '../core/errors.ts';
import { compileGlob } from '../core/glob.ts';
import type { ArmSpec, Rollout, RolloutSpec } from '../core/rollout.ts';

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
}

export interface Assignment {
  readonly rollout: Rollout;
  readonly arm: ArmSpec;
  readonly isForced: boolean;
}

/** The first rollout that matches decides. @throws GatewayError `invalid_request` for a forced arm that it lacks */
export function assignArm(rollouts: readonly Rollout[], facts: RequestFacts): Assignment | null {
  for (const rollout of rollouts) {
    if (rollout.spec.kind === 'shadow' || !matcherOf(rollout.spec)(facts)) continue;
    if (facts.forcedArm !== null) return { rollout, arm: forcedArm(rollout, facts.forcedArm), isForced: true };
    const index = armAt(rollout, unitPosition(rollout.spec.salt, stickyUnit(rollout.spec, facts)));
    return index < 0 ? null : { rollout, arm: rollout.spec.arms[index]!, isForced: false };
  }
  return null;
}

function forcedArm(rollout: Rollout, name: string): ArmSpec {
  const arm = rollout.spec.arms.find((candidate) => candidate.name === name);
  if (arm !== undefined) return arm;
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
export function stickyUnit(spec: RolloutSpec, facts: RequestFacts): string {
  for (const source of spec.sticky) {
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
    return true;
  };
}
