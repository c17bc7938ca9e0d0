import { expect, test } from 'vitest';
import { metricsAsProtobuf, type MetricsRequest } from '../../src/telemetry/otlp-metrics.ts';
import { decodeProtobuf } from '../support/otlp-protobuf.ts';

/** More than the writer begins with, so that it has to grow. */
const MANY = 3_000;
const time = '1795292485381000000';
const attributes = [
  { key: 'text', value: { stringValue: 'Füße ✓' } },
  { key: 'empty', value: { stringValue: '' } },
  { key: 'whole', value: { intValue: 5_000_000_000 } },
  { key: 'part', value: { doubleValue: -0.5 } },
];
const point = { startTimeUnixNano: time, timeUnixNano: time, attributes };
const exemplar = {
  timeUnixNano: time,
  asDouble: 0.3,
  spanId: 'b7ad6b7169203331',
  traceId: '0af7651916cd43dd8448eb211c80319c',
};

const request: MetricsRequest = {
  resourceMetrics: [
    {
      resource: { attributes },
      scopeMetrics: [
        {
          scope: { name: 'one', version: '1' },
          metrics: [
            {
              name: 'counted',
              description: 'What was counted.',
              unit: '1',
              sum: {
                dataPoints: Array.from({ length: MANY }, (_, index) => ({ ...point, asDouble: index })),
                aggregationTemporality: 2,
                isMonotonic: true,
              },
            },
            {
              name: 'level',
              description: '',
              unit: '',
              gauge: { dataPoints: [{ ...point, asDouble: Number.MIN_VALUE }] },
            },
            {
              name: 'spread',
              description: 'What was spread.',
              unit: 's',
              histogram: {
                dataPoints: [
                  {
                    ...point,
                    count: 2 ** 40 + 3,
                    sum: 1e-9,
                    bucketCounts: [0, 127, 128, 2 ** 40],
                    explicitBounds: [0.1, 1, 10],
                    exemplars: [exemplar, { ...exemplar, asDouble: 12 }],
                  },
                ],
                aggregationTemporality: 2,
              },
            },
          ],
          schemaUrl: 'https://example.com/schema',
        },
        { scope: { name: 'two', version: '1' }, metrics: [] },
      ],
      schemaUrl: 'https://example.com/schema',
    },
  ],
};

/** As 64 bits are told: in digits. A list without anything in it is not there at all. */
const digits = (name: string, value: unknown): unknown => {
  if (name === 'count') return String(value);
  if (name === 'bucketCounts') return (value as number[]).map(String);
  return Array.isArray(value) && value.length === 0 ? undefined : value;
};

test('metrics read the same as protobuf and as JSON', () => {
  const decoded = decodeProtobuf(Buffer.from(metricsAsProtobuf(request)), 'MetricsRequest');
  expect(decoded).toEqual(JSON.parse(JSON.stringify(request, digits)));
});

test.each(['NaN', 'Infinity', '-Infinity'] as const)('a gauge can be %s', (asDouble) => {
  const gauge = { dataPoints: [{ ...point, asDouble }] };
  const [{ resource, schemaUrl }] = request.resourceMetrics;
  const metrics = [{ name: 'odd', description: '', unit: '', gauge }];
  const scopeMetrics = [{ scope: { name: 'one', version: '1' }, metrics }];
  const bytes = metricsAsProtobuf({ resourceMetrics: [{ resource, schemaUrl, scopeMetrics }] });
  const decoded = decodeProtobuf(Buffer.from(bytes), 'MetricsRequest') as typeof request;
  expect(decoded.resourceMetrics[0].scopeMetrics[0]!.metrics[0]!.gauge!.dataPoints[0]!.asDouble).toBe(Number(asDouble));
});
