import type { HrTime } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Clock } from '../core/clock.ts';
import type { Milliseconds } from '../core/units.ts';
import type { MetricSamples } from '../record/series.ts';
import { CONVENTIONS } from './conventions.ts';
import type { GenAiMetrics } from './genai-metrics.ts';
import { genAiData, ownData } from './metric-data.ts';

interface CollectorDeps {
  readonly clock: Clock;
  readonly resource: Resource;
  readonly version: string;
  readonly genAi: GenAiMetrics;
  /** Of `/metrics`; null: they are not sent. */
  readonly own: (() => Promise<readonly MetricSamples[]>) | null;
}

/** Puts together what is sent of metrics; all of it is counted elsewhere already. */
export class MetricCollector {
  private readonly deps: CollectorDeps;
  private readonly startTime: HrTime;

  constructor(deps: CollectorDeps) {
    this.deps = deps;
    this.startTime = wholeMilliseconds(deps.clock.wall());
  }

  async collect(): Promise<ResourceMetrics> {
    const { clock, resource, version, genAi, own } = this.deps;
    const span = { startTime: this.startTime, endTime: wholeMilliseconds(clock.wall()) };
    const samples = own === null ? [] : await own();
    const metrics = samples.map((each) => ownData(each, span)).filter((each): each is MetricData => each !== null);
    return {
      resource,
      scopeMetrics: [
        { scope: { name: 'sluice', version, schemaUrl: CONVENTIONS.schemaUrl }, metrics: genAiData(genAi, span) },
        { scope: { name: 'sluice.metrics', version }, metrics },
      ],
    };
  }
}

function wholeMilliseconds(at: Milliseconds): HrTime {
  return [Math.floor(at / 1000), Math.floor(at % 1000) * 1_000_000];
}
