import { createTraceState, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { Attributes, AttributeValue, HrTime, Link, SpanContext, SpanStatus } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';
import type { ProviderConfig } from '../core/config.ts';
import type { Exchange } from '../core/exchange.ts';
import type { RequestTrace, TracedAttempt } from '../core/request-trace.ts';
import type { TraceParent } from '../core/trace-context.ts';
import type { Milliseconds } from '../core/units.ts';
import {
  ATTRIBUTES as A,
  CONVENTIONS,
  HTTP_ROUTES,
  OPERATION_NAMES,
  providerNameOf,
  SPAN_EVENTS,
} from './conventions.ts';

export interface SpanSource {
  readonly resource: Resource;
  /** Of the gateway. */
  readonly version: string;
  /** As the configuration in force says. */
  showsContent(): boolean;
}

const LONGEST_PATH = 256;
const LONGEST_TEXT = 256;

/** Makes spans of requests that have ended, out of what was noted of them. The first one is that of the request itself. */
export class SpanMaker {
  private readonly source: SpanSource;
  private readonly scope: ReadableSpan['instrumentationScope'];

  constructor(source: SpanSource) {
    this.source = source;
    this.scope = { name: 'sluice', version: source.version, schemaUrl: CONVENTIONS.schemaUrl };
  }

  /** @param endedAt on the monotonic clock */
  spansOf(exchange: Exchange, trace: RequestTrace, endedAt: Milliseconds): ReadableSpan[] {
    const served = servedBy(exchange, trace);
    const wall = wallOf(exchange);
    const request = this.requestSpan(exchange, trace, endedAt, wall);
    const attempts = trace.attempts.map((attempt) =>
      this.attemptSpan(trace, attempt, exchange, {
        isServed: attempt === served,
        endedAt: attempt === served ? endedAt : (attempt.settledAt ?? endedAt),
        wall,
      }),
    );
    return [request, ...attempts];
  }

  /** @param copy what the copy came to; its clock is not that of a request */
  copySpan(
    trace: RequestTrace,
    attempt: TracedAttempt,
    copy: Exchange,
    endedAt: Milliseconds,
    wall: (at: Milliseconds) => Milliseconds,
  ): ReadableSpan {
    attempt.status = copy.status;
    attempt.result = copy.errorType === '' ? 'ok' : copy.errorType;
    return this.attemptSpan(trace, attempt, copy, { isServed: true, endedAt, wall });
  }

  private requestSpan(
    exchange: Exchange,
    trace: RequestTrace,
    endedAt: Milliseconds,
    wall: (at: Milliseconds) => Milliseconds,
  ): ReadableSpan {
    const { place } = trace;
    return this.span({
      name: `${trace.request.method} ${HTTP_ROUTES[exchange.operation]}`,
      kind: SpanKind.SERVER,
      context: contextOf(trace, trace.spanId),
      parent: place.parent === null ? null : remote(place.parent),
      from: wall(exchange.receivedAt),
      to: wall(endedAt),
      status: { code: isFault(exchange) ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
      attributes: this.requestAttributes(exchange, trace),
      links: place.link === null ? [] : [{ context: remote(place.link) }],
      events: eventsOf(exchange, trace, wall),
      droppedEvents: trace.droppedEvents,
    });
  }

  private requestAttributes(exchange: Exchange, { request }: RequestTrace): Attributes {
    const content = this.source.showsContent() ? exchange.content?.told() : null;
    return attributes([
      [A.method, request.method],
      [A.httpRoute, HTTP_ROUTES[exchange.operation]],
      [A.path, request.path.slice(0, LONGEST_PATH)],
      [A.scheme, 'http'],
      [A.status, exchange.status],
      [A.errorType, exchange.errorType],
      [A.requestId, exchange.id],
      [A.route, exchange.route],
      [A.rollout, exchange.rollout],
      [A.arm, exchange.arm],
      [A.key, exchange.keyName],
      [A.team, exchange.teamName],
      [A.outcome, exchange.outcome],
      [A.cache, exchange.cache],
      [A.isStream, exchange.isStream],
      [A.attempts, exchange.attempts],
      [A.overhead, exchange.overheadMs === null ? null : exchange.overheadMs / 1000],
      [A.cost, exchange.costUsd],
      [A.redacted, exchange.redactedHeader()],
      [A.attackScore, exchange.attackScore],
      [A.sentContent, content?.request ?? null],
      [A.replyContent, content?.reply ?? null],
    ]);
  }

  private attemptSpan(trace: RequestTrace, attempt: TracedAttempt, exchange: Exchange, ending: Ending): ReadableSpan {
    const operation = OPERATION_NAMES[exchange.operation];
    const { provider, model, status, result } = attempt;
    const name = operation === null ? `${trace.request.method} ${provider.name}` : `${operation} ${model}`.trimEnd();
    const isFailed = !NO_FAILURES.has(result);
    return this.span({
      name: name.slice(0, LONGEST_TEXT),
      kind: SpanKind.CLIENT,
      context: contextOf(trace, attempt.spanId),
      parent: contextOf(trace, trace.spanId),
      from: ending.wall(attempt.startedAt),
      to: ending.wall(ending.endedAt),
      status: { code: isFailed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
      attributes: {
        ...serverAttributes(provider),
        ...attributes([
          [A.operation, operation],
          [A.requestModel, model.slice(0, LONGEST_TEXT)],
          [A.status, status],
          [A.errorType, isFailed ? result : ''],
          [A.target, provider.name],
          [A.kind, attempt.kind],
          [A.result, result],
          [A.conversation, trace.conversation.slice(0, LONGEST_TEXT)],
        ]),
        ...(ending.isServed ? servedAttributes(exchange, attempt) : {}),
      },
      links: [],
      events: [],
      droppedEvents: 0,
    });
  }

  private span(made: MadeSpan): ReadableSpan {
    const { context, parent, from, to } = made;
    const end = Math.max(from, to);
    return {
      name: made.name,
      kind: made.kind,
      spanContext: () => context,
      ...(parent === null ? {} : { parentSpanContext: parent }),
      startTime: hrTime(from),
      endTime: hrTime(end),
      duration: hrTime(end - from),
      status: made.status,
      attributes: made.attributes,
      links: made.links,
      events: made.events,
      ended: true,
      resource: this.source.resource,
      instrumentationScope: this.scope,
      droppedAttributesCount: 0,
      droppedEventsCount: made.droppedEvents,
      droppedLinksCount: 0,
    };
  }
}

/** Good, not known, or ended by us or by the client. */
const NO_FAILURES: ReadonlySet<string> = new Set(['ok', '', 'hedged', 'client_gone', 'shutdown']);

/** Whose reply the client got; undefined: nobody's. */
function servedBy({ provider, upstreamModel, cache }: Exchange, { attempts }: RequestTrace): TracedAttempt | undefined {
  if (cache === 'hit') return undefined;
  return attempts.findLast(
    (each) => each.status > 0 && each.provider.name === provider && each.model === upstreamModel,
  );
}

interface Ending {
  /** The client got its reply. */
  readonly isServed: boolean;
  readonly endedAt: Milliseconds;
  wall(at: Milliseconds): Milliseconds;
}

interface MadeSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parent: SpanContext | null;
  readonly from: Milliseconds;
  readonly to: Milliseconds;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links: Link[];
  readonly events: TimedEvent[];
  readonly droppedEvents: number;
}

type Named = { readonly name: string };

/** Empty, null and, of statuses, 0 are nothing to tell. */
function attributes(pairs: readonly (readonly [Named, AttributeValue | null])[]): Attributes {
  const told: Attributes = {};
  for (const [{ name }, value] of pairs)
    if (value !== null && value !== '' && !(value === 0 && name === A.status.name)) told[name] = value;
  return told;
}

const known = new WeakMap<ProviderConfig, Attributes>();

/** Of a provider the same for all its spans. */
export function serverAttributes(provider: ProviderConfig): Attributes {
  let told = known.get(provider);
  if (told === undefined) {
    const url = provider.baseUrl === null ? null : new URL(provider.baseUrl);
    const port = url === null ? null : Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);
    told = attributes([
      [A.provider, providerNameOf(provider)],
      [A.address, url?.hostname ?? 'localhost'],
      [A.port, port],
    ]);
    known.set(provider, told);
  }
  return told;
}

function servedAttributes(exchange: Exchange, attempt: TracedAttempt): Attributes {
  const { usage, firstTokenAt, finishReason, responseModel, translated } = exchange;
  const isShadow = attempt.kind === 'shadow';
  return attributes([
    [A.responseModel, responseModel.slice(0, LONGEST_TEXT)],
    [A.finishReasons, finishReason === '' ? null : [finishReason.slice(0, LONGEST_TEXT)]],
    [A.inputTokens, usage?.inputTokens ?? null],
    [A.outputTokens, usage?.outputTokens ?? null],
    [A.cacheReadTokens, usage === null || usage.cachedInputTokens === 0 ? null : usage.cachedInputTokens],
    [A.cacheWriteTokens, usage?.cacheWriteTokens ?? null],
    [A.firstChunk, firstTokenAt === null || isShadow ? null : (firstTokenAt - attempt.startedAt) / 1000],
    [A.translated, translated],
    [A.served, isShadow ? null : true],
  ]);
}

function eventsOf(
  { firstTokenAt }: Exchange,
  { events }: RequestTrace,
  wall: (at: Milliseconds) => Milliseconds,
): TimedEvent[] {
  const told: TimedEvent[] = events.map(({ name, at, attributes: values }) => ({
    name,
    time: hrTime(wall(at)),
    attributes: values,
  }));
  if (firstTokenAt !== null) told.push({ name: SPAN_EVENTS.firstToken.name, time: hrTime(wall(firstTokenAt)) });
  return told;
}

/** A client that left, and a request that was refused, are no fault of the gateway's. @source HTTP spans: 4xx of servers */
function isFault({ outcome, status }: Exchange): boolean {
  return outcome === 'truncated' || (outcome === 'error' && (status >= 500 || status < 400));
}

function contextOf({ place }: RequestTrace, spanId: string): SpanContext {
  return {
    traceId: place.traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    ...(place.state === '' ? {} : { traceState: createTraceState(place.state) }),
  };
}

function remote({ traceId, spanId, isSampled }: TraceParent): SpanContext {
  return { traceId, spanId, isRemote: true, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE };
}

/** Times were noted on the monotonic clock. */
export function wallOf({ receivedAt, receivedWall }: Exchange): (at: Milliseconds) => Milliseconds {
  return (at) => receivedWall + (at - receivedAt);
}

function hrTime(milliseconds: Milliseconds): HrTime {
  const seconds = Math.floor(milliseconds / 1000);
  // Whole microseconds: a double holds no more of a time since the epoch.
  const micros = Math.min(999_999, Math.round((milliseconds - seconds * 1000) * 1000));
  return [seconds, micros * 1000];
}
