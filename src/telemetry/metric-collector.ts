import type { Clock } from '../core/clock.ts';
import type { Milliseconds } from '../core/units.ts';
import type { Exemplar, MetricSamples } from '../record/series.ts';
import { CONVENTIONS } from './conventions.ts';
import type { GenAiMetrics } from './genai-metrics.ts';
import { genAiData, ownData, toAttributes, toNanoseconds } from './metric-data.ts';
import type { MetricsRequest, OtlpMetric } from './otlp-metrics.ts';

interface CollectorDeps {
  readonly clock: Clock;
  readonly resource: Readonly<Record<string, string | number>>;
  readonly version: string;
  readonly genAi: GenAiMetrics;
  /** Of `/metrics`; null: they are not sent. */
  readonly own: (() => Promise<readonly MetricSamples[]>) | null;
}

/** Puts together what is sent of metrics; all of it is counted elsewhere already. */
export class MetricCollector {
  private readonly deps: CollectorDeps;
  private readonly startedAt: Milliseconds;
  /** By the object: times are not exact enough. */
  private readonly told = new WeakSet<Exemplar>();
  private readonly examples = new WeakMap<MetricsRequest, readonly Exemplar[]>();

  constructor(deps: CollectorDeps) {
    this.deps = deps;
    this.startedAt = deps.clock.wall();
  }

  async collect(): Promise<MetricsRequest> {
    const { clock, resource, version, genAi, own } = this.deps;
    const samples = own === null ? [] : await own();
    const examples: Exemplar[] = [];
    const span = {
      startTimeUnixNano: toNanoseconds(this.startedAt),
      timeUnixNano: toNanoseconds(clock.wall()),
      isNew: (exemplar: Exemplar) => !this.told.has(exemplar) && examples.push(exemplar) > 0,
    };
    const metrics = samples.map((each) => ownData(each, span)).filter((each): each is OtlpMetric => each !== null);
    const { schemaUrl } = CONVENTIONS;
    const scopeMetrics = [
      { scope: { name: 'sluice', version }, metrics: genAiData(genAi, span), schemaUrl },
      { scope: { name: 'sluice.metrics', version }, metrics },
    ];
    const attributes = toAttributes(resource);
    const request: MetricsRequest = { resourceMetrics: [{ resource: { attributes }, scopeMetrics, schemaUrl }] };
    this.examples.set(request, examples);
    return request;
  }

  /** The collector has it: its examples need not be told again. */
  wasSent(request: MetricsRequest): void {
    for (const exemplar of this.examples.get(request) ?? []) this.told.add(exemplar);
  }
}
