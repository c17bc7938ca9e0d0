import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { decodeProtobuf, encodePartialSuccess } from './otlp-protobuf.ts';

export type Values = Readonly<Record<string, unknown>>;

export interface ReceivedSpan {
  readonly name: string;
  /** 2: server; 3: client. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly traceState: string;
  /** In milliseconds. */
  readonly start: number;
  readonly end: number;
  /** 0: unset; 2: error. */
  readonly status: number;
  readonly attributes: Values;
  readonly events: readonly { readonly name: string; readonly at: number; readonly attributes: Values }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

export interface ReceivedMetric {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'sum' | 'gauge' | 'histogram';
  readonly points: readonly {
    readonly attributes: Values;
    readonly value: number;
    readonly count: number;
    readonly sum: number;
    readonly bounds: readonly number[];
    readonly counts: readonly number[];
    readonly exemplars: readonly {
      readonly traceId: string;
      readonly spanId: string;
      readonly value: number;
      /** In milliseconds. */
      readonly at: number;
    }[];
  }[];
}

export interface OtlpReceiver {
  readonly url: string;
  readonly spans: ReceivedSpan[];
  readonly metrics: ReceivedMetric[];
  readonly resources: Values[];
  readonly headers: IncomingMessage['headers'][];
  /** Answered instead of 200, while it is set. */
  status: number;
  /** Sent with such a status. */
  retryAfter: string | null;
  /** What it says it did not take of what it took. */
  partial: { readonly rejected: number; readonly message: string } | null;
  /** The spans of a trace, once there are so many. */
  trace(spans: number, matches?: (span: ReceivedSpan) => boolean): Promise<ReceivedSpan[]>;
  /** The next batch of metrics. */
  nextMetrics(): Promise<readonly ReceivedMetric[]>;
  close(): Promise<void>;
}

/* eslint-disable @typescript-eslint/no-explicit-any */
type Json = any;

/** A collector: OTLP over HTTP, as the protocol's own text says, and nothing of the SDK. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const waiting: (() => void)[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const body = await read(incoming);
    receiver.headers.push(incoming.headers);
    if (receiver.status === 200) take(receiver, incoming.url!, body);
    answer(receiver, incoming, outgoing);
    for (const wake of waiting.splice(0)) wake();
  });
  const changed = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: [],
    metrics: [],
    resources: [],
    headers: [],
    status: 200,
    retryAfter: null,
    partial: null,
    async trace(count, matches = () => true) {
      for (;;) {
        const found = receiver.spans.filter(matches);
        if (found.length >= count) return found;
        await changed();
      }
    },
    async nextMetrics() {
      const before = receiver.metrics.length;
      while (receiver.metrics.length === before) await changed();
      return receiver.metrics.slice(before);
    },
    close,
  };
  return receiver;
}

async function read(incoming: IncomingMessage): Promise<Json> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const sent = Buffer.concat(chunks);
  const bytes = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
  if (isJson(incoming)) return JSON.parse(bytes.toString('utf8'));
  return decodeProtobuf(bytes, incoming.url === '/v1/traces' ? 'TraceRequest' : 'MetricsRequest');
}

function isJson({ headers }: IncomingMessage): boolean {
  return headers['content-type'] === 'application/json';
}

/** In the form of what was sent. */
function answer({ status, retryAfter, partial }: OtlpReceiver, incoming: IncomingMessage, outgoing: ServerResponse) {
  if (status !== 200 && retryAfter !== null) outgoing.setHeader('retry-after', retryAfter);
  outgoing.writeHead(status, { 'content-type': incoming.headers['content-type'] });
  const { rejected = 0, message: errorMessage = '' } = partial ?? {};
  if (!isJson(incoming)) outgoing.end(partial === null ? '' : encodePartialSuccess(rejected, errorMessage));
  else {
    const name = incoming.url === '/v1/traces' ? 'rejectedSpans' : 'rejectedDataPoints';
    outgoing.end(
      JSON.stringify(partial === null ? {} : { partialSuccess: { [name]: String(rejected), errorMessage } }),
    );
  }
}

function take(receiver: OtlpReceiver, url: string, body: Json): void {
  for (const { resource, scopeSpans } of url === '/v1/traces' ? body.resourceSpans : []) {
    receiver.resources.push(valuesOf(resource.attributes));
    for (const { spans } of scopeSpans) receiver.spans.push(...spans.map(toSpan));
  }
  for (const { resource, scopeMetrics } of url === '/v1/metrics' ? body.resourceMetrics : []) {
    receiver.resources.push(valuesOf(resource.attributes));
    for (const { metrics } of scopeMetrics) receiver.metrics.push(...(metrics ?? []).map(toMetric));
  }
}

function toSpan(span: Json): ReceivedSpan {
  return {
    name: span.name,
    kind: span.kind,
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId ?? '',
    traceState: span.traceState ?? '',
    start: millisecondsOf(span.startTimeUnixNano),
    end: millisecondsOf(span.endTimeUnixNano),
    status: span.status?.code ?? 0,
    attributes: valuesOf(span.attributes),
    events: (span.events ?? []).map((event: Json) => ({
      name: event.name,
      at: millisecondsOf(event.timeUnixNano),
      attributes: valuesOf(event.attributes),
    })),
    links: (span.links ?? []).map(({ traceId, spanId }: Json) => ({ traceId, spanId })),
  };
}

function toMetric({ name, unit = '', sum, gauge, histogram }: Json): ReceivedMetric {
  const kind = sum !== undefined ? 'sum' : gauge !== undefined ? 'gauge' : 'histogram';
  const points = (sum ?? gauge ?? histogram).dataPoints.map((point: Json) => ({
    attributes: valuesOf(point.attributes),
    value: Number(point.asDouble ?? point.asInt ?? 0),
    count: Number(point.count ?? 0),
    sum: Number(point.sum ?? 0),
    bounds: point.explicitBounds ?? [],
    counts: (point.bucketCounts ?? []).map(Number),
    exemplars: (point.exemplars ?? []).map(({ traceId, spanId, asDouble, timeUnixNano }: Json) => ({
      traceId,
      spanId,
      value: asDouble,
      at: millisecondsOf(timeUnixNano),
    })),
  }));
  return { name, unit, kind, points };
}

function valuesOf(attributes: Json): Values {
  return Object.fromEntries((attributes ?? []).map(({ key, value }: Json) => [key, valueOf(value)]));
}

function valueOf(value: Json): unknown {
  if (value.arrayValue !== undefined) return value.arrayValue.values.map(valueOf);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? Number(value.intValue);
}

function millisecondsOf(nanoseconds: Json): number {
  return Number(BigInt(nanoseconds) / 1000n) / 1000;
}
