import type { Target } from './target.ts';
import type { Milliseconds, Percent } from './units.ts';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

export interface PromptRef {
  readonly name: string;
  readonly version: string;
}

/** One side of a rollout. What is null stays as the request and its route have it. */
export interface ArmSpec {
  readonly name: string;
  readonly target: Target | null;
  /** Top-level fields of the request body that the arm sets. */
  readonly params: Readonly<Record<string, JsonValue>> | null;
  readonly prompt: PromptRef | null;
  /** A/B arms: the configured share. Canary rollouts: 0, the share is the state's weight. */
  readonly weight: Percent;
}

/** All that are given must hold. Values are exact names or globs with `*`. */
export interface RolloutMatch {
  readonly model: string | null;
  readonly key: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/** `metadata.NAME`, `user` (the body's user), `key` (the caller's key) or `request`. */
export type StickySource = string;

export type RolloutKind = 'canary' | 'experiment' | 'shadow';

/** What was declared. `declared` is the rollout object as written (YAML or JSON), for display and comparison. */
export interface RolloutSpec {
  readonly name: string;
  readonly kind: RolloutKind;
  readonly match: RolloutMatch;
  /** canary: `[stable, canary]`; experiment: its arms in order; shadow: one arm, never assigned. */
  readonly arms: readonly ArmSpec[];
  readonly sticky: readonly StickySource[];
  readonly salt: string;
  /** Canary only: the weights that it climbs. */
  readonly steps: readonly Percent[];
  readonly declared: JsonValue;
}

export type RolloutPhase = 'progressing' | 'paused' | 'healthy' | 'degraded';

/** Where a rollout stands. Only `rollout/reducer.ts` makes a new one. */
export interface RolloutState {
  readonly phase: RolloutPhase;
  /** Index into `steps`; stays while a weight is set by hand. */
  readonly step: number;
  /** Canary: its share of the traffic. Experiment: the share of the traffic that takes part. */
  readonly weight: Percent;
  /** Where the rollout wants to end: `stable` after an abort. */
  readonly desired: 'stable' | 'canary';
}

export interface Rollout {
  readonly spec: RolloutSpec;
  readonly state: RolloutState;
  /** Counts applied specs, from 1. */
  readonly revision: number;
  /** Counts writes of any kind; what `If-Match` and concurrent writers compare. */
  readonly version: number;
  readonly updatedAt: Milliseconds;
}

/** The rollouts in force on this replica, in the order in which they match; a new array after each change. */
export interface RolloutView {
  current(): readonly Rollout[];
}
