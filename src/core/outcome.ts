import type { Rollout } from './rollout.ts';
import type { SseEvent } from './sse.ts';
import type { Chars, Milliseconds, Seconds } from './units.ts';

/** What chance decided for one request in one rollout. */
export interface Trial {
  /** As it stood at the assignment. */
  readonly rollout: Rollout;
  /** Index into `spec.arms`. */
  readonly arm: number;
  /** A pseudonym of what was assigned as a whole: 64 bits of its hash, hex. Null: the request itself. */
  readonly unit: string | null;
}

/** A trial as the outcome log names it. */
export interface TrialReference {
  readonly rollout: string;
  readonly epoch: number;
  /** Index into the arms. */
  readonly arm: number;
  readonly unit: string | null;
}

/** How long a request took so far that takes too long. */
export type Lateness = Partial<Pick<RequestResult, 'latencyMs' | 'ttftMs'>>;

/** What an observer tells of a reply; null: it was not asked for, or was not seen whole. */
export interface ReplyFacts {
  refusal: boolean | null;
  /** The request asked for JSON or for a schema, and the reply does not hold to it. */
  invalidJson: boolean | null;
  /** A tool was called with arguments that its schema does not allow. */
  invalidToolCall: boolean | null;
  outputChars: Chars | null;
}

/** Looks at one reply on its way, without a change to it; exactly one of `whole` and `event` is called. */
export interface ReplyObserver {
  /** @param reply the parsed JSON of a buffered reply */
  whole(reply: unknown): void;
  /** One event of a stream; those that carry no output are let pass unread. */
  event(event: SseEvent): void;
  /** How the text of its first choice begins. */
  opening(): string;
  /** Checks what was collected against what the request asked for: milliseconds for large replies, so after the reply. */
  facts(finishReason: string): ReplyFacts | null;
}

/** What became of one request, without its content. The base of outcomes, pairs and traffic. */
export interface RequestResult {
  readonly requestId: string;
  readonly at: Seconds;
  readonly error: boolean;
  /** The provider said that the request is at fault; which it is on any arm, unless the arm made it so. */
  readonly rejected?: boolean;
  readonly refusal?: boolean;
  /** Of the reply's JSON or of a tool call's arguments. */
  readonly invalidJson?: boolean;
  readonly truncated?: boolean;
  readonly ttftMs?: Milliseconds;
  readonly latencyMs?: Milliseconds;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly outputChars?: Chars;
  readonly costUsd?: number;
  readonly finishReason?: string;
  /** The upstream's model. */
  readonly model?: string;
  /** `provider/model` of the fallback that served it; left out where the first choice did. */
  readonly fallback?: string;
  /** ISO 639-1, of the prompt; from `metadata.language` where it is given, else detected. */
  readonly language?: string;
  readonly key?: string;
  /** The values of declared segments only. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * One entry of the outcome log, which every gateway appends to and the one that holds the controller's lease reads.
 * `trial`: a request of a rollout's arm. `traffic`: a request of a route, sampled. `feedback`: a value sent for a request
 * of an arm. `pair`: a request and its shadow copy. `left`: a request of an arm whose caller did not wait for an answer.
 */
export type LogEntry =
  | ({
      readonly kind: 'trial';
      /** The canary's share of the traffic at the assignment, 0 to 1. */
      readonly probability: number;
      /** The end of a request that was told of while it was open: no arm was drawn for it, and what was told then is left out. */
      readonly isRest?: boolean;
    } & TrialReference &
      Partial<RequestResult> &
      Pick<RequestResult, 'requestId' | 'at'>)
  | ({
      readonly kind: 'left';
      /** Gateways of earlier software leave it out. */
      readonly at?: Seconds;
      /** It was told of as too slow before. */
      readonly isLate: boolean;
    } & Omit<TrialReference, 'unit'>)
  | ({ readonly kind: 'traffic'; readonly route: string } & RequestResult)
  | {
      readonly kind: 'feedback';
      readonly requestId: string;
      readonly at: Seconds;
      readonly name: string;
      /** true is 1, false 0. */
      readonly value: number;
      /** The name of the key that sent it. */
      readonly key: string;
      /** Of the request; null where this gateway did not serve it: the controller may know it. */
      readonly trials: readonly TrialReference[] | null;
    }
  | {
      readonly kind: 'pair';
      readonly rollout: string;
      readonly epoch: number;
      /** As of a trial; entries of earlier software lack it. */
      readonly unit?: string | null;
      readonly at: Seconds;
      readonly primary: RequestResult;
      readonly shadow: RequestResult;
    };

export type FeedbackEntry = Extract<LogEntry, { kind: 'feedback' }>;

/** Takes entries without delay; they reach the log some time later, in order. */
export interface OutcomeSink {
  add(entry: LogEntry): void;
}

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
  /** Of the prompt, ISO 639-1. */
  readonly language?: string | undefined;
  /** The name of the caller's key. */
  readonly key?: string | undefined;
  readonly metadata: ReadonlyMap<string, string>;
}
