import { expect, test } from 'vitest';
import { HistogramSeries } from '../../src/record/series.ts';
import { GenAiMetrics } from '../../src/telemetry/genai-metrics.ts';
import { MetricCollector } from '../../src/telemetry/metric-collector.ts';
import type { MetricsRequest } from '../../src/telemetry/otlp-metrics.ts';

const exemplarOf = (request: MetricsRequest): readonly number[] =>
  request.resourceMetrics[0].scopeMetrics[1]!.metrics[0]!.histogram!.dataPoints[0]!.exemplars.map(
    ({ asDouble }) => asDouble,
  );

test('an example is told until a collector has it, and then no more', async () => {
  const series = new HistogramSeries({ route: 'chat' }, [1]);
  const ids = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
  const observe = (value: number): void => series.exemplify(series.observe(value), { ...ids, value, at: 1_000 });
  const samples = () => {
    const [labels, [below, above]] = [series.labels, series.exemplars!];
    const values = [
      { metricName: 'h_bucket', labels: { ...labels, le: 1 }, value: series.counts[0]!, exemplar: below! },
      { metricName: 'h_bucket', labels: { ...labels, le: '+Inf' }, value: 3, exemplar: above! },
      { metricName: 'h_sum', labels, value: series.sum },
      { metricName: 'h_count', labels, value: 3 },
    ];
    return Promise.resolve([{ name: 'h', help: 'H', type: 'histogram', values }]);
  };
  const clock = { now: () => 0, wall: () => 2_000 };
  const collector = new MetricCollector({ clock, resource: {}, version: '1', genAi: new GenAiMetrics(), own: samples });
  observe(0.5);
  expect(exemplarOf(await collector.collect())).toEqual([0.5]);
  const request = await collector.collect();
  expect(exemplarOf(request)).toEqual([0.5]);
  collector.wasSent(request);
  expect(exemplarOf(await collector.collect())).toEqual([]);
  observe(0.5);
  observe(7);
  expect(exemplarOf(await collector.collect())).toEqual([0.5, 7]);
});
