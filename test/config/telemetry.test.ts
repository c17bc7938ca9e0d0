import { describe, expect, it } from 'vitest';
import type { TelemetryConfig } from '../../src/core/telling-config.ts';
import { load } from './load-text.ts';

type Environment = Readonly<Record<string, string>>;

const telemetryOf = (yaml: string, environment: Environment = {}): TelemetryConfig | null =>
  load(yaml, environment).config.telemetry;
const tracesOf = (yaml: string, environment: Environment = {}): TelemetryConfig['traces'] =>
  telemetryOf(yaml, environment)!.traces;

describe('telemetry', () => {
  it('is off where the section is not there, whatever the environment says, and where the environment says so', () => {
    expect(telemetryOf('', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' })).toBeNull();
    expect(telemetryOf('telemetry: {}', { OTEL_SDK_DISABLED: 'TRUE' })).toBeNull();
  });

  it('goes to the collector of this machine where nothing is said', () => {
    expect(telemetryOf('telemetry: {}')).toMatchObject({
      timeout: null,
      compression: null,
      resource: { 'service.name': 'sluice' },
      traces: {
        url: 'http://localhost:4318/v1/traces',
        enabled: true,
        sample: 10,
        keepErrors: false,
        trustIncoming: false,
      },
      metrics: { url: 'http://localhost:4318/v1/metrics', enabled: true, interval: 60_000, own: true },
    });
  });

  it.each([
    ['telemetry: {}', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:1/' }, 'http://c:1/v1/traces'],
    ['telemetry: {}', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t:2/in' }, 'http://t:2/in'],
    [
      'telemetry: { endpoint: "http://f:3" }',
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t:2/in' },
      'http://f:3/v1/traces',
    ],
  ])('%s with %j sends traces to %s', (yaml, environment, url) => {
    expect(tracesOf(yaml, environment as unknown as Environment).url).toBe(url);
  });

  it.each([
    ['telemetry: {}', {}, ['http/protobuf', 'http/protobuf']],
    ['telemetry: {}', { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, ['http/json', 'http/json']],
    [
      'telemetry: {}',
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/protobuf' },
      ['http/json', 'http/protobuf'],
    ],
    ['telemetry: { protocol: http/json }', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, ['http/json', 'http/json']],
  ])('%s with %j speaks %j', (yaml, environment, protocols) => {
    const { traces, metrics } = telemetryOf(yaml, environment as unknown as Environment)!;
    expect([traces.protocol, metrics.protocol]).toEqual(protocols);
  });

  it.each([
    [{ OTEL_TRACES_SAMPLER: 'always_on' }, 100],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }, 25],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio' }, 100],
    [{ OTEL_TRACES_SAMPLER: '' }, 10],
  ])('%j samples %d %%, unless the file says otherwise', (environment, sample) => {
    expect(tracesOf('telemetry: {}', environment as unknown as Environment).sample).toBe(sample);
    expect(tracesOf('telemetry: { traces: { sample: 3% } }', environment as unknown as Environment).sample).toBe(3);
  });

  it('reads intervals and what is not to be sent from the environment', () => {
    const environment = {
      OTEL_METRIC_EXPORT_INTERVAL: '5000',
      OTEL_BSP_SCHEDULE_DELAY: 'soon',
      OTEL_TRACES_EXPORTER: 'none',
    };
    const told = telemetryOf('telemetry: {}', environment)!;
    expect([told.metrics.interval, told.traces.delay, told.traces.enabled, told.metrics.enabled]).toEqual([
      5000,
      1000,
      false,
      true,
    ]);
  });

  it.each([
    ['telemetry: { endpoint: "collector:4318" }', {}, /telemetry\.endpoint.*must be a URL/],
    ['telemetry: { endpoint: "http://169.254.169.254" }', {}, /telemetry\.endpoint.*cloud metadata/],
    ['telemetry: {}', { OTEL_TRACES_SAMPLER: 'sometimes' }, /telemetry\.traces\.sample.*OTEL_TRACES_SAMPLER/],
    ['telemetry: {}', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /telemetry\.protocol.*OTEL_EXPORTER_OTLP_PROTOCOL/],
    ['telemetry: { protocol: grpc }', {}, /telemetry\.protocol/],
    ['telemetry: { traces: { content: true } }', {}, /telemetry\.traces\.content.*without their content/],
    ['telemetry: { headers: { "a b": c } }', {}, /must be a header name/],
  ])('%s with %j is refused', (yaml, environment, message) => {
    expect(() => load(yaml, environment as unknown as Environment)).toThrow(message);
  });

  it('tells providers on a private network of the trace, and others where that is asked for', () => {
    const hosts = {
      simulator: 'type: simulator',
      loopback: 'type: openai, baseUrl: "http://127.0.0.1:9/v1"',
      service: 'type: openai, baseUrl: "http://vllm.models.svc:8000/v1"',
      plain: 'type: openai, baseUrl: "http://vllm:8000/v1"',
      ten: 'type: openai, baseUrl: "http://10.1.2.3/v1"',
      six: 'type: openai, baseUrl: "http://[fd00::1]/v1"',
      vendor: 'type: openai',
      near: 'type: openai, baseUrl: "http://172.32.0.1/v1"',
      asked: 'type: anthropic, traceContext: true',
      unasked: 'type: openai, baseUrl: "http://127.0.0.1:9/v1", traceContext: false',
    };
    const providers = Object.entries(hosts).map(([name, provider]) => `  ${name}: { ${provider} }`);
    const { config } = load(`providers:\n${providers.join('\n')}\n`);
    const told = config.providers.filter(({ tellsTrace }) => tellsTrace).map(({ name }) => name);
    expect(told).toEqual(['simulator', 'loopback', 'service', 'plain', 'ten', 'six', 'asked']);
  });
});
