import type { FindingRecord } from './exchange.ts';
import type { PolicyDecision } from './policy.ts';
import type { Milliseconds } from './units.ts';

/** What is remembered of a finished request: never content, never a key. */
export interface RequestRecord {
  readonly requestId: string;
  readonly at: Milliseconds;
  readonly operation: string;
  readonly route: string;
  readonly requestedModel: string;
  readonly key: string;
  readonly rollout: string;
  readonly arm: string;
  readonly provider: string;
  readonly model: string;
  readonly status: number;
  readonly outcome: string;
  readonly errorType: string;
  readonly stream: boolean;
  readonly attempts: number;
  readonly durationMs: Milliseconds;
  readonly firstTokenMs: Milliseconds | null;
  readonly overheadMs: Milliseconds;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /** In US dollars; null: no price is known for the model, or no usage. */
  readonly costUsd: number | null;
  /** The provider told no usage: the gateway counted it. */
  readonly estimated: boolean;
  readonly finishReason: string;
  /** As in `x-sluice-redacted`. */
  readonly redacted: string;
  /** The first ones; values by a keyed hash only. */
  readonly findings: readonly FindingRecord[];
  /** 0 to 1, in hundredths; null: nobody asked. */
  readonly attackScore: number | null;
  /** What policies decided; left out: none applied. */
  readonly policies?: readonly PolicyDecision[];
  /** What policies said about it. */
  readonly tags?: Readonly<Record<string, string>>;
}

export interface RequestRecordQuery {
  readonly rollout?: string;
  readonly arm?: string;
  readonly limit: number;
}

/** The latest requests of this gateway, newest first. */
export interface RecentRequests {
  query(query: RequestRecordQuery): readonly RequestRecord[] | Promise<readonly RequestRecord[]>;
}
