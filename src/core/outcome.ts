import type { Seconds } from './units.ts';

/**
 * What one request of a rollout came to, as the judge takes it. A field left out was not observed: a request without a
 * stream has no `ttftMs`, one that asked for no JSON no `invalidJson`.
 */
export interface Outcome {
  readonly at: Seconds;
  /** What was assigned as a whole: the conversation, the user, the key. Null: the request itself. */
  readonly unit: string | null;
  /** Index into `spec.arms`: 0 stable, 1 canary. The arm that was assigned, whatever target served the request. */
  readonly arm: number;
  /** The canary's weight at the moment of the assignment, 0 to 1. */
  readonly probability: number;
  readonly error?: boolean | undefined;
  readonly refusal?: boolean | undefined;
  readonly invalidJson?: boolean | undefined;
  readonly truncated?: boolean | undefined;
  readonly ttftMs?: number | undefined;
  readonly latencyMs?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly costUsd?: number | undefined;
  readonly finishReason?: string | undefined;
  /** The name of the caller's key. */
  readonly key?: string | undefined;
  readonly metadata: ReadonlyMap<string, string>;
}
