import { hash } from 'node:crypto';
import type { ArmSpec, JsonValue, RolloutSpec } from '../core/rollout.ts';

/** SHA-256 in hex, the same for the same content whatever the order of its keys. */
export function declarationHash(declared: JsonValue): string {
  return hash('sha256', canonicalJson(declared), 'hex');
}

/** JSON with sorted keys. */
function canonicalJson(value: JsonValue): string {
  return JSON.stringify(value, (_, inner: JsonValue) => (isObject(inner) ? sortKeys(inner) : inner));
}

function isObject(value: JsonValue): value is { readonly [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sortKeys(value: { readonly [name: string]: JsonValue }): JsonValue {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether both serve the same thing to the same units, so that weights carry over. */
export function servesTheSame(one: RolloutSpec, other: RolloutSpec): boolean {
  return (
    one.kind === other.kind &&
    one.salt === other.salt &&
    canonicalJson(one.arms.map(armJson)) === canonicalJson(other.arms.map(armJson))
  );
}

/** Whether evidence for the one is evidence for the other. */
export function isJudgedTheSame(one: RolloutSpec, other: RolloutSpec): boolean {
  return canonicalJson(judgementJson(one)) === canonicalJson(judgementJson(other));
}

/** What is measured, and on whom. */
function judgementJson({ judgement, goal, match, sticky, layer }: RolloutSpec): JsonValue {
  const { guard, watch, segments } = judgement;
  return {
    guard: { ...guard },
    watch,
    segments,
    goal: goal === null ? null : [goal.feedback, goal.better],
    population: [match.model, match.key, match.metadata, sticky, layer === null ? null : { ...layer }],
  };
}

function armJson(arm: ArmSpec): JsonValue {
  return {
    name: arm.name,
    target: arm.target === null ? null : [arm.target.provider, arm.target.model],
    params: arm.params,
    prompt: arm.prompt === null ? null : [arm.prompt.name, arm.prompt.version],
    weight: arm.weight,
  };
}
