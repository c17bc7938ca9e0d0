import type { Exemplar, HistogramSeries, MetricSamples } from '../record/series.ts';
import { INSTRUMENTS } from './conventions.ts';
import type { GenAiMetrics, InstrumentName } from './genai-metrics.ts';
import {
  CUMULATIVE,
  type Attribute,
  type Double,
  type HistogramPoint,
  type Nanoseconds,
  type OtlpExemplar,
  type OtlpMetric,
} from './otlp-metrics.ts';
import type { Milliseconds } from '../core/units.ts';

/** Since when, until when: all sums are cumulative. */
export interface MetricSpan {
  readonly startTimeUnixNano: Nanoseconds;
  readonly timeUnixNano: Nanoseconds;
  /** Whether an example is to be told: it was not told before. */
  isNew(exemplar: Exemplar): boolean;
}

type Labels = Readonly<Record<string, string | number>>;

/** Instruments that nothing was fed into are left out. */
export function genAiData(metrics: GenAiMetrics, span: MetricSpan): OtlpMetric[] {
  return (Object.keys(INSTRUMENTS) as InstrumentName[]).flatMap((instrument): OtlpMetric[] => {
    const { name, unit, about } = INSTRUMENTS[instrument];
    const points = metrics.of(instrument).flatMap((series) => toPoint(series, span));
    return points.length === 0 ? [] : [histogram({ name, unit, description: about }, points)];
  });
}

function toPoint({ labels, buckets, counts, sum, exemplars }: HistogramSeries, span: MetricSpan): HistogramPoint[] {
  const count = counts.reduce((total, each) => total + each, 0);
  if (count === 0) return [];
  const bucketCounts = [...counts];
  return [point(span, labels, { count, sum, bucketCounts, explicitBounds: [...buckets] }, exemplars ?? [])];
}

/** What `/metrics` tells, under the same names; a collector's Prometheus side puts `_total` back. */
export function ownData({ name, help, type, values }: MetricSamples, span: MetricSpan): OtlpMetric | null {
  if (values.length === 0) return null;
  const described = { name: name.replace(/_total$/, ''), unit: unitOf(name), description: help };
  if (type === 'histogram') return histogram(described, fromSamples(name, values, span));
  const { startTimeUnixNano, timeUnixNano } = span;
  const dataPoints = values.map(({ value, labels }) => {
    return { startTimeUnixNano, timeUnixNano, attributes: toAttributes(labels), asDouble: toDouble(value) };
  });
  if (type === 'counter')
    return { ...described, sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true } };
  return type === 'gauge' ? { ...described, gauge: { dataPoints } } : null;
}

function histogram(
  described: Pick<OtlpMetric, 'name' | 'unit' | 'description'>,
  dataPoints: HistogramPoint[],
): OtlpMetric {
  return { ...described, histogram: { dataPoints, aggregationTemporality: CUMULATIVE } };
}

/** Prometheus' buckets each hold all smaller ones as well. */
function fromSamples(name: string, values: MetricSamples['values'], span: MetricSpan): HistogramPoint[] {
  const points: HistogramPoint[] = [];
  let explicitBounds: number[] = [];
  let bucketCounts: number[] = [];
  let exemplars: (Exemplar | null)[] = [];
  let total = 0;
  let sum = 0;
  for (const { metricName = name, value, labels, exemplar = null } of values) {
    if (metricName.endsWith('_bucket')) {
      bucketCounts.push(value - total);
      exemplars.push(exemplar);
      total = value;
      if (labels['le'] !== '+Inf') explicitBounds.push(Number(labels['le']));
    } else if (metricName.endsWith('_sum')) sum = value;
    else {
      points.push(point(span, withoutBound(labels), { count: value, sum, bucketCounts, explicitBounds }, exemplars));
      [explicitBounds, bucketCounts, exemplars, total] = [[], [], [], 0];
    }
  }
  return points;
}

type Counted = Pick<HistogramPoint, 'count' | 'sum' | 'bucketCounts' | 'explicitBounds'>;

function point(
  span: MetricSpan,
  labels: Labels,
  counted: Counted,
  exemplars: readonly (Exemplar | null)[],
): HistogramPoint {
  const { startTimeUnixNano, timeUnixNano } = span;
  const told = exemplars.flatMap((each) => (each !== null && span.isNew(each) ? [toExemplar(each)] : []));
  return { startTimeUnixNano, timeUnixNano, attributes: toAttributes(labels), ...counted, exemplars: told };
}

function toExemplar({ traceId, spanId, value, at }: Exemplar): OtlpExemplar {
  return { timeUnixNano: toNanoseconds(at), asDouble: value, spanId, traceId };
}

/** In whole milliseconds. */
export function toNanoseconds(at: Milliseconds): Nanoseconds {
  return `${Math.floor(at)}000000`;
}

/** Series hold their labels as long as they are counted: those of the report before need not be made again. */
const knownAttributes = new WeakMap<Labels, readonly Attribute[]>();

export function toAttributes(labels: Labels): readonly Attribute[] {
  let attributes = knownAttributes.get(labels);
  if (attributes === undefined) {
    attributes = Object.entries(labels).map(([key, value]) => ({ key, value: toValue(value) }));
    knownAttributes.set(labels, attributes);
  }
  return attributes;
}

function toValue(value: string | number): Attribute['value'] {
  if (typeof value === 'string') return { stringValue: value };
  return Number.isSafeInteger(value) && value >= 0 ? { intValue: value } : { doubleValue: value };
}

function toDouble(value: number): Double {
  return Number.isFinite(value) ? value : (String(value) as Double);
}

function withoutBound(labels: Labels): Labels {
  if (!('le' in labels)) return labels;
  const { le: _, ...rest } = labels;
  return rest;
}

function unitOf(name: string): string {
  const [, unit = ''] = /_(seconds|bytes|usd|ratio)(?:_total)?$/.exec(name) ?? [];
  return { seconds: 's', bytes: 'By', usd: '{USD}', ratio: '1' }[unit] ?? '1';
}
