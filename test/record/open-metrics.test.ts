import { expect, test } from 'vitest';
import { openMetricsText } from '../../src/record/open-metrics.ts';

const EXEMPLAR = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), value: 0.3, at: 1_700_000_000_123 };

test('counters have a family without _total, histograms their examples, and the end is marked', () => {
  const text = openMetricsText([
    { name: 'a_total', help: 'One "x"\nand \\', type: 'counter', values: [{ value: 2, labels: { l: 'a"b\\c\nd' } }] },
    { name: 'g', help: 'G', type: 'gauge', values: [{ value: Infinity, labels: {} }] },
    {
      name: 'h_seconds',
      help: 'H',
      type: 'histogram',
      values: [
        { value: 1, labels: { le: 1 }, metricName: 'h_seconds_bucket', exemplar: EXEMPLAR },
        { value: 1, labels: { le: '+Inf' }, metricName: 'h_seconds_bucket', exemplar: null },
        { value: 0.3, labels: {}, metricName: 'h_seconds_sum' },
        { value: 1, labels: {}, metricName: 'h_seconds_count' },
      ],
    },
  ]);
  expect(text.split('\n')).toEqual([
    '# TYPE a counter',
    '# HELP a One \\"x\\"\\nand \\\\',
    'a_total{l="a\\"b\\\\c\\nd"} 2',
    '# TYPE g gauge',
    '# HELP g G',
    'g +Inf',
    '# TYPE h_seconds histogram',
    '# HELP h_seconds H',
    `h_seconds_bucket{le="1.0"} 1 # {trace_id="${EXEMPLAR.traceId}",span_id="${EXEMPLAR.spanId}"} 0.3 1700000000.123`,
    'h_seconds_bucket{le="+Inf"} 1',
    'h_seconds_sum 0.3',
    'h_seconds_count 1',
    '# EOF',
    '',
  ]);
});
