import { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http';
import {
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
  type ISerializer,
} from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Clock } from '../core/clock.ts';
import type { OtlpProtocol, TelemetryConfig } from '../core/telling-config.ts';
import type { CollectorOptions } from './collector-post.ts';
import { metricsAsJson, metricsAsProtobuf, type MetricsRequest } from './otlp-metrics.ts';
import { OtlpSender, type PartialSuccess, type Serializer } from './otlp-sender.ts';

interface ExporterDeps {
  readonly config: TelemetryConfig;
  readonly version: string;
  readonly clock: Clock;
}

export function spanExporter({ config, ...deps }: ExporterDeps): OtlpSender<ReadableSpan[]> {
  const { url, protocol } = config.traces;
  const official = protocol === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer;
  const readPartial = partialReader(official, (partial) => partial?.rejectedSpans);
  const serialize = (spans: ReadableSpan[]) => official.serializeRequest(spans);
  const serializer = { contentType: CONTENT_TYPES[protocol], serialize, readPartial };
  return openSender(optionsOf('TRACES', url, config), serializer, deps);
}

export function metricExporter({ config, ...deps }: ExporterDeps): OtlpSender<MetricsRequest> {
  const { url, protocol } = config.metrics;
  const official = protocol === 'http/json' ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  const readPartial = partialReader(official, (partial) => partial?.rejectedDataPoints);
  const serialize = protocol === 'http/json' ? metricsAsJson : metricsAsProtobuf;
  const serializer = { contentType: CONTENT_TYPES[protocol], serialize, readPartial };
  return openSender(optionsOf('METRICS', url, config), serializer, deps);
}

function openSender<Data>(
  options: CollectorOptions,
  serializer: Serializer<Data>,
  { version, clock }: Omit<ExporterDeps, 'config'>,
): OtlpSender<Data> {
  return new OtlpSender({ options, serializer, clock, userAgent: `Sluice-OTLP-Exporter-JavaScript/${version}` });
}

/** What is left out is found in the environment: `OTEL_EXPORTER_OTLP_HEADERS`, `…_CERTIFICATE` and the like. */
function optionsOf(
  signal: 'TRACES' | 'METRICS',
  url: string,
  { headers, timeout, compression }: TelemetryConfig,
): CollectorOptions {
  const given = {
    url,
    headers,
    ...(timeout === null ? {} : { timeoutMillis: timeout }),
    ...(compression === null ? {} : { compression: compression as CollectorOptions['compression'] }),
  } as Parameters<typeof convertLegacyHttpOptions>[0];
  return convertLegacyHttpOptions(given, signal, '', {});
}

const CONTENT_TYPES: Readonly<Record<OtlpProtocol, string>> = {
  'http/protobuf': 'application/x-protobuf',
  'http/json': 'application/json',
};

interface Partial {
  readonly errorMessage?: string;
}

function partialReader<P extends Partial>(
  official: Pick<ISerializer<never, { readonly partialSuccess?: P }>, 'deserializeResponse'>,
  rejectedOf: (partial: P | undefined) => unknown,
): (body: Uint8Array) => PartialSuccess {
  return (body) => {
    const { partialSuccess } = official.deserializeResponse(body);
    // JSON writes 64 bits as text.
    const rejected = Number(rejectedOf(partialSuccess) ?? 0);
    return { rejected: rejected > 0 ? rejected : 0, message: partialSuccess?.errorMessage ?? '' };
  };
}
