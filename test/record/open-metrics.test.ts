import { expect, test } from 'vitest';
import { openMetricsText, prefersOpenMetrics } from '../../src/record/open-metrics.ts';

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

const PROMETHEUS =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';

test.each([
  [PROMETHEUS, true],
  ['application/openmetrics-text', true],
  ['Application/OpenMetrics-Text; version=1.0.0, text/plain', true],
  ['text/plain;version=0.0.4;q=0.5, application/openmetrics-text;q=0.4', false],
  ['application/openmetrics-text;q=0', false],
  ['text/plain', false],
  ['*/*', false],
  ['', false],
  [null, false],
])('a scraper that accepts %j would rather have it: %j', (accept, isPreferred) => {
  expect(prefersOpenMetrics(accept)).toBe(isPreferred);
});
