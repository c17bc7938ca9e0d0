import { encodeProtobuf, type MessageType } from './protobuf.ts';

/**
 * A request with metrics, in the form of OTLP's JSON. Written by our own hand: the SDK's metrics have no exemplars.
 * @source opentelemetry-proto, collector/metrics/v1 and metrics/v1
 */
export interface MetricsRequest {
  readonly resourceMetrics: readonly [
    {
      readonly resource: { readonly attributes: readonly Attribute[] };
      readonly scopeMetrics: readonly ScopeMetrics[];
      readonly schemaUrl: string;
    },
  ];
}

interface ScopeMetrics {
  readonly scope: { readonly name: string; readonly version: string };
  readonly metrics: readonly OtlpMetric[];
  readonly schemaUrl?: string;
}

export interface OtlpMetric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly gauge?: { readonly dataPoints: readonly NumberPoint[] };
  readonly sum?: {
    readonly dataPoints: readonly NumberPoint[];
    readonly aggregationTemporality: typeof CUMULATIVE;
    readonly isMonotonic: true;
  };
  readonly histogram?: {
    readonly dataPoints: readonly HistogramPoint[];
    readonly aggregationTemporality: typeof CUMULATIVE;
  };
}

interface Point {
  readonly startTimeUnixNano: Nanoseconds;
  readonly timeUnixNano: Nanoseconds;
  readonly attributes: readonly Attribute[];
}

export interface NumberPoint extends Point {
  readonly asDouble: Double;
}

export interface HistogramPoint extends Point {
  readonly count: number;
  readonly sum: number;
  readonly bucketCounts: readonly number[];
  readonly explicitBounds: readonly number[];
  readonly exemplars: readonly OtlpExemplar[];
}

export interface OtlpExemplar {
  readonly timeUnixNano: Nanoseconds;
  readonly asDouble: number;
  readonly spanId: string;
  readonly traceId: string;
}

export interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string } | { readonly intValue: number } | { readonly doubleValue: number };
}

/** Since the epoch, in digits: a number could not hold them. */
export type Nanoseconds = string;
/** JSON has no word for what is no number. */
export type Double = number | 'NaN' | 'Infinity' | '-Infinity';

export const CUMULATIVE = 2;

const VALUE: MessageType = [
  ['stringValue', 1, 'text'],
  ['intValue', 3, 'varint'],
  ['doubleValue', 4, 'double'],
];
const ATTRIBUTE: MessageType = [
  ['key', 1, 'text'],
  ['value', 2, VALUE],
];
const EXEMPLAR: MessageType = [
  ['timeUnixNano', 2, 'fixed64'],
  ['asDouble', 3, 'double'],
  ['spanId', 4, 'bytes'],
  ['traceId', 5, 'bytes'],
];
const NUMBER_POINT: MessageType = [
  ['startTimeUnixNano', 2, 'fixed64'],
  ['timeUnixNano', 3, 'fixed64'],
  ['asDouble', 4, 'double'],
  ['attributes', 7, ATTRIBUTE],
];
const HISTOGRAM_POINT: MessageType = [
  ['startTimeUnixNano', 2, 'fixed64'],
  ['timeUnixNano', 3, 'fixed64'],
  ['count', 4, 'fixed64'],
  ['sum', 5, 'double'],
  ['bucketCounts', 6, 'fixed64', 'packed'],
  ['explicitBounds', 7, 'double', 'packed'],
  ['exemplars', 8, EXEMPLAR],
  ['attributes', 9, ATTRIBUTE],
];
const SUM: MessageType = [
  ['dataPoints', 1, NUMBER_POINT],
  ['aggregationTemporality', 2, 'varint'],
  ['isMonotonic', 3, 'bool'],
];
const HISTOGRAM: MessageType = [
  ['dataPoints', 1, HISTOGRAM_POINT],
  ['aggregationTemporality', 2, 'varint'],
];
const METRIC: MessageType = [
  ['name', 1, 'text'],
  ['description', 2, 'text'],
  ['unit', 3, 'text'],
  ['gauge', 5, [['dataPoints', 1, NUMBER_POINT]]],
  ['sum', 7, SUM],
  ['histogram', 9, HISTOGRAM],
];
const SCOPE: MessageType = [
  ['name', 1, 'text'],
  ['version', 2, 'text'],
];
const SCOPE_METRICS: MessageType = [
  ['scope', 1, SCOPE],
  ['metrics', 2, METRIC],
  ['schemaUrl', 3, 'text'],
];
const RESOURCE_METRICS: MessageType = [
  ['resource', 1, [['attributes', 1, ATTRIBUTE]]],
  ['scopeMetrics', 2, SCOPE_METRICS],
  ['schemaUrl', 3, 'text'],
];
const METRICS_REQUEST: MessageType = [['resourceMetrics', 1, RESOURCE_METRICS]];

export function metricsAsProtobuf(request: MetricsRequest): Uint8Array {
  return encodeProtobuf(request, METRICS_REQUEST);
}

export function metricsAsJson(request: MetricsRequest): Uint8Array {
  return Buffer.from(JSON.stringify(request));
}
