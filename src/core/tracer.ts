import type { Exchange } from './exchange.ts';
import type { RequestTrace, TracedAttempt } from './request-trace.ts';
import type { Milliseconds } from './units.ts';

/** Opens traces; what it does at the end of a request is no part of the request. */
export interface Tracer {
  begin(requestId: string, incoming: TracedHeaders): RequestTrace;
  /** A copy of a request has its reply, after the request has ended. */
  copied(trace: RequestTrace, attempt: TracedAttempt, copy: Exchange, endedAt: Milliseconds): void;
}

export interface TracedHeaders {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}
