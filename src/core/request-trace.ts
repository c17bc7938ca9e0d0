import { randomFillSync } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { ProviderConfig } from './config.ts';
import { writeTraceparent, type TraceParent } from './trace-context.ts';
import type { Milliseconds } from './units.ts';

/** Why a request to a provider was sent. */
export type AttemptKind = 'initial' | 'retry' | 'fallback' | 'hedge' | 'shadow';

/** One request to a provider. */
export interface TracedAttempt {
  readonly spanId: string;
  kind: AttemptKind;
  readonly provider: ProviderConfig;
  /** As sent; empty where the call names none. */
  readonly model: string;
  /** On the monotonic clock, as all times here. */
  startedAt: Milliseconds;
  /** The reply's headers, or the failure; null: neither came. */
  settledAt: Milliseconds | null;
  /** 0: no reply. */
  status: number;
  /** `ok`, `http_503`, `connect_timeout` …; empty before it is known. */
  result: string;
}

export type EventValue = string | number | boolean;

/** Something that happened on the way. */
interface TracedEvent {
  readonly name: string;
  readonly at: Milliseconds;
  readonly attributes: Readonly<Record<string, EventValue>>;
}

/** What of the request a trace says. */
export interface TracedRequest {
  readonly method: string;
  /** Without a query. */
  readonly path: string;
}

/** Where a request stands in its trace, as it was found when it came. */
export interface TracePlace {
  readonly traceId: string;
  /** Null: the trace begins here. */
  readonly parent: TraceParent | null;
  /** The caller's own, which is not believed. */
  readonly link: TraceParent | null;
  /** Of a trace that is continued. */
  readonly state: string;
  readonly isSampled: boolean;
  /** What happens is remembered, as it may be told of at the end. */
  readonly isRecorded: boolean;
}

/** A request that does more than so much is cut short; how much is missing is told. */
const MOST_ATTEMPTS = 32;
const MOST_EVENTS = 64;

/** What a request that is traced does. Nothing of it is told before the request has ended. */
export class RequestTrace {
  readonly place: TracePlace;
  readonly spanId: string;
  readonly request: TracedRequest;
  readonly attempts: TracedAttempt[] = [];
  readonly events: TracedEvent[] = [];
  droppedEvents = 0;
  /** The app's own name of the conversation; empty: it told none. */
  conversation = '';
  /** Of the attempt whose headers are being written. */
  private attemptSpanId: string;
  private readonly clock: Clock;

  constructor(place: TracePlace, request: TracedRequest, clock: Clock) {
    this.place = place;
    this.request = request;
    this.clock = clock;
    this.spanId = newSpanId();
    this.attemptSpanId = this.spanId;
  }

  get traceId(): string {
    return this.place.traceId;
  }

  /** For the provider: the attempt is the parent of what it does. */
  get traceparent(): string {
    return writeTraceparent(this.place.traceId, this.attemptSpanId, this.place.isSampled);
  }

  /** Before the headers of the attempt are written. @returns null where nobody will be told of it */
  attempt(provider: ProviderConfig, model: string): TracedAttempt | null {
    this.attemptSpanId = newSpanId();
    if (!this.place.isRecorded || this.attempts.length === MOST_ATTEMPTS) return null;
    const attempt = this.begun(this.kindOf(provider, model), provider, model);
    this.attempts.push(attempt);
    return attempt;
  }

  /** @param index of an attempt that was sent beside another; one that is not remembered is none */
  hedged(index: number): void {
    const attempt = this.attempts[index];
    if (attempt !== undefined) attempt.kind = 'hedge';
  }

  /** A copy of the request, sent after it: it is told of by itself. */
  copy(provider: ProviderConfig, model: string): TracedAttempt {
    this.attemptSpanId = newSpanId();
    return this.begun('shadow', provider, model);
  }

  event(name: string, attributes: TracedEvent['attributes']): void {
    if (!this.place.isRecorded) return;
    if (this.events.length === MOST_EVENTS) this.droppedEvents++;
    else this.events.push({ name, at: this.clock.now(), attributes });
  }

  private begun(kind: AttemptKind, provider: ProviderConfig, model: string): TracedAttempt {
    const { attemptSpanId: spanId } = this;
    const startedAt = this.clock.now();
    return { spanId, kind, provider, model, startedAt, settledAt: null, status: 0, result: '' };
  }

  private kindOf(provider: ProviderConfig, model: string): AttemptKind {
    const { attempts } = this;
    if (attempts.length === 0) return 'initial';
    return attempts.some((each) => each.provider === provider && each.model === model) ? 'retry' : 'fallback';
  }
}

const ID_BYTES = 8;
/** Random bytes for many ids at once: asking for each would cost more than all else that is done for a span. */
const pool = Buffer.allocUnsafeSlow(512 * ID_BYTES);
let used = pool.length;

/** 16 hexadecimal digits, never all zero. */
export function newSpanId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += ID_BYTES;
  const id = pool.toString('hex', used - ID_BYTES, used);
  return id === '0000000000000000' ? newSpanId() : id;
}
