import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import type { Clock } from '../core/clock.ts';
import type { ProviderConfig } from '../core/config.ts';
import type { TelemetryConfig, TracesConfig } from '../core/telling-config.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Tracer } from '../core/tracer.ts';
import type { Milliseconds } from '../core/units.ts';
import type { MetricSamples } from '../record/series.ts';
import { CONVENTIONS } from './conventions.ts';
import { metricExporter, spanExporter } from './exporters.ts';
import { ExportQueue, type ExportResult } from './export-queue.ts';
import { GenAiMetrics } from './genai-metrics.ts';
import { MetricCollector } from './metric-collector.ts';
import type { OtlpSender, PartialSuccess } from './otlp-sender.ts';
import type { MetricsRequest } from './otlp-metrics.ts';
import { RequestTracer } from './request-tracer.ts';
import { SpanMaker } from './spans.ts';

export interface TelemetryDeps {
  readonly config: TelemetryConfig;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** As the configuration in force says. */
  rules(): TracesConfig;
  providers(): readonly ProviderConfig[];
  samples(): Promise<readonly MetricSamples[]>;
  counted(signal: 'traces' | 'metrics', result: ExportResult, count: number): void;
}

/** At a stop, for each signal: after that its collector counts as away. */
const CLOSING_TIME: Milliseconds = 5_000;
/** Cumulative: the newest one says all that the others would have said. */
const MOST_METRIC_BATCHES = 2;

/** What goes to a collector. Loaded only where the configuration has one. */
export class LiveTelemetry {
  /** Null: requests are not traced. */
  readonly tracer: Tracer | null;
  private readonly requestTracer: RequestTracer | null;
  private readonly spans: ExportQueue<ReadableSpan> | null;
  private readonly metrics: MetricReports | null;
  private readonly clock: Clock;

  constructor(deps: TelemetryDeps) {
    const { config, version, clock, log, counted } = deps;
    const attributes = attributesOf(config, version);
    const resource = resourceFromAttributes(attributes, { schemaUrl: CONVENTIONS.schemaUrl });
    this.clock = clock;
    this.spans = config.traces.enabled
      ? new ExportQueue({
          what: 'traces',
          capacity: config.traces.queue,
          delay: config.traces.delay,
          log,
          counted: (result, count) => counted('traces', result, count),
          send: sendingOf(spanExporter({ config, version, clock })),
        })
      : null;
    const spans = new SpanMaker({ resource, version, showsContent: () => deps.rules().content });
    this.requestTracer =
      this.spans === null
        ? null
        : new RequestTracer({ clock, spans, rules: deps.rules, export: (span) => this.spans!.add(span) });
    this.tracer = this.requestTracer;
    this.metrics = config.metrics.enabled ? new MetricReports(deps, attributes) : null;
  }

  /** Once per exchange, at its end. */
  finished(exchange: Exchange): void {
    this.requestTracer?.finished(exchange);
    this.metrics?.finished(exchange, this.clock.now() - exchange.receivedAt);
  }

  async close(): Promise<void> {
    await Promise.all([this.spans?.close(CLOSING_TIME), this.metrics?.close()]);
  }
}

function sendingOf<Data>(sender: OtlpSender<Data>): (data: Data) => Promise<PartialSuccess> {
  return (data) => sender.send(data);
}

/** Metrics, at intervals. */
class MetricReports {
  private readonly deps: TelemetryDeps;
  private readonly genAi = new GenAiMetrics();
  private readonly collector: MetricCollector;
  private readonly queue: ExportQueue<MetricsRequest>;
  private readonly timer: NodeJS.Timeout;
  private served: ProviderConfig | null = null;

  constructor(deps: TelemetryDeps, resource: Attributes) {
    const { config, version, clock, log, counted } = deps;
    this.deps = deps;
    const own = config.metrics.own ? () => deps.samples() : null;
    this.collector = new MetricCollector({ clock, resource, version, genAi: this.genAi, own });
    const exporter = metricExporter({ config, version, clock });
    this.queue = new ExportQueue({
      what: 'metrics',
      capacity: MOST_METRIC_BATCHES,
      delay: 0,
      log,
      counted: (result, count) => counted('metrics', result, count),
      send: (batch) => this.send(batch.at(-1)!, exporter),
    });
    this.timer = setInterval(() => void this.report(), config.metrics.interval).unref();
  }

  finished(exchange: Exchange, duration: Milliseconds): void {
    if (exchange.attempts === 0) return;
    const provider = this.providerOf(exchange.provider);
    if (provider !== undefined) this.genAi.finished(exchange, provider, duration);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.report();
    await this.queue.close(CLOSING_TIME);
  }

  private async report(): Promise<void> {
    this.queue.add(await this.collector.collect());
  }

  private async send(request: MetricsRequest, exporter: OtlpSender<MetricsRequest>): Promise<PartialSuccess> {
    const partial = await exporter.send(request);
    this.collector.wasSent(request);
    return partial;
  }

  /** Nearly always the same as before. */
  private providerOf(name: string): ProviderConfig | undefined {
    const providers = this.deps.providers();
    if (this.served?.name === name && providers.includes(this.served)) return this.served;
    const found = providers.find((each) => each.name === name);
    this.served = found ?? null;
    return found;
  }
}

type Attributes = Readonly<Record<string, string | number>>;

/** What the configuration says of this process goes before what is found out. */
function attributesOf({ resource }: TelemetryConfig, version: string): Attributes {
  return {
    'service.version': version,
    'service.instance.id': randomUUID(),
    'host.name': hostname(),
    'process.pid': process.pid,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
    ...resource,
  };
}
