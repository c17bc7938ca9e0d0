import type { FindingRecord } from './exchange.ts';
import type { PolicyDecision } from './policy.ts';
import type { RecordedContent } from './recorded-content.ts';
import type { Milliseconds } from './units.ts';

/** What is remembered of a finished request: never a key, and content only where that is asked for. */
export interface RequestRecord {
  readonly requestId: string;
  readonly at: Milliseconds;
  readonly operation: string;
  readonly route: string;
  readonly requestedModel: string;
  readonly key: string;
  /** Empty: the key has none. */
  readonly team: string;
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
  /** 32 hexadecimal digits; undefined: requests are not traced. */
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  /** Left out: it is not kept. */
  readonly content?: RecordedContent;
}

/** All that is given must hold. */
export interface RequestRecordQuery {
  readonly requestId?: string;
  readonly traceId?: string;
  readonly operation?: string;
  readonly key?: string;
  readonly team?: string;
  /** As it was asked for, as it was sent, or the route. */
  readonly model?: string;
  readonly provider?: string;
  readonly rollout?: string;
  readonly arm?: string;
  /** `429`, or `5xx` for all of its hundred. */
  readonly status?: string;
  readonly outcome?: string;
  readonly errorType?: string;
  readonly minDurationMs?: Milliseconds;
  /** Of its beginning. */
  readonly since?: Milliseconds;
  readonly until?: Milliseconds;
  /** The last one of the page before. */
  readonly before?: RecordPlace;
  /** Only what this gateway has in memory. */
  readonly source?: 'memory';
  readonly limit: number;
}

/** Where a record stands among others: they are in the order in which the requests ended. */
export interface RecordPlace {
  readonly endedAt: Milliseconds;
  readonly requestId: string;
}

export function placeOf({ at, durationMs, requestId }: RequestRecord): RecordPlace {
  return { endedAt: at + durationMs, requestId };
}

/** Negative: the first one is newer. The same for the same two, wherever they are kept. */
export function comparePlaces(one: RecordPlace, other: RecordPlace): number {
  const apart = Math.round(other.endedAt * 1000) - Math.round(one.endedAt * 1000);
  if (apart !== 0) return apart;
  return one.requestId === other.requestId ? 0 : one.requestId > other.requestId ? -1 : 1;
}

/** The latest requests of this gateway, newest first. */
export interface RecentRequests {
  query(query: RequestRecordQuery): readonly RequestRecord[] | Promise<readonly RequestRecord[]>;
}

/** Why records may be missing of what was found: where they are kept for longer gave no answer in time, or none at all. */
export type SearchTrouble = 'timeout' | 'unavailable';

export interface FoundRequests {
  readonly records: readonly RequestRecord[];
  /** Null: nothing is missing. */
  readonly trouble: SearchTrouble | null;
}

/** All that is known of requests, wherever it is kept, newest first. */
export interface RequestSearch {
  search(query: RequestRecordQuery): Promise<FoundRequests>;
}

/** Where records are kept for longer than in memory, and by other gateways as well. */
export interface RecordArchive {
  /** Soon, whatever becomes of it. Never rejects. */
  search(query: RequestRecordQuery): Promise<readonly RequestRecord[] | SearchTrouble>;
  close(): Promise<void>;
}
