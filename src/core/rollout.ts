import type { BudgetPeriod } from './limits.ts';
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
  /** A CEL expression. */
  readonly when?: string;
}

/** `metadata.NAME`, `user` (the body's user), `key` (the caller's key) or `request`. */
type StickySource = string;

export type RolloutKind = 'canary' | 'experiment' | 'shadow';

/** One weight that a canary climbs to, and what must hold before it goes on. */
export interface RolloutStep {
  readonly weight: Percent;
  /** Null: as `judgement.step` says for all steps. */
  readonly min: Milliseconds | null;
  readonly max: Milliseconds | null;
  /** Waits here for somebody's `resume` or `promote`. */
  readonly pause: boolean;
}

type GuardName = 'error_rate' | 'ttft_p95' | 'latency_p95' | 'refusal_rate' | 'invalid_json' | 'cost';
type WatchName = 'finish_reason' | 'output_tokens';
type DoubtAction = 'hold' | 'rollback' | 'warn';

/** What the judge is asked to judge by: margins as written (`+25%`), times in milliseconds. */
export interface Judgement {
  readonly guard: { readonly [Name in GuardName]?: string };
  readonly watch: readonly WatchName[];
  /** `metadata.NAME`, `key`, or `language`: that of the prompt. */
  readonly segments: readonly string[];
  /** Null: not declared. */
  readonly step: {
    readonly min: Milliseconds | null;
    readonly max: Milliseconds | null;
    readonly inconclusive: 'pause' | 'advance' | 'rollback';
  } | null;
  readonly on: { readonly srm: DoubtAction; readonly no_traffic: DoubtAction };
}

/** What an experiment compares its arms by: values sent to `POST /v1/feedback` under a name. */
export interface Goal {
  readonly feedback: string;
  readonly better: 'higher' | 'lower';
  /** What happens once an arm is shown to be better than all others. */
  readonly then: 'announce' | 'promote';
}

/** After the promotion, so much stays on stable for so long: what only shows with time is still seen, and undone. */
interface Holdback {
  readonly weight: Percent;
  readonly for: Milliseconds;
}

/** Rollouts of one layer exclude each other, each in its range of the layer's units; those of different layers cross. */
export interface LayerRange {
  readonly name: string;
  readonly from: Percent;
  readonly to: Percent;
}

export interface ShadowSpec {
  /** Of the matching requests. */
  readonly sample: Percent;
  readonly budget: { readonly usd: number; readonly per: BudgetPeriod } | null;
  readonly timeout: Milliseconds;
}

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
  readonly steps: readonly RolloutStep[];
  readonly judgement: Judgement;
  /** Canary only. */
  readonly holdback: Holdback | null;
  readonly layer: LayerRange | null;
  /** Experiment only. */
  readonly goal: Goal | null;
  /** Shadow only. */
  readonly shadow: ShadowSpec | null;
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
  /** Counts its starts, from 1: evidence of one start says nothing about another. */
  readonly epoch: number;
  /** When it came to this weight, or was resumed at it: bake times count from here. Wall clock. */
  readonly since: Milliseconds;
  /** Experiment: the arm that takes all of the traffic; null: none yet. */
  readonly winner: string | null;
  /** Counts the times that `retry` was to bring other units to the canary. */
  readonly saltTurn: number;
}

export interface Rollout {
  readonly spec: RolloutSpec;
  readonly state: RolloutState;
  /** Counts applied specs, from 1. */
  readonly revision: number;
  /** Counts writes of any kind; what `If-Match` and concurrent writers compare. */
  readonly version: number;
  readonly updatedAt: Milliseconds;
  /** It was aborted here while the store could not be written: other gateways do not know yet. */
  readonly isPending?: true;
}

/** The rollouts in force on this replica, in the order in which they match; a new array after each change. */
export interface RolloutView {
  current(): readonly Rollout[];
}
