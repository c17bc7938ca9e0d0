import type { JsonValue, PromptRef } from './rollout.ts';

/** A policy of the configuration: what it does where its condition holds. */
export interface PolicyConfig {
  /** Stands in metrics, records, the log and messages. */
  readonly name: string;
  /** A CEL expression; null: always. */
  readonly when: string | null;
  /** False: what it would do is counted and logged, and not done. */
  readonly enforce: boolean;
  /** Refuses the call with this message. */
  readonly deny: string | null;
  /** Refuses the call until somebody approves it. */
  readonly approve: boolean;
  /** Metadata that the call must bring. */
  readonly require: readonly string[];
  /** Top-level fields of the request body. */
  readonly set: Readonly<Record<string, JsonValue>>;
  /** The most that a number among them may be. */
  readonly cap: Readonly<Record<string, number>>;
  /** The model name whose route is taken. */
  readonly route: string | null;
  readonly prompt: PromptRef | null;
  /** Joined to the request's metadata. */
  readonly tag: Readonly<Record<string, string>>;
  /** Globs of names; a call that brings another tool, or one of those denied, is refused. */
  readonly tools: { readonly allow: readonly string[] | null; readonly deny: readonly string[] } | null;
}

/**
 * What a policy came to. `exclude`: a target was left out. `error`: its condition could not be judged. `too_late`: the
 * reply that it denies was a stream, which had begun. `would_deny` and the like: it is not enforced.
 */
export const POLICY_ACTIONS = [
  'deny',
  'approval_required',
  'exclude',
  'set',
  'cap',
  'route',
  'prompt',
  'tag',
  'error',
  'too_late',
] as const;
export type PolicyAction = (typeof POLICY_ACTIONS)[number];
type PolicyOutcome = PolicyAction | `would_${PolicyAction}`;

export interface PolicyDecision {
  readonly rule: string;
  readonly decision: PolicyOutcome;
}

/** Judges a reply that is good otherwise. */
export interface ReplyJudge {
  /** Before anything of it is sent. @throws GatewayError `policy_denied` */
  buffered(): void;
  /** Once all of it was. */
  streamed(): void;
}
