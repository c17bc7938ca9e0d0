import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { TelemetryConfig } from '../core/telling-config.ts';

/** Sends to a collector, and repeats what it asks to be repeated; rejects where it does not take it. */
interface Exporter<Data> {
  send(data: Data): Promise<void>;
}

type Options = NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>;

export function spanExporter({ traces, ...config }: TelemetryConfig): Exporter<ReadableSpan[]> {
  const exporter = new OTLPTraceExporter(optionsOf(traces.url, config));
  return { send: (spans) => asPromise((done) => exporter.export(spans, done)) };
}

export function metricExporter({ metrics, ...config }: TelemetryConfig): Exporter<ResourceMetrics> {
  const exporter = new OTLPMetricExporter(optionsOf(metrics.url, config));
  return { send: (data) => asPromise((done) => exporter.export(data, done)) };
}

/** What is left out the exporter finds in the environment: `OTEL_EXPORTER_OTLP_HEADERS`, `…_CERTIFICATE` and the like. */
function optionsOf(url: string, config: Pick<TelemetryConfig, 'headers' | 'timeout' | 'compression'>): Options {
  const { headers, timeout, compression } = config;
  return {
    url,
    headers,
    concurrencyLimit: 1,
    ...(timeout === null ? {} : { timeoutMillis: timeout }),
    ...(compression === null ? {} : { compression: compression as NonNullable<Options['compression']> }),
  };
}

/** @source `ExportResultCode.SUCCESS` of @opentelemetry/core */
const SUCCESS = 0;

function asPromise(run: (done: (result: { code: number; error?: Error }) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    run(({ code, error }) => {
      if (code === SUCCESS) resolve();
      else reject(error ?? new Error('the collector took nothing'));
    });
  });
}
