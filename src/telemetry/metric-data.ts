import { ValueType, type HrTime } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import type { DataPoint, Histogram, MetricData } from '@opentelemetry/sdk-metrics';
import type { HistogramSeries, MetricSamples } from '../record/series.ts';
import { INSTRUMENTS } from './conventions.ts';
import type { GenAiMetrics, InstrumentName } from './genai-metrics.ts';

/** Since when, until when: all sums are cumulative. */
export interface MetricSpan {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

type Labels = Readonly<Record<string, string | number>>;

/** Instruments that nothing was fed into are left out. */
export function genAiData(metrics: GenAiMetrics, span: MetricSpan): MetricData[] {
  return (Object.keys(INSTRUMENTS) as InstrumentName[]).flatMap((instrument): MetricData[] => {
    const { name, unit, about } = INSTRUMENTS[instrument];
    const points = metrics.of(instrument).flatMap((series) => toPoint(series, span));
    return points.length === 0 ? [] : [histogram({ name, unit, description: about }, points)];
  });
}

function toPoint({ labels, buckets, counts, sum }: HistogramSeries, span: MetricSpan): DataPoint<Histogram>[] {
  const count = counts.reduce((total, each) => total + each, 0);
  if (count === 0) return [];
  return [
    { ...span, attributes: labels, value: { buckets: { boundaries: [...buckets], counts: [...counts] }, sum, count } },
  ];
}

/** What `/metrics` tells, under the same names; a collector's Prometheus side puts `_total` back. */
export function ownData({ name, help, type, values }: MetricSamples, span: MetricSpan): MetricData | null {
  if (values.length === 0) return null;
  const described = { name: name.replace(/_total$/, ''), unit: unitOf(name), description: help };
  if (type === 'histogram') return histogram(described, fromSamples(name, values, span));
  const dataPoints = values.map(({ value, labels }) => ({ ...span, attributes: labels, value }));
  const common = { descriptor: { ...described, valueType: ValueType.DOUBLE }, aggregationTemporality: CUMULATIVE };
  if (type === 'counter') return { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
  return type === 'gauge' ? { ...common, dataPointType: DataPointType.GAUGE, dataPoints } : null;
}

const CUMULATIVE = AggregationTemporality.CUMULATIVE;

interface Described {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

function histogram(described: Described, dataPoints: DataPoint<Histogram>[]): MetricData {
  return {
    descriptor: { ...described, valueType: ValueType.DOUBLE },
    aggregationTemporality: CUMULATIVE,
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints,
  };
}

/** Prometheus' buckets each hold all smaller ones as well. */
function fromSamples(name: string, values: MetricSamples['values'], span: MetricSpan): DataPoint<Histogram>[] {
  const points: DataPoint<Histogram>[] = [];
  let boundaries: number[] = [];
  let counts: number[] = [];
  let total = 0;
  let sum = 0;
  for (const { metricName = name, value, labels } of values) {
    if (metricName.endsWith('_bucket')) {
      counts.push(value - total);
      total = value;
      if (labels['le'] !== '+Inf') boundaries.push(Number(labels['le']));
    } else if (metricName.endsWith('_sum')) sum = value;
    else {
      points.push({
        ...span,
        attributes: withoutBound(labels),
        value: { buckets: { boundaries, counts }, sum, count: value },
      });
      [boundaries, counts, total] = [[], [], 0];
    }
  }
  return points;
}

function withoutBound(labels: Labels): Labels {
  const { le: _, ...rest } = labels;
  return rest;
}

function unitOf(name: string): string {
  const [, unit = ''] = /_(seconds|bytes|usd|ratio)(?:_total)?$/.exec(name) ?? [];
  return { seconds: 's', bytes: 'By', usd: '{USD}', ratio: '1' }[unit] ?? '1';
}
